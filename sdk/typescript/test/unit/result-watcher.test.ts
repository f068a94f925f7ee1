import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ResultWatcher } from '../../src/client/result-watcher.js';
import { ReseolioError } from '../../src/errors.js';
import type { JobResult, WatchResultsRequest, WatchResultsResponse } from '../../src/gen/reseolio/v1/jobs.js';
import { Connection } from '../../src/transport/connection.js';
import type { StreamListener, Transport } from '../../src/transport/transport.js';

interface Stream {
  listener: StreamListener<WatchResultsResponse>;
  ids: string[];
}

/** A sidecar of which the test plays the part. */
async function sidecar() {
  const streams: Stream[] = [];
  const opened: ((stream: Stream) => void)[] = [];
  const transport = {
    address: 'here',
    lost: new Promise<void>(() => {}),
    watchResults: (listener: StreamListener<WatchResultsResponse>) => {
      const stream: Stream = { listener, ids: [] };
      streams.push(stream);
      return {
        send: ({ jobIds }: WatchResultsRequest) => {
          stream.ids.push(...jobIds);
          opened.shift()?.(stream);
        },
        end: () => {},
        cancel: () => {},
      };
    },
    close: () => {},
  } as unknown as Transport;
  const connection = new Connection({ address: async () => 'here' }, async () => transport);
  const watcher = new ResultWatcher(connection);
  connection.open();
  await once(connection, 'connected');
  /** The next stream that something is asked on. */
  const asked = () => new Promise<Stream>((resolve) => opened.push(resolve));
  const stop = () => {
    watcher.close();
    connection.close();
  };
  return { watcher, streams, asked, stop };
}

const results = (...ids: string[]): WatchResultsResponse => ({
  results: ids.map((jobId) => ({ jobId }) as JobResult),
  unknownJobIds: [],
});

test('a stream that the sidecar ended is opened again after a delay, for all waits, whatever is waited for meanwhile', async () => {
  const { watcher, streams, asked, stop } = await sidecar();
  const ask = asked();
  const first = watcher.wait('first');
  const stream = await ask;
  const again = asked();
  stream.listener.onEnd(new ReseolioError('overloaded', 'too much waits'));
  const second = watcher.wait('second');
  await new Promise(setImmediate);
  assert.equal(streams.length, 1, 'not at once');
  const next = await again;
  assert.deepEqual(next.ids, ['first', 'second']);
  next.listener.onMessage(results('second', 'first'));
  assert.equal((await first).jobId, 'first');
  assert.equal((await second).jobId, 'second');
  stop();
});
