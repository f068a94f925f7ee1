import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PassingMap } from '../../src/util/passing-map.js';

test('a passing map keeps what was not deleted, in order, also when it is made anew', () => {
  const map = new PassingMap<number, string>();
  for (let i = 0; i < 10_000; i++) {
    map.set(i, `value ${i}`);
    if (i % 1000 !== 0) assert.ok(map.delete(i));
  }
  map.set(0, 'another');
  assert.equal(map.size, 10);
  assert.deepEqual(
    map.keys(),
    Array.from({ length: 10 }, (_, i) => i * 1000),
  );
  assert.equal(map.values()[9], 'value 9000');
  assert.equal(map.get(0), 'another');
  assert.equal(map.get(1), undefined);
  assert.ok(map.has(9000));
  assert.ok(!map.delete(9001));
});

test('what has passed through the map does not survive the collections of young objects', () => {
  setFlagsFromString('--expose-gc');
  const collect: (options: { type: 'minor' }) => void = runInNewContext('gc');
  const map = new PassingMap<string, { result: number[] }>();
  let next = 0;
  const pass = (entries: number): void => {
    for (const end = next + entries; next < end; next++) {
      map.set(`job-${next}`, { result: new Array(50).fill(next) });
      map.delete(`job-${next - 40}`);
    }
    for (let i = 0; i < 3; i++) collect({ type: 'minor' });
  };
  const old = (): number =>
    getHeapSpaceStatistics().reduce(
      (sum, space) => sum + (space.space_name === 'old_space' ? space.space_used_size : 0),
      0,
    );

  pass(1000);
  const before = old();
  for (let i = 0; i < 10; i++) pass(2000);
  // 10 MB have passed. A Map keeps 6 of them here.
  assert.ok(old() - before < 3_000_000, `${old() - before} bytes were kept`);
});
