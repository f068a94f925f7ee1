import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { storage } from './support.js';

const METHOD = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const [FILE_CONTAINING_SYMBOL, LIST_SERVICES] = [4, 7];

/** What the reflection service answers to a question that is one string. */
async function ask(client: Client, field: number, text: string): Promise<string> {
  const same = (bytes: Buffer): Buffer => bytes;
  const call = client.makeBidiStreamRequest(METHOD, same, same);
  call.end(Buffer.from([(field << 3) | 2, text.length, ...Buffer.from(text)]));
  const [answer] = await once(call, 'data');
  return answer.toString('latin1');
}

test('grpcurl and its like read the contract from the sidecar', async () => {
  const listening = ['--address', '127.0.0.1:0', '--http-address', 'off'];
  const sidecar = spawn(process.env.RESEOLIO_BIN as string, ['server', ...listening], {
    env: storage === undefined ? process.env : { ...process.env, RESEOLIO_STORAGE: storage },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(sidecar, 'exit');
  try {
    const [line] = await once(createInterface({ input: sidecar.stdout }), 'line');
    const client = new Client(JSON.parse(line).address, credentials.createInsecure());
    assert.match(await ask(client, LIST_SERVICES, '*'), /reseolio\.v1\.JobService/);
    assert.match(await ask(client, FILE_CONTAINING_SYMBOL, 'reseolio.v1.JobService'), /EnqueueRequest/);
    client.close();
  } finally {
    sidecar.kill();
    await exited;
  }
});
