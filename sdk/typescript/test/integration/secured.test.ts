import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ReseolioError } from '../../src/index.js';
import { client, started, storage, unique } from './support.js';

const bin = process.env.RESEOLIO_BIN as string;
const tls = { ca: 'server.crt', cert: 'client.crt', key: 'client.key' };
let sidecar: ChildProcess;
let address = '';
let good = '';
let viewer = '';

/** Self-signed, so it is its own authority. */
function certificate(name: string): void {
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' });
}

function token(role: string): string {
  return execFileSync(bin, ['token', 'create', '--role', role, '--file', 'tokens'], { encoding: 'utf8' }).trim();
}

before(async () => {
  certificate('server');
  certificate('client');
  good = token('client,worker');
  viewer = token('viewer');
  const files = ['--tokens-file', 'tokens', '--tls-cert', 'server.crt', '--tls-key', 'server.key'];
  const listening = ['--address', '127.0.0.1:0', '--http-address', 'off', '--tls-client-ca', 'client.crt'];
  sidecar = spawn(bin, ['server', ...listening, ...files, '--beat-interval', '300ms'], {
    env: storage === undefined ? process.env : { ...process.env, RESEOLIO_STORAGE: storage },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (sidecar.stdout === null) throw new Error('no stdout');
  const [line] = await once(createInterface({ input: sidecar.stdout }), 'line');
  address = JSON.parse(line).address.replace('127.0.0.1', 'localhost');
});

after(async () => {
  const exited = once(sidecar, 'exit');
  sidecar.kill();
  await exited;
});

test('a token and a certificate let a job run, also one that outlasts three beats', async () => {
  const reseolio = await started({ address, tls, token: good });
  const slow = reseolio.durable(unique('slow'), async (ms: number) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return 'done';
  });
  const handle = await slow(1500);
  assert.equal(await handle.result(), 'done');
  assert.equal((await handle.details()).attempt, 1);
  await reseolio.stop();
});

for (const [who, code] of [
  ['a stranger', 'unauthenticated'],
  ['a viewer', 'permission_denied'],
] as const) {
  test(`a call of ${who} fails at once and says what to do`, async () => {
    const secret = who === 'a viewer' ? viewer : 'rsl_wrong';
    const reseolio = await started({ address, tls, token: secret, concurrency: 0 });
    const call = reseolio.durable(unique('refused'), async () => 1);
    await assert.rejects(call(), (error) => {
      assert.ok(error instanceof ReseolioError);
      assert.equal(error.code, code);
      assert.match(error.message, /token/);
      assert.ok(!error.message.includes(secret));
      return true;
    });
    await reseolio.stop();
  });
}

test('without a certificate, or without TLS, there is no connection', async () => {
  for (const options of [{ tls: { ca: 'server.crt' } }, { tls: { ca: 'client.crt' } }, {}]) {
    const reseolio = client({ address, token: good, startTimeoutMs: 1500, ...options });
    await assert.rejects(reseolio.start(), { code: 'not_connected' });
  }
});
