import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context } from '../../src/index.js';
import { started, unique } from './support.js';

test('a blocked event loop does not cost the attempt: beats come from a thread', async () => {
  const reseolio = await started({ sidecar: { args: ['--beat-interval', '250ms'] } });
  const fn = reseolio.durable(unique('blocked'), () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    return context().attempt;
  });
  const handle = await fn();
  assert.equal(await handle.result(), 1);
  const { attempts } = await handle.details();
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ['succeeded'],
  );
});
