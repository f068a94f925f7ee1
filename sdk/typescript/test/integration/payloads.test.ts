import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { DurableFunction, Reseolio } from '../../src/index.js';
import { started, unique } from './support.js';

const MIB = 1024 * 1024;
let reseolio: Reseolio;
let echo: DurableFunction<[unknown], unknown>;
before(async () => {
  reseolio = await started();
  echo = reseolio.durable(unique('echo'), (value: unknown) => value);
});

test('any shape of JSON comes back as it went', async () => {
  const values = [
    null,
    0,
    -1.5e-7,
    '',
    'ünïcödé ✓ 🚀 \u0000 \ud83d\ude00',
    true,
    [],
    {},
    [[1], { a: { b: [null] } }],
    '\ud800',
  ];
  for (const value of values) assert.deepEqual(await (await echo(value)).result(), value);
});

test('a payload of 1 MB goes both ways', async () => {
  const value = 'x'.repeat(MIB);
  assert.equal(await (await echo(value)).result(), value);
});

test('undefined is null, never a failure', async () => {
  const nothing = reseolio.durable(unique('nothing'), () => {});
  assert.equal(await (await nothing()).result(), null);
  assert.equal(await (await echo(undefined)).result(), null);
});

test('defaults apply to arguments that were left out', async () => {
  const fn = reseolio.durable(unique('defaults'), (a: string, b = 'default') => a + b);
  assert.equal(await (await fn('a')).result(), 'adefault');
});

test('arguments over the limit are refused by name of the limit, their neighbours are not', async () => {
  const big = echo('x'.repeat(5 * MIB));
  const small = echo('small');
  await assert.rejects(big, { code: 'payload_too_large', message: /4194304|4 MiB/ });
  assert.equal(await (await small).result(), 'small');
});

test('a result that cannot be stored is the end of its job', async () => {
  const big = reseolio.durable(unique('big'), () => 'x'.repeat(5 * MIB));
  const odd = reseolio.durable(unique('odd'), () => 10n);
  await assert.rejects((await big()).result(), { name: 'JobFailedError', attempts: 1, message: /limit is/ });
  await assert.rejects((await odd()).result(), { name: 'JobFailedError', attempts: 1, message: /bigint/ });
});

test('a thousand calls at once each get their own answer', async () => {
  const handles = await Promise.all(Array.from({ length: 1000 }, (_, i) => echo(i)));
  assert.equal(new Set(handles.map(({ id }) => id)).size, 1000);
  assert.deepEqual(
    await Promise.all(handles.map((handle) => handle.result())),
    handles.map((_, i) => i),
  );
});
