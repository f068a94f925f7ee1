import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { abortSignal, type Reseolio, type SidecarExit } from '../../src/index.js';
import { aborted, Gate, next, sidecarPid, started, unique } from './support.js';

let reseolio: Reseolio;
let pid: number;
before(async () => {
  reseolio = await started();
  pid = sidecarPid();
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
  process.kill(sidecarPid(), 'SIGKILL');
  await gone;
  const handles = await Promise.all([1, 2, 3].map((i) => fn(i)));
  assert.deepEqual(await Promise.all(handles.map((handle) => handle.result())), [1, 2, 3]);
});
