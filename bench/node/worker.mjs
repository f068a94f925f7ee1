// An application that runs jobs; the twin of Worker.java. Arguments: address, concurrency, `hold`.
import { instance, obey, say } from './load.mjs';

const [address, concurrency, hold] = process.argv.slice(2);
let current;

async function handle({ i }) {
  if (hold) {
    say(`start ${i}`);
    await new Promise(() => {});
  }
  return { ok: i };
}

async function connect() {
  current = instance(address, Number(concurrency), handle);
  await current.reseolio.start();
  say('connected');
}

async function disconnect() {
  await current.reseolio.stop();
  say('disconnected');
}

await obey({ connect, disconnect });
