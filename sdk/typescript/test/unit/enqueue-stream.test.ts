import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnqueueRequest, EnqueueStreamRequest, EnqueueStreamResponse } from '../../src/gen/reseolio/v1/jobs.js';
import { EnqueueStream } from '../../src/transport/enqueue-stream.js';
import type { StreamListener } from '../../src/transport/transport.js';

const JOB = { function: 'f' } as EnqueueRequest;
const soon = () => Date.now() + 10_000;

/** A server of which the test plays the part. */
function server() {
  const streams: { listener: StreamListener<EnqueueStreamResponse>; sent: EnqueueStreamRequest[]; ended: boolean }[] =
    [];
  const client = new EnqueueStream((listener) => {
    const stream = { listener, sent: [] as EnqueueStreamRequest[], ended: false };
    streams.push(stream);
    return {
      send: (message) => stream.sent.push(message),
      end: () => {
        stream.ended = true;
      },
      cancel: () => {},
    };
  });
  return { client, streams };
}

test('each batch gets the answer with its number', async () => {
  const { client, streams } = server();
  const first = client.enqueue([JOB], soon());
  const second = client.enqueue([JOB], soon());
  const [stream] = streams;
  assert.equal(streams.length, 1);
  const [one, two] = stream?.sent ?? [];
  assert.notEqual(one?.number, two?.number);
  stream?.listener.onMessage({ number: two?.number ?? 0, results: [] });
  stream?.listener.onMessage({ number: one?.number ?? 0, results: [{ result: undefined }] });
  assert.equal((await first).length, 1);
  assert.equal((await second).length, 0);
  client.close();
});

test('a stream that breaks rejects what is under way, and the next batch opens another', async () => {
  const { client, streams } = server();
  const lost = client.enqueue([JOB], soon());
  streams[0]?.listener.onEnd();
  await assert.rejects(lost, { code: 'outcome_unknown', maybeSent: true });
  const again = client.enqueue([JOB], soon());
  assert.equal(streams.length, 2);
  streams[1]?.listener.onMessage({ number: streams[1]?.sent[0]?.number ?? 0, results: [] });
  await again;
  client.close();
});

test('a server that goes silent costs the time limit, no more', async () => {
  const { client } = server();
  await assert.rejects(client.enqueue([JOB], Date.now() + 20), { code: 'outcome_unknown', maybeSent: true });
  client.close();
});

test('closing lets what is under way have its answer', async () => {
  const { client, streams } = server();
  const last = client.enqueue([JOB], soon());
  client.close();
  assert.equal(streams[0]?.ended, true);
  streams[0]?.listener.onMessage({ number: streams[0]?.sent[0]?.number ?? 0, results: [] });
  await last;
});
