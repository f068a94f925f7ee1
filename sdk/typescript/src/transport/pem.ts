import { readFileSync } from 'node:fs';
import { messageOf, ReseolioError } from '../errors.js';
import type { Access } from './access.js';

/** The contents of the PEM files. */
export interface Pem {
  ca: Buffer | undefined;
  cert: Buffer | undefined;
  key: Buffer | undefined;
}

/** Reads the PEM files anew, so that replaced ones count from the next connection on. */
export function readPem(tls: NonNullable<Access['tls']>): Pem {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  try {
    return { ca: read(tls.ca), cert: read(tls.cert), key: read(tls.key) };
  } catch (error) {
    throw new ReseolioError('invalid_argument', `a file of tls cannot be read: ${messageOf(error)}`, { field: 'tls' });
  }
}
