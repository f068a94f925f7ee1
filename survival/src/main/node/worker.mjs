// The TypeScript worker of the chaos run; the twin of ChaosWorker.java. Arguments: address, name, history, and where the SDK is.
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [address, name, history, sdk] = process.argv.slice(2);
const { context, Reseolio } = await import(pathToFileURL(sdk));
const file = openSync(history, 'a');
const note = (kind, { jobId, attempt }) => writeSync(file, `${kind}\t${process.hrtime.bigint()}\t${jobId}\t${attempt}\t${name}\n`);

const reseolio = new Reseolio({ address, concurrency: 64 });
reseolio.durable('chaos:work:run', async (millis) => {
  const job = context();
  note('Started', job);
  try {
    await sleep(Number(millis), undefined, { signal: job.signal });
    if ((job.jobId.charCodeAt(35) + job.attempt) % 10 === 0) throw new Error('one attempt in ten fails');
    return `${name}/${job.attempt}`;
  } finally {
    note('Ended', job);
  }
});

reseolio.durable('chaos:poison:run', async (way) => {
  note('Started', context());
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
  note('Started', job);
  try {
    await trouble[way](job.signal);
    return `${name}/${job.attempt}`;
  } finally {
    note('Ended', job);
  }
});

await reseolio.start();
console.log('ready');
