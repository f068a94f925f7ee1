// The TypeScript worker of the chaos run; the twin of ChaosWorker.java. Arguments: address, name, history, and where the SDK is.
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [address, name, history, sdk] = process.argv.slice(2);
const { context, Reseolio, step } = await import(pathToFileURL(sdk));
const file = openSync(history, 'a');
const note = (kind, { jobId, attempt }, ...rest) =>
  writeSync(file, `${[kind, process.hrtime.bigint(), jobId, attempt, ...rest].join('\t')}\n`);

async function noted(job, key) {
  const value = await step(key, () => {
    note('StepStarted', job, key);
    return `${name}/${job.attempt}`;
  });
  note('StepGiven', job, key, value);
}

const reseolio = new Reseolio({ address, concurrency: 64 });
reseolio.durable('chaos:work:run', async (millis) => {
  const job = context();
  note('Started', job, name);
  const steps = job.jobId.charCodeAt(35) % 2 === 0;
  try {
    if (steps) await noted(job, 'before');
    await sleep(Number(millis), undefined, { signal: job.signal });
    if (steps) await noted(job, 'after');
    if ((job.jobId.charCodeAt(35) + job.attempt) % 10 === 0) throw new Error('one attempt in ten fails');
    return `${name}/${job.attempt}`;
  } finally {
    note('Ended', job, name);
  }
});

reseolio.durable('chaos:poison:run', async (way) => {
  note('Started', context(), name);
  if (way === 'exit') process.exit(1);
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {});
});

const trouble = {
  slow: () => sleep(3000),
  never: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  deaf: () => sleep(15_000),
};
reseolio.durable('chaos:trouble:run', async (way) => {
  const job = context();
  note('Started', job, name);
  try {
    await trouble[way](job.signal);
    return `${name}/${job.attempt}`;
  } finally {
    note('Ended', job, name);
  }
});

await reseolio.start();
console.log('ready');
