import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { locateSidecar } from '../../src/sidecar/locate.js';
import { tryLock, unlock } from '../../src/sidecar/lock.js';
import { LogLines } from '../../src/sidecar/log.js';
import { RunFolder } from '../../src/sidecar/run-folder.js';

const MINUTE = 60_000;

test('a wrong path is not passed over', () => {
  assert.throws(() => locateSidecar('/nowhere/reseolio'), /sidecar.path names \/nowhere\/reseolio/);
  assert.throws(() => locateSidecar(undefined, { RESEOLIO_BIN: '/nowhere' }), /RESEOLIO_BIN names \/nowhere/);
});

test('no sidecar anywhere: the error says where it looked', () => {
  assert.throws(() => locateSidecar(undefined, { PATH: '/nowhere' }), {
    code: 'sidecar_not_found',
    message: /sidecar\.path and RESEOLIO_BIN are not set.*sidecar\/bin\/reseolio.*PATH.*address/,
  });
});

test('the log keeps 50 lines and finds the last error', () => {
  const seen: string[] = [];
  const log = new LogLines(({ level, message }) => seen.push(`${level}:${message}`));
  log.push('{"level":"INFO","message":"hel');
  log.push('lo"}\n{"level":"ERROR","message":"no database","reason":"storage_unavailable"}\nplain\n');
  assert.deepEqual(seen, ['INFO:hello', 'ERROR:no database (storage_unavailable)', ':plain']);
  assert.equal(log.lastError(), 'no database (storage_unavailable)');
  for (let i = 0; i < 60; i++) log.push(`line ${i}\n`);
  assert.equal(log.last().length, 50);
  assert.equal(log.lastError(), 'line 59');
  assert.equal(new LogLines(() => {}).lastError(), 'it logged nothing');
});

test('a lock is held once, and taken over from the dead', () => {
  const lock = join(mkdtempSync(join(tmpdir(), 'reseolio-lock-')), 'lock');
  assert.equal(tryLock(lock, MINUTE), true);
  assert.equal(tryLock(lock, MINUTE), false);
  unlock(lock);
  const { pid } = spawnSync('true');
  writeFileSync(lock, String(pid));
  assert.equal(tryLock(lock, MINUTE), true);
  assert.equal(tryLock(lock, -1), true, 'too old a lock is stale, whoever holds it');
  unlock(lock);
  writeFileSync(lock, '');
  assert.equal(tryLock(lock, MINUTE), true, 'an unreadable lock is stale');
});

test('a storage or a folder named by the environment is not shared with another', () => {
  const home = mkdtempSync(join(tmpdir(), 'reseolio-home-'));
  const of = (env: NodeJS.ProcessEnv, storage?: string): string => new RunFolder(storage, env, home).lock;
  const [a, b] = [{ RESEOLIO_STORAGE: 'postgres://localhost/a' }, { RESEOLIO_STORAGE: 'postgres://localhost/b' }];
  assert.notEqual(of(a), of(b));
  assert.notEqual(of(a), of({}));
  assert.equal(of(b, 'postgres://localhost/a'), of(a));
  assert.notEqual(of({ RESEOLIO_DATA_DIR: 'a' }), of({}));
  assert.equal(of({ RESEOLIO_DATA_DIR: '.reseolio' }), of({}));
});
