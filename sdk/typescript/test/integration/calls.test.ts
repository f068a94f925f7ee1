import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { context, type JobEvent, type Reseolio } from '../../src/index.js';
import { client, next, started, unique } from './support.js';

let reseolio: Reseolio;
before(async () => {
  reseolio = await started();
});

test('the same idempotency key is the same job, per function', async () => {
  let runs = 0;
  const count = () => ++runs;
  const [one, other] = [reseolio.durable(unique('one'), count), reseolio.durable(unique('other'), count)];
  const options = { idempotencyKey: 'key', keyTtlMs: 60_000 };
  const handles = await Promise.all([one.with(options)(), one.with(options)(), one(options), other.with(options)()]);
  await Promise.all(handles.map((handle) => handle.result()));
  assert.equal(new Set(handles.map(({ id }) => id)).size, 2);
  assert.equal(runs, 2);
});

test('details tell how the job was called and how it went', async () => {
  const name = unique('told');
  const fn = reseolio.durable(name, (a: string, b: number) => ({ a, b, key: context().idempotencyKey }), {
    priority: 2,
  });
  const before = Date.now();
  const handle = await fn('x', 1, {
    idempotencyKey: 'k',
    tags: ['red', 'blue'],
    queue: 'side',
    timeoutMs: 1234,
    deadlineMs: 60_000,
  });
  assert.deepEqual(await handle.result(), { a: 'x', b: 1, key: 'k' });
  const details = await handle.details();
  assert.equal(details.function, name);
  assert.deepEqual(details.args, ['x', 1]);
  assert.deepEqual(details.result, { a: 'x', b: 1, key: 'k' });
  assert.deepEqual([...details.tags].sort(), ['blue', 'red']);
  assert.equal(details.queue, 'side');
  assert.equal(details.priority, 2);
  assert.equal(details.timeoutMs, 1234);
  assert.equal(details.attempt, 1);
  assert.ok((details.deadline?.getTime() ?? 0) > before);
});

test('a delayed job is scheduled, and runs when it is due', async () => {
  const fn = reseolio.durable(unique('later'), () => Date.now());
  const far = await fn.with({ runAt: new Date(Date.now() + 3_600_000) })();
  assert.equal(await far.status(), 'scheduled');
  assert.equal(await far.cancel(), true);
  const calledAt = Date.now();
  const near = await fn.with({ delayMs: 150 })();
  assert.ok((await near.result()) - calledAt >= 145);
});

test('another client finds the job by its id', async () => {
  const fn = reseolio.durable(unique('shared'), () => 'for all');
  const { id } = await fn();
  const other = client({ address: reseolio.address ?? '', concurrency: 0 });
  await other.start();
  assert.equal(await other.handle<string>(id).result(), 'for all');
  await other.stop();
});

test('unknown jobs are job_not_found, and a wait can be short', async () => {
  const nobody = reseolio.handle('01890000-0000-7000-8000-000000000000');
  await assert.rejects(nobody.status(), { code: 'job_not_found' });
  await assert.rejects(nobody.result(), { code: 'job_not_found' });
  const fn = reseolio.durable(unique('slow'), () => 1);
  const handle = await fn.with({ delayMs: 3_600_000 })();
  await assert.rejects(handle.result({ timeoutMs: 20 }), { name: 'ResultTimeoutError', timeoutMs: 20 });
  await handle.cancel();
});

test('functions registered while jobs wait for them pick them up', async () => {
  const name = unique('late');
  const other = client({ address: reseolio.address ?? '', concurrency: 0 });
  await other.start();
  const handle = await other.durable(name, () => 'nobody')();
  reseolio.durable(name, () => 'late but there');
  assert.equal(await handle.result(), 'late but there');
  await other.stop();
});

test('events tell of each attempt', async () => {
  const name = unique('events');
  const mine = ({ function: fn }: JobEvent) => fn === name;
  const fn = reseolio.durable(
    name,
    () => {
      if (context().attempt === 1) throw new Error('first');
    },
    { initialDelayMs: 1 },
  );
  const told = Promise.all([
    next<JobEvent>(reseolio, 'job:start', mine),
    next<JobEvent & { error: Error }>(reseolio, 'job:error', mine),
    next<JobEvent & { durationMs: number }>(reseolio, 'job:success', mine),
  ]);
  const { id } = await fn();
  const [start, error, success] = await told;
  assert.deepEqual(start, { jobId: id, function: name, attempt: 1 });
  assert.equal(error.error.message, 'first');
  assert.equal(success.attempt, 2);
  assert.ok(success.durationMs >= 0);
});
