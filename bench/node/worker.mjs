// An application that runs jobs; the twin of Worker.java. Arguments: address, concurrency, and `hold` or `slow`.
import { context } from '../../sdk/typescript/dist/index.js';
import { FLOW, instance, memory, obey, SLOW, SLOW_MILLIS, STEP, STEPS, say } from './load.mjs';

const [address, concurrency, manner] = process.argv.slice(2);
let current;

async function handle({ i }) {
  if (manner === 'hold' && i >= 0) {
    say(`start ${i}`);
    await new Promise(() => {});
  }
  if (manner === 'slow') await new Promise((done) => setTimeout(done, SLOW_MILLIS));
  return { ok: i };
}

function offerFlow(reseolio) {
  const step = reseolio.durable(STEP, async ({ i }) => ({ ok: i }));
  reseolio.durable(FLOW, async (args) => {
    const { jobId } = context();
    for (const name of STEPS) await (await step.with({ idempotencyKey: `${jobId}/${name}` })(args)).result();
    return { ok: args.i };
  });
}

async function connect() {
  current = instance(address, Number(concurrency), handle, manner === 'slow' ? SLOW : undefined);
  if (manner === undefined) offerFlow(current.reseolio);
  await current.reseolio.start();
  say('connected');
}

async function disconnect() {
  await current.reseolio.stop();
  say('disconnected');
}

await obey({ connect, disconnect, memory });
