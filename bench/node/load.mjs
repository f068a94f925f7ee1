// What the client and the worker share: the function, its arguments of about 100 bytes, its result.
import { createInterface } from 'node:readline';
import { Reseolio } from '../../sdk/typescript/dist/index.js';

export const FUNCTION = 'bench:jobs:noop';
/** A workflow: three steps, one after the other. */
export const FLOW = 'bench:jobs:flow';
export const STEPS = ['a', 'b', 'c'];
export const SLOW = 'bench:jobs:slow';
export const SLOW_MILLIS = 300;
export const args = (i) => ({ i, customer: 'c'.repeat(24), note: 'n'.repeat(44) });
export const seconds = (since) => (performance.now() - since) / 1000;
export const say = (line) => process.stdout.write(`${line}\n`);

/** An instance with the function, not started. */
export function instance(address, concurrency, handler, name = FUNCTION) {
  const reseolio = new Reseolio({ address, concurrency });
  return { reseolio, call: reseolio.durable(name, handler) };
}

/** The heap in use, in MB. */
export const memory = () => say(`memory ${process.memoryUsage().heapUsed / 1e6}`);

/** Does what the lines on stdin say, one after the other. */
export async function obey(commands) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...words] = line.split(' ');
    await commands[name](...words);
  }
}
