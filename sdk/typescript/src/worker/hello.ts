import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Hello, Resume } from '../gen/reseolio/v1/worker.js';
import { SDK_VERSION } from '../version.js';
import { thisProcess } from './process-scope.js';

const PROTOCOL = 1;

/** A name for a worker, for people. */
export function newWorkerId(): string {
  return `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`;
}

/** The first message on a worker's stream. */
export function helloOf(workerId: string, functions: string[], credits: number, resume: Resume | undefined): Hello {
  return {
    workerId,
    sdk: 'typescript',
    sdkVersion: SDK_VERSION,
    protocolMin: PROTOCOL,
    protocolMax: PROTOCOL,
    capabilities: [],
    functions: functions.map((name) => ({ name, version: '' })),
    credits,
    resume,
    process: thisProcess(),
  };
}
