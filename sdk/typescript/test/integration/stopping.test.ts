import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { abortSignal, CancelledError, type Reseolio, TimeoutError } from '../../src/index.js';
import { aborted, client, Gate, started, unique } from './support.js';

let reseolio: Reseolio;
before(async () => {
  reseolio = await started();
});

test('a waiting job is cancelled at once', async () => {
  const fn = reseolio.durable(unique('waiting'), () => 1);
  const handle = await fn.with({ delayMs: 3_600_000 })();
  assert.equal(await handle.cancel(), true);
  await assert.rejects(handle.result(), { name: 'JobCancelledError', jobId: handle.id });
  assert.equal(await handle.cancel(), false);
});

test('a running job is told to stop by its signal', async () => {
  const running = new Gate();
  const told = new Gate<unknown>();
  const fn = reseolio.durable(unique('running'), async () => {
    running.open();
    told.open(await aborted(abortSignal()));
    throw abortSignal().reason;
  });
  const handle = await fn();
  await running.passed;
  assert.equal(await handle.cancel(), true);
  await assert.rejects(handle.result(), { name: 'JobCancelledError' });
  assert.ok((await told.passed) instanceof CancelledError);
});

test('an attempt over its time is told so, counted, and tried again', async () => {
  const reasons: unknown[] = [];
  const fn = reseolio.durable(
    unique('timeout'),
    async () => {
      reasons.push(await aborted(abortSignal()));
      throw abortSignal().reason;
    },
    { timeoutMs: 50, maxAttempts: 2, initialDelayMs: 1 },
  );
  await assert.rejects((await fn()).result(), { name: 'JobFailedError', attempts: 2, type: 'Timeout' });
  assert.ok(reasons.every((reason) => reason instanceof TimeoutError) && reasons.length === 2);
});

test('a handler that hangs loses its lease and does not hold up the worker', async () => {
  const alone = await started({ address: reseolio.address ?? '', concurrency: 1 });
  const never = new Promise<never>(() => {});
  const hang = alone.durable(unique('hang'), () => never, { timeoutMs: 50, maxAttempts: 1 });
  await assert.rejects((await hang()).result(), { name: 'JobFailedError', type: 'Timeout' });
  const fine = alone.durable(unique('fine'), () => 'fine');
  assert.equal(await (await fine()).result(), 'fine');
  await alone.stop();
});

test('no more handlers run at once than the concurrency', async () => {
  const three = await started({ address: reseolio.address ?? '', concurrency: 3 });
  let running = 0;
  let most = 0;
  const full = new Gate();
  const fn = three.durable(unique('three'), async () => {
    most = Math.max(most, ++running);
    if (running === 3) full.open();
    await full.passed;
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  });
  const handles = await Promise.all(Array.from({ length: 30 }, () => fn()));
  await Promise.all(handles.map((handle) => handle.result()));
  assert.equal(most, 3);
  await three.stop();
});

test('stop() lets running handlers finish, and loses no job', async () => {
  const name = unique('graceful');
  const running = new Gate();
  const finish = new Gate();
  const leaving = await started({ address: reseolio.address ?? '', concurrency: 1 });
  const fn = leaving.durable(name, async (i: number) => {
    running.open();
    await finish.passed;
    return `left ${i}`;
  });
  const handles = await Promise.all([0, 1, 2, 3].map((i) => fn(i)));
  await running.passed;
  const stopped = leaving.stop();
  finish.open();
  await stopped;
  reseolio.durable(name, (i: number) => `stayed ${i}`);
  const results = await Promise.all(handles.map(({ id }) => reseolio.handle<string>(id).result()));
  assert.ok(results.some((result) => result.startsWith('left')));
  assert.deepEqual(
    results.map((result) => result.split(' ')[1]),
    ['0', '1', '2', '3'],
  );
  for (const { id } of handles) assert.equal((await reseolio.handle(id).details()).failures, 0);
});

test('handlers that do not finish in time are handed back without a failure', async () => {
  const name = unique('handed');
  const running = new Gate();
  const leaving = await started({ address: reseolio.address ?? '', stopTimeoutMs: 0 });
  const fn = leaving.durable(name, async () => {
    running.open();
    throw await aborted(abortSignal());
  });
  const { id } = await fn();
  await running.passed;
  await leaving.stop();
  reseolio.durable(name, () => 'here');
  const handle = reseolio.handle(id);
  assert.equal(await handle.result(), 'here');
  assert.equal((await handle.details()).failures, 0);
});

test('start and stop are idempotent, and a stopped client can start again', async () => {
  const again = client({ address: reseolio.address ?? '' });
  const fn = again.durable(unique('again'), () => 'again');
  await again.stop();
  await Promise.all([again.start(), again.start()]);
  const handle = await fn();
  await handle.result();
  await Promise.all([again.stop(), again.stop()]);
  await assert.rejects(fn(), { name: 'NotConnectedError' });
  await again.start();
  assert.equal(await (await fn()).result(), 'again');
  await again.stop();
});
