import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SidecarLog } from '../../src/index.js';
import { client, next, unique } from './support.js';

test('a storage that cannot be reached rejects start() with the last error of the sidecar', async () => {
  const reseolio = client({ storage: 'postgres://nobody:secret@127.0.0.1:1/none' });
  await assert.rejects(reseolio.start(), (error: Error & { code: string }) => {
    assert.equal(error.code, 'sidecar_failed');
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('nothing at the address rejects start() after its timeout', async () => {
  const reseolio = client({ address: '127.0.0.1:1', startTimeoutMs: 200 });
  await assert.rejects(reseolio.start(), { name: 'NotConnectedError', message: /127\.0\.0\.1:1/ });
});

test('clients that share a sidecar find the same one, and it is there for the next', async () => {
  process.env.HOME = mkdtempSync(join(tmpdir(), 'reseolio-home-'));
  const [one, two] = [client({ sidecar: { shared: true } }), client({ sidecar: { shared: true } })];
  await Promise.all([one.start(), two.start()]);
  assert.equal(one.address, two.address);
  const name = unique('shared');
  one.durable(name, () => 'one');
  assert.equal(await (await one.durable(unique('direct'), () => 1)()).result(), 1);
  await one.stop();
  const three = client({ sidecar: { shared: true } });
  await three.start();
  assert.equal(three.address, two.address);
  await Promise.all([two.stop(), three.stop()]);
});

test('the log of the sidecar is told, and the process can exit after stop()', async () => {
  const reseolio = client();
  const logged = next<SidecarLog>(reseolio, 'sidecar:log');
  await reseolio.start();
  assert.equal(typeof (await logged).message, 'string');
  const program = `
    import { Reseolio } from ${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)};
    const reseolio = new Reseolio({ address: ${JSON.stringify(reseolio.address)} });
    const fn = reseolio.durable(${JSON.stringify(unique('exit'))}, () => 'done');
    await reseolio.start();
    console.log(await (await fn()).result());
    await reseolio.stop();`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(run.signal, null, 'it had to be killed');
  assert.equal(run.stdout, 'done\n', run.stderr);
  await reseolio.stop();
});
