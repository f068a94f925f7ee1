// A worker of the payments demo: charges cards, sometimes in vain, and keeps a ledger that tells what really happened.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { context, Reseolio } from 'reseolio';

const address = required('RESEOLIO_ADDRESS');
const failRate = Number(process.env.FAIL_RATE ?? 0.15);
const worker = `typescript-${process.pid}`;

const ledger = new pg.Pool({ connectionString: required('DEMO_DATABASE_URL'), max: 4 });
ledger.on('error', (error) => console.error(`ledger: ${error.message}`)); // the pool replaces the connection

const reseolio = new Reseolio({ address, concurrency: 10 });

reseolio.durable(
  reseolio.namespace('demo', 'payments', 'charge'),
  async (paymentId: string, amountCents: number) => {
    await sleep(5 + Math.random() * 25);
    if (Math.random() < failRate) throw new Error('card network timeout');
    // A charge that is made twice after a crash must count once: the payment's id is the key.
    await ledger.query(
      'INSERT INTO demo.ledger(payment_id, amount_cents, worker, attempt) VALUES ($1, $2, $3, $4) ON CONFLICT (payment_id) DO NOTHING',
      [paymentId, amountCents, worker, context().attempt],
    );
    return { charged: amountCents };
  },
);

await reseolio.start();
console.log(`${worker} ready, sidecar at ${address}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    await reseolio.stop();
    await ledger.end();
  });
}

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  console.error(`set ${name}`);
  process.exit(2);
}
