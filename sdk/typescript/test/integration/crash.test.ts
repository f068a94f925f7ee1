import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { abortSignal, context, type Reseolio, type SidecarExit } from '../../src/index.js';
import { aborted, Gate, next, started, unique } from './support.js';

let reseolio: Reseolio;
let pid: number;
before(async () => {
  reseolio = await started();
  pid = await sidecarPid();
});

/** The sidecar tells its pid to nobody but its parent, so ask the system who serves the address. */
async function sidecarPid(): Promise<number> {
  const { execFileSync } = await import('node:child_process');
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  const line = children.split('\n').find((child) => child.includes('--exit-with-parent'));
  assert.ok(line, children);
  return Number.parseInt(line, 10);
}

test('a blocked event loop does not cost the attempt: beats come from a thread', async () => {
  const fn = reseolio.durable(unique('blocked'), () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 17_000);
    return context().attempt;
  });
  const handle = await fn();
  assert.equal(await handle.result(), 1);
  assert.deepEqual(
    (await handle.details()).attempts.map(({ outcome }) => outcome),
    ['succeeded'],
  );
});

test('the sidecar is killed while jobs run: it is started again and all of them finish', async () => {
  const firstRound = new Gate();
  const stopped: Promise<unknown>[] = [];
  let runningNow = 0;
  let killed = false;
  const fn = reseolio.durable(unique('survivor'), async (i: number) => {
    if (killed) return i;
    stopped.push(aborted(abortSignal()));
    if (++runningNow === 10) firstRound.open();
    throw await aborted(abortSignal());
  });
  const handles = await Promise.all(Array.from({ length: 100 }, (_, i) => fn(i)));
  const results = Promise.all(handles.map((handle) => handle.result()));
  await firstRound.passed;
  const events = Promise.all([
    next<SidecarExit>(reseolio, 'sidecar:exit'),
    next(reseolio, 'disconnected'),
    next(reseolio, 'reconnected'),
  ]);
  killed = true;
  process.kill(pid, 'SIGKILL');
  const [exit] = await events;
  assert.equal(exit.signal, 'SIGKILL');
  assert.deepEqual(
    await results,
    handles.map((_, i) => i),
  );
  assert.equal((await Promise.all(stopped)).length, 10);
  for (const { id } of handles) assert.equal((await reseolio.handle(id).details()).failures, 0);
});

test('calls made while the sidecar is away wait for it', async () => {
  const fn = reseolio.durable(unique('patient'), (i: number) => i);
  const gone = next(reseolio, 'disconnected');
  process.kill(await sidecarPid(), 'SIGKILL');
  await gone;
  const handles = await Promise.all([1, 2, 3].map((i) => fn(i)));
  assert.deepEqual(await Promise.all(handles.map((handle) => handle.result())), [1, 2, 3]);
});
