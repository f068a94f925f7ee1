// A worker of the payments demo: charges cards, sometimes in vain, and keeps a ledger that tells what really happened.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { context, Reseolio } from 'reseolio';

const address = required('RESEOLIO_ADDRESS');
const failRate = Number(process.env.FAIL_RATE ?? 0.15);
const [fastest = 5, slowest = 30] = (process.env.CARD_MILLIS ?? '5-30').split('-').map(Number);
const worker = `typescript-${process.pid}`;

const ledger = new pg.Pool({ connectionString: required('DEMO_DATABASE_URL'), max: 4 });
ledger.on('error', (error) => console.error(`ledger: ${error.message}`)); // the pool replaces the connection

const reseolio = new Reseolio({ address, concurrency: 10 });

reseolio.durable(
  reseolio.namespace('demo', 'payments', 'charge'),
  async (paymentId: string, amountCents: number) => {
    const { attempt } = context();
    await ledger.query('INSERT INTO demo.attempted(payment_id, worker, attempt) VALUES ($1, $2, $3)', [paymentId, worker, attempt]);
    await sleep(fastest + Math.random() * (slowest - fastest)); // the card network
    if (Math.random() < failRate) throw new Error('card network timeout');
    // A charge that is made twice after a crash must count once: the payment's id is the key.
    const booked = await ledger.query(
      'INSERT INTO demo.ledger(payment_id, amount_cents, worker, attempt) VALUES ($1, $2, $3, $4) ON CONFLICT (payment_id) DO NOTHING',
      [paymentId, amountCents, worker, attempt],
    );
    return { paymentId, booked: booked.rowCount === 1 };
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
