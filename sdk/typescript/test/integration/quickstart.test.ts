import './support.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reseolio } from 'reseolio';
import { storage } from './support.js';

test('the quick start, word for word, from the package', async () => {
  const charged: [string, number][] = [];
  const db = { users: { charge: async (userId: string, amount: number) => void charged.push([userId, amount]) } };
  const orderId = Date.now();

  const reseolio = new Reseolio(storage === undefined ? {} : { storage });
  await reseolio.start();
  const processPayment = reseolio.durable(
    reseolio.namespace('billing', 'invoices', 'charge'),
    async (userId: string, amount: number) => {
      await db.users.charge(userId, amount);
      return { success: true };
    },
    { maxAttempts: 5, backoff: 'exponential', timeoutMs: 5000 },
  );
  const handle = await processPayment('user_123', 99.0);
  const result = await handle.result();
  const keyed = await processPayment('user_123', 99.0, { idempotencyKey: `charge-${orderId}` });
  const again = await processPayment('user_123', 99.0, { idempotencyKey: `charge-${orderId}` });
  await keyed.result();
  await reseolio.stop();

  const success: boolean = result.success;
  assert.equal(success, true);
  assert.equal(keyed.id, again.id);
  assert.deepEqual(charged, [
    ['user_123', 99],
    ['user_123', 99],
  ]);
});
