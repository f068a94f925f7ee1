import { invalid } from './errors.js';
import { checkInteger, checkKeys, checkMs, show, YEAR_MS } from './options/check.js';
import type { RuntimeConfig } from './runtime.js';
import type { SidecarOptions } from './sidecar/options.js';
import type { Access } from './transport/access.js';

/** Options of a client. */
export interface ReseolioOptions {
  /** URL of the PostgreSQL database, `postgres://user:pass@host:5432/database`. Default: an embedded one in ./.reseolio. */
  storage?: string;
  /** `host:port` or `unix:/path` of a running sidecar to join. Default: start one. */
  address?: string;
  /** The token to show to the sidecar at `address`. Default: the environment's RESEOLIO_TOKEN. White space around it is ignored. Never logged. */
  token?: string;
  /** Encrypts the connection to `address`; `true` trusts the authorities Node trusts. Default: plain text. */
  tls?: boolean | TlsOptions;
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

/** PEM files of an encrypted connection. */
export interface TlsOptions {
  /** Authority of the sidecar's certificate. Default: those Node trusts. */
  ca?: string;
  /** Certificate to show, for a sidecar with `tls-client-ca`. Needs `key`. */
  cert?: string;
  /** Private key of `cert`. */
  key?: string;
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
  'token',
  'tls',
  'sidecar',
  'concurrency',
  'enqueueTimeoutMs',
  'startTimeoutMs',
  'stopTimeoutMs',
] as const satisfies (keyof ReseolioOptions)[];
const SIDECAR_KEYS = ['path', 'args', 'env', 'shared'] as const satisfies (keyof SidecarOptions)[];
const TLS_KEYS = ['ca', 'cert', 'key'] as const satisfies (keyof TlsOptions)[];
const MAX_CONCURRENCY = 100_000;

/** Validates the options of a client and fills in the defaults. */
export function checkClientOptions(options: ReseolioOptions): ClientConfig {
  checkKeys(options, KEYS, 'the options of new Reseolio()');
  const { storage, address, sidecar = {} } = options;
  checkKeys(sidecar, SIDECAR_KEYS, 'the option sidecar');
  checkText(storage, 'storage', 'a URL such as postgres://user:pass@localhost:5432/my_app_db');
  checkText(address, 'address', 'a host and port such as 127.0.0.1:7450, or unix:/path');
  if (address === undefined && options.tls) {
    throw invalid('tls', 'tls is for a running sidecar; give its address too');
  }
  const access = checkAccess(options.token ?? process.env.RESEOLIO_TOKEN, options.tls);
  if (address !== undefined && options.sidecar !== undefined) {
    throw invalid('sidecar', 'address joins a running sidecar, so there is none to configure; give only one of them');
  }
  return {
    storage,
    address,
    sidecar,
    access,
    concurrency: checkInteger(options.concurrency ?? 10, 'concurrency', 0, MAX_CONCURRENCY),
    enqueueTimeoutMs: checkMs(options.enqueueTimeoutMs ?? 30_000, 'enqueueTimeoutMs', 1, YEAR_MS),
    startTimeoutMs: checkMs(options.startTimeoutMs ?? 30_000, 'startTimeoutMs', 1, YEAR_MS),
    stopTimeoutMs: checkMs(options.stopTimeoutMs ?? 30_000, 'stopTimeoutMs', 0, 2 ** 31 - 1),
  };
}

/** Files and Kubernetes secrets have white space at their end. */
function checkToken(given: unknown): string | undefined {
  const token = typeof given === 'string' ? given.trim() : given;
  if (token === undefined || token === '') return undefined;
  if (typeof token === 'string' && /^[\x21-\x7e]{1,248}$/.test(token)) return token;
  throw invalid('token', "token expects what 'reseolio token create' shows, without spaces; it is not shown here");
}

function checkAccess(token: unknown, tls: boolean | TlsOptions | undefined): Access {
  const files = tls === true ? {} : tls || undefined;
  if (files !== undefined) {
    checkKeys(files, TLS_KEYS, 'the option tls');
    for (const key of TLS_KEYS) checkText(files[key], `tls.${key}`, 'the path of a PEM file');
    const { cert, key } = files;
    if (cert !== undefined && key === undefined) throw invalid('tls', half('a certificate', 'key'));
    if (key !== undefined && cert === undefined) throw invalid('tls', half('a key', 'certificate'));
  }
  return { token: checkToken(token), tls: files };
}

function half(given: string, missing: string): string {
  return `tls has ${given} but no ${missing} for it; give both or neither`;
}

function checkText(value: unknown, field: string, expected: string): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  throw invalid(field, `${field} expects ${expected}, got ${show(value)}; leave it out for the default`);
}
