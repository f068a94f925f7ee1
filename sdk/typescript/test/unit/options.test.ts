import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkClientOptions } from '../../src/client-options.js';
import { Reseolio, type ReseolioError } from '../../src/index.js';
import { toRequest } from '../../src/options/request.js';
import { checkCallOptions, checkFunctionOptions } from '../../src/options/validate.js';

const noArgs = { data: Buffer.from('[]'), contentType: '' };
const fails = (options: object, pattern: RegExp) =>
  assert.throws(
    () => checkCallOptions(options),
    (error: ReseolioError) => error.code === 'invalid_argument' && pattern.test(error.message),
  );

test('nothing set is nothing sent', () => {
  const request = toRequest('a:b', noArgs, checkFunctionOptions({}), undefined);
  assert.deepEqual(request.options, {
    maxAttempts: undefined,
    backoff: undefined,
    timeout: undefined,
    queue: '',
    priority: undefined,
  });
  assert.equal(request.due, undefined);
});

test('the options of a call override those of its function, also inside the backoff', () => {
  const ofFunction = checkFunctionOptions({
    maxAttempts: 5,
    backoff: { type: 'linear', initial: 10, jitter: 0 },
    priority: 1,
  });
  const ofCall = checkCallOptions({
    maxAttempts: 2,
    initialDelayMs: 1500,
    timeoutMs: 5000,
    idempotencyKey: 'k',
    delayMs: 3,
  });
  const request = toRequest('a:b', noArgs, ofFunction, ofCall);
  assert.equal(request.options?.maxAttempts, 2);
  assert.equal(request.options?.priority, 1);
  assert.deepEqual(request.options?.timeout, { seconds: 5n, nanos: 0 });
  assert.equal(request.options?.backoff?.type, 2);
  assert.deepEqual(request.options?.backoff?.initial, { seconds: 1n, nanos: 500_000_000 });
  assert.equal(request.options?.backoff?.jitter, 0);
  assert.equal(request.idempotencyKey, 'k');
  assert.deepEqual(request.due, { $case: 'delay', value: { seconds: 0n, nanos: 3_000_000 } });
});

test('absurd values get a clear error, not a default', () => {
  fails({ maxAttempts: 0 }, /maxAttempts expects a whole number from 1 to 10000, got 0/);
  fails({ maxAttempts: 1.5 }, /got 1.5/);
  fails({ maxAttempts: '3' }, /got "3"/);
  fails({ timeoutMs: 0 }, /timeoutMs expects milliseconds from 1/);
  fails({ timeoutMs: Number.NaN }, /got NaN/);
  fails({ initialDelayMs: -1 }, /initialDelayMs expects milliseconds from 1/);
  fails({ jitter: 1.1 }, /jitter expects a number from 0 to 1, got 1.1/);
  fails({ backoff: 'sometimes' }, /'exponential', 'linear', 'fixed' or an object, got "sometimes"/);
  fails({ backoff: 'toString' }, /got "toString"/);
  fails({ backoff: { initail: 1 } }, /backoff has no "initail"; it knows type, initial, factor, max, jitter/);
  fails({ backoff: { factor: 0.5 } }, /backoff.factor/);
  fails({ backoff: { initial: 5 }, initialDelayMs: 5 }, /say the same thing/);
  fails({ priority: 10 }, /priority/);
  fails({ queue: 'a\tb' }, /control characters/);
  fails({ idempotencyKey: '' }, /idempotencyKey expects 1 to 255 characters, got 0/);
  fails({ keyTtlMs: 10 }, /keyTtlMs/);
  fails({ runAt: new Date('nonsense') }, /runAt expects a valid Date, got an invalid Date/);
  fails({ runAt: new Date(), delayMs: 1 }, /only one of them/);
  fails({ deadlineMs: 0 }, /deadlineMs/);
  fails({ tags: Array(17).fill('t') }, /at most 16, got 17/);
  fails({ tags: [''] }, /tags\[0\]/);
});

test('the longest delay is not shorter than the first, whoever set which', () => {
  const reseolio = new Reseolio();
  assert.throws(
    () => reseolio.durable('a:b', () => 1, { initialDelayMs: 100, maxDelayMs: 50 }),
    /at least the initial one/,
  );
  const ofFunction = checkFunctionOptions({ initialDelayMs: 100 });
  assert.throws(
    () => toRequest('a:b', noArgs, ofFunction, checkCallOptions({ maxDelayMs: 50 })),
    /at least the initial/,
  );
});

test('unknown option keys are named together with the known ones', () => {
  fails({ maxAttemps: 3 }, /has no "maxAttemps"; it knows maxAttempts, /);
  assert.throws(() => checkFunctionOptions({ idempotencyKey: 'k' } as object), /durable\(\) has no "idempotencyKey"/);
  assert.throws(() => checkFunctionOptions({ retryIf: true } as object), /retryIf expects a function/);
  assert.throws(() => new Reseolio({ adress: 'x' } as object), /has no "adress"; it knows storage, address/);
  assert.throws(() => new Reseolio({ sidecar: { shard: true } } as object), /sidecar has no "shard"/);
  assert.throws(() => new Reseolio({ concurrency: -1 }), /concurrency expects a whole number from 0/);
  assert.throws(() => new Reseolio({ storage: '' }), /storage expects a URL/);
  assert.throws(() => new Reseolio({ address: 'h:1', sidecar: {} }), /only one of them/);
});

test('a token is checked and never shown', () => {
  for (const token of ['two words', 'two\nlines', 'ü', 7]) {
    assert.throws(
      () => new Reseolio({ address: 'localhost:1', token } as object),
      (error: ReseolioError) => error.field === 'token' && !error.message.includes(String(token)),
    );
  }
});

test('white space around a token is not of it, as a file or a Kubernetes secret has it', () => {
  const before = process.env.RESEOLIO_TOKEN;
  try {
    process.env.RESEOLIO_TOKEN = 'rsl_from-a-file\n';
    assert.equal(checkClientOptions({ address: 'a:1' }).access.token, 'rsl_from-a-file');
    assert.equal(checkClientOptions({ address: 'a:1', token: ' rsl_given\r\n' }).access.token, 'rsl_given');
    process.env.RESEOLIO_TOKEN = '\n';
    assert.equal(checkClientOptions({ address: 'a:1' }).access.token, undefined);
  } finally {
    if (before === undefined) delete process.env.RESEOLIO_TOKEN;
    else process.env.RESEOLIO_TOKEN = before;
  }
});

test('half of a pair of certificate and key says which half is missing', () => {
  const refusal = (tls: object) => {
    try {
      return checkClientOptions({ address: 'a:1', tls });
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(refusal({ cert: 'c' }), 'tls has a certificate but no key for it; give both or neither');
  assert.equal(refusal({ key: 'k' }), 'tls has a key but no certificate for it; give both or neither');
});

test('tls names files, pairs certificate and key, and needs an address', () => {
  const bad = [{ tls: true }, { address: 'a:1', tls: { cert: 'c' } }, { address: 'a:1', tls: { ca: 1 } }];
  for (const options of [...bad, { address: 'a:1', tls: { pem: 'x' } }]) {
    assert.throws(() => new Reseolio(options as object), { code: 'invalid_argument' });
  }
  assert.ok(new Reseolio({ address: 'a:1', tls: true }));
});
