// An application that only calls; the twin of Client.java.
import { args, FUNCTION, instance, memory, obey, say, seconds } from './load.mjs';
import { openLoop } from './open-loop.mjs';

const WARM_UP = 300;
const { reseolio, call } = instance(process.argv[2], 0, async () => ({}));

const percentile = (times, which) => {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(which * sorted.length))].toFixed(6);
};

const functions = new Map([[FUNCTION, call]]);

function functionOf(name) {
  if (!functions.has(name)) functions.set(name, reseolio.durable(name, async () => ({})));
  return functions.get(name);
}

async function latency(name, count) {
  const fn = functionOf(name);
  const jobs = Number(count);
  const enqueue = [];
  const roundTrip = [];
  for (let i = -WARM_UP; i < jobs; i++) {
    const begin = performance.now();
    const job = await fn(args(i));
    const enqueued = performance.now();
    await job.result();
    if (i < 0) continue;
    enqueue.push(enqueued - begin);
    roundTrip.push(performance.now() - begin);
  }
  const figures = [enqueue, roundTrip].flatMap((times) => [percentile(times, 0.5), percentile(times, 0.99)]);
  say(`latency ${figures.join(' ')}`);
}

async function calls(jobs, callers) {
  say(`calls ${await each(jobs, callers, (i) => call(args(i)))}`);
}

async function rounds(name, jobs, callers) {
  const fn = functionOf(name);
  say(`rounds ${await each(jobs, callers, async (i) => (await fn(args(i))).result())}`);
}

/** Does a thing many times, some at once; says how many seconds that took. */
async function each(times, atOnce, thing) {
  let next = 0;
  const begin = performance.now();
  const caller = async () => {
    while (next < times) await thing(next++);
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, caller));
  return seconds(begin);
}

async function roundTrip(i) {
  return (await call(args(i))).result();
}

async function batch(jobs, fn = call) {
  const begin = performance.now();
  await Promise.all(Array.from({ length: Number(jobs) }, (_, i) => fn(args(i))));
  say(`batch ${seconds(begin)}`);
}

async function other(name, jobs) {
  await batch(jobs, functionOf(name));
}

const open = (rate, duration) => openLoop(roundTrip, Number(rate), Number(duration));

async function retry() {
  while (true) {
    try {
      await roundTrip(0);
      return say('retry');
    } catch {
      await new Promise((done) => setTimeout(done, 1));
    }
  }
}

await reseolio.start();
say('ready');
async function warm() {
  for (let i = -WARM_UP; i < 0; i++) await roundTrip(i);
  say('warm');
}

await obey({ latency, calls, batch, other, rounds, open, retry, warm, memory });
await reseolio.stop();
