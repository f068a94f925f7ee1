// Reseolio in the form of the peers' adapters: client and worker in this process, a sidecar beside it. VARIANT=c<n>: n at once.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { fin, freshDb, hit, main, mem, payload, url } from '../lib/h.mjs';

const { Reseolio, step } = await import(`${process.env.RESEOLIO_HOME}/sdk/typescript/dist/index.js`);
const variant = process.env.VARIANT ?? 'c500';
const db = 'peer_reseolio_node';
const name = 'bench:jobs:noop';
const flowName = 'bench:jobs:flow';
let sidecar;
let address;
let client;
let call;
let callFlow;
let pool;

async function startSidecar() {
  const bin = process.env.RESEOLIO_BIN;
  const args = ['server', '--address', '127.0.0.1:0', '--http-address', 'off', '--exit-with-parent'];
  const env = { ...process.env, RESEOLIO_STORAGE: url(db) };
  sidecar = spawn(bin, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: sidecar.stdout })) return JSON.parse(line).address;
  throw new Error('the sidecar did not start');
}

async function flow({ i }) {
  hit(i);
  for (const s of ['a', 'b', 'c']) await step(s, async () => ({ ok: i }));
  fin(i);
  return { ok: i };
}

main({
  name: `reseolio-node/${variant}`,
  db,
  awaitKind: 'result',
  async setup() {
    await freshDb(db);
    pool = new pg.Pool({ connectionString: url(db), max: 1 });
    address = await startSidecar();
    client = new Reseolio({ address, concurrency: 0 });
    call = client.durable(name, async (_args) => ({}));
    callFlow = client.durable(flowName, async (_args) => ({}));
    await client.start();
  },
  async startWorker() {
    const worker = new Reseolio({ address, concurrency: Number(variant.slice(1)) });
    worker.durable(name, async ({ i }) => {
      hit(i);
      fin(i);
      return { ok: i };
    });
    worker.durable(flowName, flow);
    await worker.start();
    return () => worker.stop();
  },
  one: (i) => call(payload(i)),
  bulk: (from, n) => Promise.all(Array.from({ length: n }, (_, j) => call(payload(from + j)))),
  flow: (i) => callFlow(payload(i)),
  result: (job) => job.result(),
  async pending() {
    const { rows } = await pool.query(
      'select (select count(*) from reseolio.job) - (select count(*) from reseolio.done) as n',
    );
    return Number(rows[0].n);
  },
  extra: async () => ({ server: mem(sidecar.pid) }),
  async close() {
    await client.stop();
    await pool.end();
    sidecar.kill();
  },
});
