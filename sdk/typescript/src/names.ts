import { invalid } from './errors.js';
import { show } from './options/check.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Joins parts to a function name: `namespace('billing', 'invoices', 'charge')` is `billing:invoices:charge`.
 *
 * @throws ReseolioError `invalid_argument` when a part is empty or contains `:`, `/` or a control character.
 */
export function namespace(...parts: string[]): string {
  if (parts.length === 0) throw invalid('namespace', 'namespace() expects at least one part, got none');
  for (const part of parts) {
    if (typeof part !== 'string' || part === '') {
      throw invalid('namespace', `namespace() expects non-empty strings, got ${JSON.stringify(part)}`);
    }
    if (/[:/]/.test(part) || CONTROL.test(part)) {
      throw invalid('namespace', `a namespace part has no ':', '/' or control characters, got ${JSON.stringify(part)}`);
    }
  }
  return checkName(parts.join(':'), 'namespace');
}

/** Returns `value` when it is a name the contract allows: 1 to 255 characters, no control characters. */
export function checkName(value: unknown, field: string): string {
  const name = checkLength(value, field);
  if (CONTROL.test(name)) {
    throw invalid(field, `${field} expects no control characters, got ${JSON.stringify(name)}; remove them`);
  }
  return name;
}

/** Returns `value` when it is a name of a step: as any name, made of whole characters, without `#`. */
export function checkStepName(value: unknown): string {
  const field = 'the name of a step';
  const name = checkName(value, field);
  // UTF-8 has no half of a pair: the server would acknowledge another key.
  if (/\p{Surrogate}/u.test(name)) throw invalid(field, `${field} expects whole characters, got half of a pair`);
  if (name.includes('#')) {
    throw invalid(field, `${field} expects no '#', got ${show(name)}; repeated names are numbered by themselves`);
  }
  return name;
}

/** Returns `value` when it is a string of 1 to 255 characters. */
export function checkLength(value: unknown, field: string): string {
  if (typeof value !== 'string') {
    throw invalid(field, `${field} expects a string, got ${value === null ? 'null' : typeof value}`);
  }
  const length = value.length > 255 ? [...value].length : value.length;
  if (length < 1 || length > 255) {
    throw invalid(field, `${field} expects 1 to 255 characters, got ${length}; ${length ? 'shorten it' : 'name it'}`);
  }
  return value;
}
