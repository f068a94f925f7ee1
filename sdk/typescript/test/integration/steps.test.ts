import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { abortSignal, CancelledError, context, type Reseolio, step } from '../../src/index.js';
import { aborted, Gate, sidecarPid, started, unique } from './support.js';

let reseolio: Reseolio;
before(async () => {
  reseolio = await started();
});

/** The keys and attempts of a job's steps. */
async function steps(id: string): Promise<[string, number][]> {
  const { steps } = await reseolio.handle(id).details();
  return steps.map(({ key, attempt }) => [key, attempt]);
}

test('an attempt that fails between two steps: the next one goes on there', async () => {
  const done: string[] = [];
  const seen: unknown[][] = [];
  const keys: string[] = [];
  const flow = reseolio.durable(unique('flow'), async (order: string) => {
    const { attempt } = context();
    const results: unknown[] = [];
    seen.push(results);
    for (const name of ['charge', 'ship', 'tell']) {
      const result = await step(name, async ({ key, idempotencyKey }) => {
        done.push(`${key} in ${attempt}`);
        keys.push(idempotencyKey);
        return name === 'ship' ? undefined : { order, at: new Date(0) };
      });
      results.push(result);
      if (name === 'ship' && attempt === 1) throw new Error('the first attempt ends here');
    }
    return results;
  });
  const handle = await flow.with({ initialDelayMs: 1 })('o-1');
  const decoded = { order: 'o-1', at: '1970-01-01T00:00:00.000Z' };
  assert.deepEqual(await handle.result(), [decoded, null, decoded]);
  assert.deepEqual(done, ['charge in 1', 'ship in 1', 'tell in 2']);
  assert.deepEqual(seen, [
    [decoded, undefined],
    [decoded, undefined, decoded],
  ]);
  assert.deepEqual(
    keys,
    ['charge', 'ship', 'tell'].map((key) => `${handle.id}/${key}`),
  );
  assert.deepEqual(await steps(handle.id), [
    ['charge', 1],
    ['ship', 1],
    ['tell', 2],
  ]);
  const [charge, ship] = (await handle.details()).steps;
  assert.equal(charge?.resultBytes, JSON.stringify(decoded).length);
  assert.equal(ship?.resultBytes, 0);
  assert.ok(Math.abs(Date.now() - (charge?.recordedAt?.getTime() ?? 0)) < 60_000);
});

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** A process that offers a function of two steps and prints a line for each body; it hangs between them. */
function workerThatHangs(name: string, address: string) {
  const script = `
    import { Reseolio, step } from ${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)};
    const reseolio = new Reseolio({ address: process.argv[2], concurrency: 1 });
    reseolio.durable(process.argv[1], async () => {
      const first = await step('first', () => { console.log('first'); return process.pid; });
      console.log('between');
      await new Promise(() => {});
      await step('second', () => console.log('second'));
      return first;
    });
    await reseolio.start();`;
  const args = ['--input-type=module', '--eval', script, name, address];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}

test('a worker that is killed between two steps: another one goes on there', async () => {
  const name = unique('killed');
  const { child, lines } = workerThatHangs(name, reseolio.address ?? '');
  const caller = await started({ address: reseolio.address ?? '', concurrency: 0 });
  const handle = await caller.durable(name, async () => 0)();
  const said: string[] = [];
  for await (const line of lines) if (said.push(line) === 2) break;
  assert.deepEqual(said, ['first', 'between']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const done: string[] = [];
  reseolio.durable(name, async () => {
    const first = await step('first', () => void done.push('first'));
    await step('second', () => void done.push('second'));
    return first;
  });
  assert.equal(await handle.result(), child.pid);
  assert.deepEqual(done, ['second']);
  assert.deepEqual(await steps(handle.id), [
    ['first', 1],
    ['second', 2],
  ]);
  const { attempts, failures } = await handle.details();
  assert.equal(attempts[0]?.outcome, 'worker_lost');
  assert.equal(failures, 0);
});

test('parallel steps and repeated names', async () => {
  const done: string[] = [];
  const flow = reseolio.durable(unique('parallel'), async () => {
    const all = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        step('part', async ({ key }) => {
          await new Promise((resolve) => setTimeout(resolve, i % 7));
          done.push(key);
          return i;
        }),
      ),
    );
    if (context().attempt === 1) throw new Error('again');
    return [all, await step('part', ({ key }) => key)];
  });
  const handle = await flow.with({ initialDelayMs: 1 })();
  assert.deepEqual(await handle.result(), [Array.from({ length: 300 }, (_, i) => i), 'part#301']);
  assert.equal(done.length, 300);
  assert.equal(new Set(done).size, 300);
  const recorded = await steps(handle.id);
  assert.equal(recorded.length, 301);
  assert.ok(recorded.every(([key, attempt]) => attempt === (key === 'part#301' ? 2 : 1)));
});

