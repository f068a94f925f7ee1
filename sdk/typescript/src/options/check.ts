import { invalid } from '../errors.js';

const DAY_MS = 86_400_000;
/** 365 days in milliseconds. */
export const YEAR_MS = 365 * DAY_MS;
/** 3650 days in milliseconds. */
export const DECADE_MS = 3650 * DAY_MS;

/** Returns `value` when it is a finite number from `min` to `max`. */
export function checkNumber(value: unknown, field: string, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalid(field, `${field} expects a number from ${min} to ${max}, got ${show(value)}`);
  }
  return value;
}

/** Returns `value` when it is a whole number from `min` to `max`. */
export function checkInteger(value: unknown, field: string, min: number, max: number): number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw invalid(field, `${field} expects a whole number from ${min} to ${max}, got ${show(value)}`);
  }
  return value as number;
}

/** Returns `value` when it is a number of milliseconds from `min` to `max`. */
export function checkMs(value: unknown, field: string, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalid(field, `${field} expects milliseconds from ${min} to ${max}, got ${show(value)}`);
  }
  return value;
}

/** Throws when `object` has a key that is not among `known`. */
export function checkKeys(object: unknown, known: readonly string[], what: string): void {
  if (!isPlainObject(object)) throw invalid(what, `${what} expects an object, got ${show(object)}`);
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) {
      throw invalid(key, `${what} has no "${key}"; it knows ${known.join(', ')}`);
    }
  }
}

/** Whether `value` is an object literal (or has no prototype): not an array, a Date or an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A short rendering of a value for an error message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
