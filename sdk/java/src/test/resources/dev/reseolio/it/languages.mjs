// The TypeScript side of LanguagesIT: offers two functions, calls Java's when told so, ends with its input.
import { createInterface } from 'node:readline';

const [sdk, address, greet, refuse, sum] = process.argv.slice(2);
const { NonRetryableError, Reseolio } = await import(sdk);

const worker = new Reseolio({ address });
worker.durable(greet, async (order, count) => {
  const total = order.amounts.reduce((a, b) => a + b, 0);
  return { text: `Hello, ${order.user}! ${total}`, count: count + 1, none: order.note === null };
});
worker.durable(refuse, async () => {
  throw new NonRetryableError('not from TypeScript');
});
const caller = new Reseolio({ address, concurrency: 0 });
const callJava = caller.durable(sum, async (_order, _more) => {
  throw new Error('this client only calls');
});
await Promise.all([worker.start(), caller.start()]);
console.log('ready');

for await (const _line of createInterface({ input: process.stdin })) {
  const job = await callJava({ user: 'Zoë', amounts: [1.5, 2], note: null }, 100);
  const { total, user } = await job.result();
  console.log(JSON.stringify({ total, user }));
}
await Promise.all([worker.stop(), caller.stop()]);
