import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batches } from '../../src/util/batches.js';
import { Coalescer } from '../../src/util/coalescer.js';
import { toDuration, toMs } from '../../src/util/duration.js';
import { RetryDelay } from '../../src/util/pause.js';

test('what is added in one turn of the event loop is handed over once, in order', async () => {
  const flushed: number[][] = [];
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const coalescer = new Coalescer<number>((items) => flushed.push(items));
  coalescer.add(1);
  await Promise.resolve();
  coalescer.add(2);
  await turn();
  coalescer.add(3);
  await turn();
  assert.deepEqual(flushed, [[1, 2], [3]]);
});

test('batches keep to the count and to the bytes, and to the order', () => {
  const one = () => 1;
  assert.deepEqual(batches([1, 2, 3, 4, 5], 2, 100, one), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(
    batches([3, 3, 9, 1], 10, 6, (n) => n),
    [[3, 3], [9], [1]],
  );
  assert.deepEqual(batches([], 10, 6, one), []);
});

test('durations go both ways', () => {
  assert.deepEqual(toDuration(1500.4), { seconds: 1n, nanos: 500_000_000 });
  assert.equal(toMs(toDuration(365 * 86_400_000)), 365 * 86_400_000);
  assert.equal(toMs(undefined, 7), 7);
});

test('retry delays grow from 50 ms to 2 s, each varied by a quarter', () => {
  const delay = new RetryDelay();
  for (const expected of [50, 100, 200, 400, 800, 1600, 2000, 2000]) {
    const actual = delay.next();
    assert.ok(actual >= expected * 0.75 && actual <= expected * 1.25, `${actual} for ${expected}`);
  }
  delay.reset();
  assert.ok(delay.next() <= 62.5);
});
