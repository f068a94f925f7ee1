// Makes the AOT cache of an image: starts its sidecar as users do, with default settings on a named PostgreSQL (an embedded one that
// another sidecar has started), puts real jobs through it (calls one by one and many at once, failures with retries, idempotency keys,
// results, metrics), and stops it with SIGTERM; the JVM then writes down what it had loaded and linked.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { NonRetryableError, Reseolio } from '../sdk/typescript/dist/index.js';

const [rounds, jobs] = [300, 3000];
const image = resolve(process.argv[2]);
const cache = join(image, 'lib/reseolio.aot');
// Without profiles for a C2 compiler, which the launcher does not use.
const options = `-XX:AOTCacheOutput=${cache} -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining`;
const data = mkdtempSync(join(tmpdir(), 'reseolio-train-'));

const host = start([`--data-dir=${data}`, '--http-address=off'], '');
let sidecar;
try {
  await ready(host);
  sidecar = start([`--storage=${storage()}`, '--http-address=127.0.0.1:0'], options);
  await traffic(await ready(sidecar));
} finally {
  await stop(sidecar); // it has written the cache by then
  await stop(host);
  rmSync(data, { recursive: true, force: true });
}
console.log(`  ${rounds + jobs} jobs, ${Math.round(statSync(cache).size / 1e6)} MB`);

// What it logs is in target/dist: the training is to log as users do.
function start(flags, javaOptions) {
  return spawn(join(image, 'bin/reseolio'), ['server', '--address=127.0.0.1:0', '--exit-with-parent', ...flags], {
    stdio: ['ignore', 'pipe', openSync(join(image, '../train.log'), 'a')],
    env: { PATH: process.env.PATH, RESEOLIO_JAVA_OPTS: javaOptions },
  });
}

async function ready(sidecar) {
  const said = createInterface({ input: sidecar.stdout });
  const line = await Promise.race(['line', 'close'].map((event) => new Promise((read) => said.once(event, read))));
  if (line === undefined) throw new Error('a sidecar did not start: see train.log');
  return JSON.parse(line);
}

async function stop(sidecar) {
  if (sidecar?.exitCode !== null || sidecar.signalCode !== null) return;
  sidecar.kill('SIGTERM');
  await new Promise((done) => sidecar.once('exit', done));
}

function storage() {
  const password = readFileSync(join(data, 'password'), 'utf8').trim();
  const { port } = JSON.parse(readFileSync(join(data, 'postgres.json'), 'utf8'));
  return `postgres://reseolio:${password}@127.0.0.1:${port}/reseolio`;
}

async function traffic({ address, http }) {
  const reseolio = new Reseolio({ address });
  await reseolio.start();
  const retries = { maxAttempts: 3, backoff: 'fixed', initialDelayMs: 10 };
  const failed = new Set();
  const flaky = reseolio.durable('train:jobs:flaky', flakyHandler, retries);
  const broken = reseolio.durable('train:jobs:broken', () => Promise.reject(new NonRetryableError('as planned')));

  async function flakyHandler(i, text) {
    if (i % 10 === 0 && !failed.has(i)) throw failed.add(i) && new Error('as planned');
    return { i, text };
  }

  for (let i = 1; i <= rounds; i++) await (await flaky(i, 'one by one', { idempotencyKey: `${i % 200}` })).result();
  const handles = await Promise.all(Array.from({ length: jobs }, (_, i) => flaky(i, 'many at once')));
  await Promise.all(handles.map((handle) => handle.result()));
  await (await broken()).result().catch(() => {});
  await (await flaky(1, 'later', { delayMs: 60_000 })).cancel();
  await handles[0].details();
  for (const path of ['healthz', 'readyz', 'metrics']) await (await fetch(`http://${http}/${path}`)).text();
  await reseolio.stop();
}