test('results of many megabytes in all are read by the next attempt', async () => {
  const large = 'x'.repeat(1024 * 1024);
  let bodies = 0;
  const flow = reseolio.durable(unique('large'), async () => {
    let bytes = 0;
    for (let i = 0; i < 20; i++) {
      const result = await step('large', () => {
        bodies++;
        return large;
      });
      bytes += result.length;
    }
    if (context().attempt === 1) throw new Error('again');
    return bytes;
  });
  assert.equal(await (await flow.with({ initialDelayMs: 1 })()).result(), 20 * large.length);
  assert.equal(bodies, 20);
});

test('a step result over the limit makes the job dead and says so', async () => {
  let bodies = 0;
  const flow = reseolio.durable(unique('over'), () =>
    step('big', () => {
      bodies++;
      return 'x'.repeat(5 * 1024 * 1024);
    }),
  );
  const handle = await flow.with({ initialDelayMs: 1 })();
  await assert.rejects(handle.result(), {
    name: 'JobFailedError',
    attempts: 1,
    type: 'UnrecordableStep',
    message: /the result of step 'big' is 5242882 bytes as JSON, the limit is 4194304 bytes/,
  });
  assert.equal(bodies, 1);
  assert.deepEqual(await steps(handle.id), []);
});

test('a job that is cancelled while the body of a step runs: the step is rejected, its body is told by the signal', async () => {
  const running = new Gate();
  const told = new Gate<unknown>();
  const reasons: unknown[] = [];
  const ended = new Gate();
  const flow = reseolio.durable(unique('cancelled'), async () => {
    await step('first', () => 1);
    const second = step('second', async () => {
      running.open();
      told.open(await aborted(abortSignal()));
    });
    await second.catch((reason) => reasons.push(reason));
    await step('third', () => reasons.push('called')).catch((reason) => reasons.push(reason));
    ended.open();
    throw reasons[0];
  });
  const handle = await flow();
  await running.passed;
  assert.equal(await handle.cancel(), true);
  await assert.rejects(handle.result(), { name: 'JobCancelledError' });
  await ended.passed;
  assert.ok((await told.passed) instanceof CancelledError);
  assert.equal(reasons.length, 2);
  assert.ok(reasons.every((reason) => reason === reasons[0] && reason instanceof CancelledError));
  assert.deepEqual(await steps(handle.id), [['first', 1]]);
});

test('a dead job that is retried goes on at its first unfinished step', async () => {
  let broken = true;
  const done: string[] = [];
  const flow = reseolio.durable(unique('repaired'), async () => {
    await step('first', () => void done.push('first'));
    await step('second', () => {
      if (broken) throw new Error('broken');
      done.push('second');
    });
  });
  const handle = await flow.with({ maxAttempts: 1 })();
  await assert.rejects(handle.result(), { message: 'broken' });
  broken = false;
  assert.equal(await handle.retry(), true);
  assert.equal(await handle.result(), null);
  assert.deepEqual(done, ['first', 'second']);
});

test('the sidecar is killed between two steps: they are done once each', async () => {
  const between = new Gate();
  const done: string[] = [];
  const flow = reseolio.durable(unique('survivor'), async () => {
    const { attempt } = context();
    await step('first', () => void done.push(`first in ${attempt}`));
    between.open();
    if (attempt === 1) throw await aborted(abortSignal());
    await step('second', () => void done.push(`second in ${attempt}`));
    return attempt;
  });
  const handle = await flow();
  await between.passed;
  process.kill(sidecarPid(), 'SIGKILL');
  assert.equal(await handle.result(), 2);
  assert.deepEqual(done, ['first in 1', 'second in 2']);
});
