import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSize, decodeArgs, decodeResult, encodeArgs, encodeResult } from '../../src/codec/json.js';

const text = (payload: { data: Buffer }) => payload.data.toString('utf8');

test('arguments are a JSON array of any shape', () => {
  const args = ['héllo ✓ 🚀 \u0000', 99.5, null, true, { a: [1, { b: 'ü' }] }, [[]]];
  assert.deepEqual(decodeArgs(encodeArgs(args)), args);
  assert.equal(text(encodeArgs([])), '[]');
});

test('undefined is null, and trailing ones are left out so that defaults apply', () => {
  assert.equal(text(encodeArgs(['a', undefined, 'b', undefined, undefined])), '["a",null,"b"]');
  assert.equal(text(encodeResult(undefined)), 'null');
  assert.equal(decodeResult(undefined), null);
});

test('lone surrogates survive', () => {
  assert.equal(decodeResult(encodeResult('\ud800')), '\ud800');
});

test('what is not JSON gets a clear error', () => {
  assert.throws(() => encodeArgs([10n]), /the arguments must be JSON, got a bigint; pass it as a string/);
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  assert.throws(() => encodeResult(circular), /the result must be JSON, got a structure that refers to itself/);
  const throwing = {
    toJSON: () => {
      throw new Error('no');
    },
  };
  assert.throws(() => encodeArgs([throwing]), /cannot be encoded as JSON: no/);
});

test('a payload over the limit names the limit', () => {
  assert.throws(() => checkSize(encodeResult('x'.repeat(100)), 50, 'the result'), {
    code: 'payload_too_large',
    message: /102 bytes as JSON, the limit is 50 bytes/,
  });
  checkSize(encodeResult('x'.repeat(100)), 0, 'the result');
});

test('other content types and malformed data are refused, a lone value is the only argument', () => {
  assert.throws(() => decodeArgs({ data: Buffer.from('x'), contentType: 'application/cbor' }), {
    code: 'unsupported_content_type',
  });
  assert.throws(() => decodeArgs({ data: Buffer.from('{'), contentType: '' }), { code: 'malformed_payload' });
  assert.deepEqual(decodeArgs({ data: Buffer.from('{"a":1}'), contentType: 'application/json; charset=utf-8' }), [
    { a: 1 },
  ]);
});
