import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitTrailing } from '../../src/options/trailing.js';

test('one more argument than declared, plain, with known keys only: options', () => {
  assert.deepEqual(splitTrailing(['u', 1, { idempotencyKey: 'k' }], 2), {
    args: ['u', 1],
    options: { idempotencyKey: 'k' },
  });
});

test('everything else is an argument', () => {
  class Options {
    maxAttempts = 1;
  }
  const calls: [unknown[], number][] = [
    [['u', { maxAttempts: 1 }], 2],
    [['u', 1, { maxAttempts: 1, colour: 'red' }], 2],
    [['u', 1, new Options()], 2],
    [['u', 1, [1]], 2],
    [['u', 1, null], 2],
    [['u', 1, 2, { maxAttempts: 1 }], 2],
    [[], 0],
  ];
  for (const [args, declared] of calls) assert.deepEqual(splitTrailing(args, declared), { args });
});
