// An application that only calls; the twin of Client.java.
import { args, instance, obey, say, seconds } from './load.mjs';

const WARM_UP = 300;
const { reseolio, call } = instance(process.argv[2], 0, async () => ({}));

const percentile = (times, which) => {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(which * sorted.length))].toFixed(6);
};

async function latency(jobs) {
  const enqueue = [];
  const roundTrip = [];
  for (let i = -WARM_UP; i < jobs; i++) {
    const begin = performance.now();
    const job = await call(args(i));
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
  let next = 0;
  const begin = performance.now();
  const caller = async () => {
    while (next < jobs) await call(args(next++));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  say(`calls ${seconds(begin)}`);
}

async function batch(jobs) {
  const begin = performance.now();
  await Promise.all(Array.from({ length: jobs }, (_, i) => call(args(i))));
  say(`batch ${seconds(begin)}`);
}

await reseolio.start();
say('ready');
await obey({ latency, calls, batch });
await reseolio.stop();
