import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { context, type JobFailedError, NonRetryableError, type Reseolio, RetryAfterError } from '../../src/index.js';
import { started, unique } from './support.js';

let reseolio: Reseolio;
before(async () => {
  reseolio = await started();
});

/** Milliseconds between the ends of attempts and the times the next ones were due. */
async function delays(id: string): Promise<number[]> {
  const { attempts } = await reseolio.handle(id).details();
  return attempts.flatMap(({ endedAt, retryAt }) =>
    endedAt && retryAt ? [retryAt.getTime() - endedAt.getTime()] : [],
  );
}

test('a failing handler is tried again until it succeeds', async () => {
  const seen: [number, number][] = [];
  const fn = reseolio.durable(unique('flaky'), async (threshold: number) => {
    const { attempt, maxAttempts } = context();
    seen.push([attempt, maxAttempts]);
    if (attempt < threshold) throw new TypeError(`attempt ${attempt}`);
    return attempt;
  });
  const handle = await fn.with({ maxAttempts: 5, backoff: 'fixed', initialDelayMs: 5, jitter: 0 })(3);
  assert.equal(await handle.result(), 3);
  assert.deepEqual(seen, [
    [1, 5],
    [2, 5],
    [3, 5],
  ]);
  const { attempts, status } = await handle.details();
  assert.equal(status, 'succeeded');
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ['failed', 'failed', 'succeeded'],
  );
  assert.equal(attempts[0]?.error?.type, 'TypeError');
  assert.equal(attempts[0]?.error?.message, 'attempt 1');
  assert.match(attempts[0]?.error?.stack ?? '', /retries\.test/);
});

test('attempts used up: the caller sees the last error', async () => {
  const fn = reseolio.durable(unique('hopeless'), () => {
    throw new RangeError('nothing helps');
  });
  const handle = await fn.with({ maxAttempts: 2, initialDelayMs: 1 })();
  await assert.rejects(handle.result(), (error: JobFailedError) => {
    assert.equal(error.name, 'JobFailedError');
    assert.equal(error.jobId, handle.id);
    assert.equal(error.attempts, 2);
    assert.equal(error.type, 'RangeError');
    assert.equal(error.message, 'nothing helps');
    return true;
  });
  assert.equal(await handle.status(), 'dead');
});

test('a function that calls its steps under keys of its job does none of them twice', async () => {
  const done: string[] = [];
  const step = reseolio.durable(unique('step'), async (name: string) => {
    done.push(name);
    return `${name} of ${done.length}`;
  });
  const flow = reseolio.durable(unique('flow'), async () => {
    const { jobId, attempt } = context();
    const results: string[] = [];
    for (const name of ['charge', 'ship', 'tell']) {
      results.push(await (await step.with({ idempotencyKey: `${jobId}/${name}` })(name)).result());
      if (name === 'ship' && attempt === 1) throw new Error('the first attempt ends here');
    }
    return results;
  });
  const handle = await flow.with({ initialDelayMs: 1 })();
  assert.deepEqual(await handle.result(), ['charge of 1', 'ship of 2', 'tell of 3']);
  assert.deepEqual(done, ['charge', 'ship', 'tell']);
  assert.equal((await handle.details()).attempts.length, 2);
});

test('the backoff is as ordered', async () => {
  const fn = reseolio.durable(
    unique('backoff'),
    () => {
      throw new Error('again');
    },
    { maxAttempts: 4, jitter: 0 },
  );
  const orders = [
    { backoff: 'exponential', initialDelayMs: 20, expected: [20, 40, 80] },
    { backoff: 'linear', initialDelayMs: 20, expected: [20, 40, 60] },
    { backoff: 'fixed', initialDelayMs: 20, expected: [20, 20, 20] },
    { backoff: { type: 'exponential', initial: 10, factor: 3, max: 50 }, expected: [10, 30, 50] },
  ] as const;
  for (const { expected, ...options } of orders) {
    const handle = await fn.with(options)();
    await assert.rejects(handle.result(), { name: 'JobFailedError' });
    const actual = await delays(handle.id);
    assert.equal(actual.length, expected.length);
    // Times are stored apart from each other; a few milliseconds of difference are rounding and clocks.
    assert.ok(
      expected.every((ms, i) => Math.abs((actual[i] ?? 0) - ms) <= 15),
      `${actual} for ${expected}`,
    );
  }
});

test('NonRetryableError is the end at once, and so is retryIf that says no', async () => {
  const fatal = reseolio.durable(unique('fatal'), () => {
    throw new NonRetryableError('bad card');
  });
  const picky = reseolio.durable(
    unique('picky'),
    () => {
      throw new Error('404');
    },
    { retryIf: (error) => !(error instanceof Error && error.message === '404') },
  );
  await assert.rejects((await fatal()).result(), {
    name: 'JobFailedError',
    attempts: 1,
    type: 'NonRetryableError',
    message: 'bad card',
  });
  await assert.rejects((await picky()).result(), { name: 'JobFailedError', attempts: 1, message: '404' });
});

test('RetryAfterError takes the place of the backoff', async () => {
  const fn = reseolio.durable(
    unique('busy'),
    () => {
      if (context().attempt === 1) throw new RetryAfterError(30);
      return 'done';
    },
    { initialDelayMs: 60_000 },
  );
  const handle = await fn();
  assert.equal(await handle.result(), 'done');
  const [delay = 0] = await delays(handle.id);
  assert.ok(Math.abs(delay - 30) <= 15, `${delay} ms`);
});

test('a dead job can be retried under the same id', async () => {
  let broken = true;
  const fn = reseolio.durable(
    unique('repaired'),
    () => {
      if (broken) throw new Error('broken');
      return 'repaired';
    },
    { maxAttempts: 1 },
  );
  const handle = await fn();
  await assert.rejects(handle.result(), { message: 'broken' });
  broken = false;
  assert.equal(await handle.retry(), true);
  assert.equal(await handle.result(), 'repaired');
  assert.equal(await handle.retry(), false);
});
