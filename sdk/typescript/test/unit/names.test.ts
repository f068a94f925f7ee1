import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Reseolio, type ReseolioError } from '../../src/index.js';
import { namespace } from '../../src/names.js';
import { SDK_VERSION } from '../../src/version.js';

const invalid = (pattern: RegExp) => (error: ReseolioError) =>
  error.code === 'invalid_argument' && pattern.test(error.message);

test('namespace joins parts with colons', () => {
  assert.equal(namespace('billing', 'invoices', 'charge'), 'billing:invoices:charge');
});

test('namespace refuses empty parts, separators and control characters', () => {
  assert.throws(() => namespace(), invalid(/at least one part/));
  for (const part of ['', 'a:b', 'a/b', 'a\nb']) assert.throws(() => namespace('x', part), invalid(/namespace/));
});

test('names have 1 to 255 characters and no control characters', () => {
  const reseolio = new Reseolio();
  const handler = () => 1;
  reseolio.durable(`x:${'é'.repeat(253)}`, handler);
  assert.throws(() => reseolio.durable('', handler), invalid(/1 to 255 characters, got 0/));
  assert.throws(() => reseolio.durable('x'.repeat(256), handler), invalid(/got 256/));
  assert.throws(() => reseolio.durable('x:\u0000', handler), invalid(/control characters/));
  assert.throws(() => reseolio.durable(7 as unknown as string, handler), invalid(/expects a string, got number/));
});

test('registering a name twice is an error', () => {
  const reseolio = new Reseolio();
  reseolio.durable('a:b', () => 1);
  assert.throws(() => reseolio.durable('a:b', () => 2), { code: 'already_registered' });
});

test('a name without a namespace warns once', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const reseolio = new Reseolio();
  reseolio.durable('bare', () => 1);
  reseolio.durable('barer', () => 1);
  const warning = await warned;
  assert.equal(warning.name, 'ReseolioWarning');
  assert.match(warning.message, /"bare" has no namespace/);
});

test('the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  assert.equal(SDK_VERSION, version);
});
