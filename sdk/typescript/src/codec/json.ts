import { invalid, messageOf, ReseolioError } from '../errors.js';
import type { Payload } from '../gen/reseolio/v1/common.js';

const JSON_TYPE = 'application/json';

/** Encodes a call's arguments as a JSON array. Trailing `undefined`s are left out, so that defaults apply in the handler. */
export function encodeArgs(args: readonly unknown[]): Payload {
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count--;
  return payload(stringify(count === args.length ? args : args.slice(0, count), 'the arguments'));
}

/** Encodes a handler's result. `undefined` becomes `null`. */
export function encodeResult(value: unknown): Payload {
  return payload(stringify(value, 'the result') ?? 'null');
}

/** Encodes what a step returned. `undefined` is no payload at all, so that it can be told from `null`. */
export function encodeStep(value: unknown, what: string): Payload | undefined {
  const json = stringify(value, what);
  return json === undefined ? undefined : payload(json);
}

/** Decodes what a step returned. No data is `undefined`. */
export function decodeStep(result: Payload | undefined): unknown {
  return decode(result, undefined);
}

/** Decodes arguments. Anything but a JSON array is taken as the only argument. */
export function decodeArgs(args: Payload | undefined): unknown[] {
  const value = decode(args, []);
  return Array.isArray(value) ? value : [value];
}

/** Decodes a result. No data is `null`. */
export function decodeResult(result: Payload | undefined): unknown {
  return decode(result, null);
}

/** Throws `payload_too_large` when a payload is larger than the server's limit. A limit of 0 is unknown. */
export function checkSize(data: Payload, limitBytes: number, what: string): Payload {
  if (limitBytes > 0 && data.data.length > limitBytes) {
    throw new ReseolioError(
      'payload_too_large',
      `${what} is ${data.data.length} bytes as JSON, the limit is ${limitBytes} bytes; ` +
        'store it elsewhere and pass a reference, or raise the limit of the sidecar',
    );
  }
  return data;
}

function payload(json: string | undefined): Payload {
  return { data: Buffer.from(json ?? 'null', 'utf8'), contentType: '' };
}

function decode(data: Payload | undefined, empty: unknown): unknown {
  if (data === undefined || data.data.length === 0) return empty;
  const type = data.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== '' && type !== JSON_TYPE) {
    throw new ReseolioError('unsupported_content_type', `this SDK reads ${JSON_TYPE}, got "${data.contentType}"`);
  }
  try {
    return JSON.parse(data.data.toString('utf8'));
  } catch (cause) {
    throw new ReseolioError('malformed_payload', `expected JSON, got something else: ${messageOf(cause)}`, { cause });
  }
}

function stringify(value: unknown, what: string): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const message = messageOf(cause);
    if (message.includes('BigInt')) {
      throw invalid(what, `${what} must be JSON, got a bigint; pass it as a string, e.g. value.toString()`);
    }
    if (message.includes('circular')) {
      throw invalid(what, `${what} must be JSON, got a structure that refers to itself; pass plain data, e.g. an id`);
    }
    throw invalid(what, `${what} cannot be encoded as JSON: ${message}`);
  }
}
