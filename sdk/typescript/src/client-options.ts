import { invalid } from './errors.js';
import { checkInteger, checkKeys, checkMs, show, YEAR_MS } from './options/check.js';
import type { RuntimeConfig } from './runtime.js';
import type { SidecarOptions } from './sidecar/options.js';

/** Options of a client. */
export interface ReseolioOptions {
  /** URL of the PostgreSQL database, `postgres://user:pass@host:5432/database`. Default: an embedded one in ./.reseolio. */
  storage?: string;
  /** `host:port` or `unix:/path` of a running sidecar to join. Default: start one. */
  address?: string;
  /** How to start a sidecar. Not together with `address`. */
  sidecar?: SidecarOptions;
  /** Handlers that run at once in this process, 0 (none: only call) to 100 000. Default 10. */
  concurrency?: number;
  /** Time in which a call is committed or rejects, in ms. Default 30 000. */
  enqueueTimeoutMs?: number;
  /** Time start() waits for the connection once there is a sidecar, in ms. Default 30 000. */
  startTimeoutMs?: number;
  /** Time stop() gives running handlers to finish, in ms; those left are handed back. Default 30 000. */
  stopTimeoutMs?: number;
}

/** Options after validation. */
export interface ClientConfig extends RuntimeConfig {
  storage: string | undefined;
  address: string | undefined;
  sidecar: SidecarOptions;
}

const KEYS = [
  'storage',
  'address',
  'sidecar',
  'concurrency',
  'enqueueTimeoutMs',
  'startTimeoutMs',
  'stopTimeoutMs',
] as const satisfies (keyof ReseolioOptions)[];
const SIDECAR_KEYS = ['path', 'args', 'env', 'shared'] as const satisfies (keyof SidecarOptions)[];
const MAX_CONCURRENCY = 100_000;

/** Validates the options of a client and fills in the defaults. */
export function checkClientOptions(options: ReseolioOptions): ClientConfig {
  checkKeys(options, KEYS, 'the options of new Reseolio()');
  const { storage, address, sidecar = {} } = options;
  checkKeys(sidecar, SIDECAR_KEYS, 'the option sidecar');
  checkText(storage, 'storage', 'a URL such as postgres://user:pass@localhost:5432/my_app_db');
  checkText(address, 'address', 'a host and port such as 127.0.0.1:7450, or unix:/path');
  if (address !== undefined && options.sidecar !== undefined) {
    throw invalid('sidecar', 'address joins a running sidecar, so there is none to configure; give only one of them');
  }
  return {
    storage,
    address,
    sidecar,
    concurrency: checkInteger(options.concurrency ?? 10, 'concurrency', 0, MAX_CONCURRENCY),
    enqueueTimeoutMs: checkMs(options.enqueueTimeoutMs ?? 30_000, 'enqueueTimeoutMs', 1, YEAR_MS),
    startTimeoutMs: checkMs(options.startTimeoutMs ?? 30_000, 'startTimeoutMs', 1, YEAR_MS),
    stopTimeoutMs: checkMs(options.stopTimeoutMs ?? 30_000, 'stopTimeoutMs', 0, 2 ** 31 - 1),
  };
}

function checkText(value: unknown, field: string, expected: string): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  throw invalid(field, `${field} expects ${expected}, got ${show(value)}; leave it out for the default`);
}
