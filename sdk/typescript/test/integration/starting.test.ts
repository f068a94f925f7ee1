import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as poll } from 'node:timers/promises';
import type { SidecarLog } from '../../src/index.js';
import { isAlive } from '../../src/sidecar/lock.js';
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

/** Sidecars that are shared would outlive the tests by half a minute, and use a folder that is gone by then. */
const homes: string[] = [];
after(async () => {
  for (const home of homes) {
    const { pid } = infoOf(home);
    process.kill(pid, 'SIGTERM');
    while (isAlive(pid)) await poll(20);
    rmSync(home, { recursive: true });
  }
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'reseolio-home-'));
  homes.push(home);
  process.env.HOME = home;
  return home;
}

function infoOf(home: string): { pid: number; address: string } {
  const run = join(home, '.reseolio', 'run');
  return JSON.parse(readFileSync(join(run, readdirSync(run)[0] ?? '', 'info.json'), 'utf8'));
}

test('clients that share a sidecar find the same one, and it is there for the next', async () => {
  newHome();
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

test('a shared sidecar that is killed is replaced by one for all', async () => {
  const home = newHome();
  const clients = [1, 2, 3].map(() => client({ sidecar: { shared: true } }));
  const name = unique('replaced');
  const [fn] = clients.map((one) => one.durable(name, () => 'done'));
  await Promise.all(clients.map((one) => one.start()));
  const { pid, address } = infoOf(home);
  const back = Promise.all(clients.map((one) => next(one, 'reconnected')));
  process.kill(pid, 'SIGKILL');
  await back;
  assert.equal(new Set(clients.map((one) => one.address)).size, 1);
  assert.notEqual(clients[0]?.address, address);
  assert.equal(await (await fn?.())?.result(), 'done');
  await Promise.all(clients.map((one) => one.stop()));
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
