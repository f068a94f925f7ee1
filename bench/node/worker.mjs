// An application that runs jobs; the twin of Worker.java. Arguments: address, concurrency, and `hold` or `slow`.
import { step } from '../../sdk/typescript/dist/index.js';
import { FLOW, instance, memory, obey, SLOW, SLOW_MILLIS, STEPS, say } from './load.mjs';

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

async function flow({ i }) {
  for (const name of STEPS) await step(name, async () => ({ ok: i }));
  return { ok: i };
}

async function connect() {
  current = instance(address, Number(concurrency), handle, manner === 'slow' ? SLOW : undefined);
  if (manner === undefined) current.reseolio.durable(FLOW, flow);
  await current.reseolio.start();
  say('connected');
}

async function disconnect() {
  await current.reseolio.stop();
  say('disconnected');
}

await obey({ connect, disconnect, memory });
