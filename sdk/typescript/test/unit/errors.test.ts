import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ErrorDetail } from '../../src/gen/reseolio/v1/common.js';
import { CancelledError, NonRetryableError, Reseolio, RetryAfterError, TimeoutError } from '../../src/index.js';
import { ConnectionLostError } from '../../src/transport/connection-lost.js';
import { toError } from '../../src/transport/error-mapping.js';
import { failed, hopeless, stopped } from '../../src/worker/outcomes.js';

const lease = { jobId: 'j', attempt: 1, token: 7n };

function serviceError(code: status, details: string, detail?: Partial<ErrorDetail>): ServiceError {
  const metadata = new Metadata();
  const bytes = detail && ErrorDetail.encode({ reason: '', message: '', field: '', ...detail }).finish();
  if (bytes !== undefined) metadata.set('reseolio-error-bin', Buffer.from(bytes));
  return Object.assign(new Error(details), { code, details, metadata });
}

test("the server's detail makes a typed error", () => {
  const detail = { reason: 'payload_too_large', message: 'too large', field: 'args' };
  const error = toError(serviceError(status.RESOURCE_EXHAUSTED, 'x', detail));
  assert.equal(error.code, 'payload_too_large');
  assert.equal(error.message, 'too large');
  assert.equal(error.field, 'args');
});

test('a lost connection tells whether the call may have been carried out', () => {
  const sent = toError(serviceError(status.UNAVAILABLE, 'Connection dropped'));
  assert.ok(sent instanceof ConnectionLostError && sent.maybeSent);
  assert.equal(sent.code, 'outcome_unknown');
  const unsent = toError(serviceError(status.UNAVAILABLE, 'No connection established. Last error: x'));
  assert.ok(unsent instanceof ConnectionLostError && !unsent.maybeSent);
  assert.ok((toError(serviceError(status.DEADLINE_EXCEEDED, 'late')) as ConnectionLostError).maybeSent);
});

test('failures without a detail are told by their status', () => {
  assert.equal(toError(serviceError(status.UNIMPLEMENTED, 'x')).code, 'unimplemented');
  assert.equal(toError(serviceError(status.DATA_LOSS, 'x')).code, 'internal');
  assert.equal(toError('odd').code, 'internal');
});

test('what a handler throws becomes a Fail', () => {
  const value = (outcome: ReturnType<typeof failed>) => {
    assert.ok(outcome.outcome?.$case === 'fail');
    return outcome.outcome.value;
  };
  const cause = new Error('inner');
  const plain = value(failed(lease, new TypeError('boom', { cause }), undefined));
  assert.equal(plain.error?.type, 'TypeError');
  assert.equal(plain.error?.message, 'boom');
  assert.match(plain.error?.stack ?? '', /boom[\s\S]*caused by: Error: inner/);
  assert.equal(plain.nonRetryable, false);
  assert.equal(value(failed(lease, new NonRetryableError('no'), undefined)).nonRetryable, true);
  assert.deepEqual(value(failed(lease, new RetryAfterError(2500), undefined)).retryAfter, {
    seconds: 2n,
    nanos: 500_000_000,
  });
  assert.equal(value(failed(lease, new Error('x'), () => false)).nonRetryable, true);
  assert.equal(value(failed(lease, new Error('x'), () => true)).nonRetryable, false);
  assert.equal(value(failed(lease, { code: 4 }, undefined)).error?.message, '{"code":4}');
  assert.equal(value(failed(lease, undefined, undefined)).error?.type, 'undefined');
  assert.equal(value(hopeless(lease, new Error('x'))).nonRetryable, true);
  assert.equal(value(stopped(lease, new CancelledError())).cancelled, true);
  assert.deepEqual(value(stopped(lease, new TimeoutError('late'))).error, {
    type: 'Timeout',
    message: 'late',
    stack: '',
  });
});

test('RetryAfterError refuses a negative delay', () => {
  assert.throws(() => new RetryAfterError(-1), { code: 'invalid_argument' });
});

test('calls before start() say so, and stop() before start() is harmless', async () => {
  const reseolio = new Reseolio();
  const fn = reseolio.durable('a:b', () => 1);
  await assert.rejects(fn(), { name: 'NotConnectedError', code: 'not_connected', message: /not started/ });
  await reseolio.stop();
});
