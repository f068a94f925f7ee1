/**
 * The thread that tells the server the worker is alive, whatever the user's code does to the main thread. It speaks
 * gRPC over node:http2 directly: one unary call with one string in it is not worth a second copy of grpc-js.
 */
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Access } from '../transport/access.js';
import { readPem } from '../transport/pem.js';

/** What to beat for; a new one replaces the one before. */
export interface BeatTarget {
  address: string;
  session: string;
  intervalMs: number;
  access: Access;
}

/** Sent to the main thread: the server does not know this session. */
export interface UnknownSession {
  unknownSession: string;
}

let target: BeatTarget | undefined;
let timer: NodeJS.Timeout | undefined;
let http2: ClientHttp2Session | undefined;

parentPort?.on('message', (next: BeatTarget) => {
  if (next.address !== target?.address) disconnect();
  target = next;
  clearInterval(timer);
  timer = setInterval(beat, next.intervalMs);
});

function beat(): void {
  if (target === undefined) return;
  const { session } = target;
  const stream = connection(target).request({
    ':method': 'POST',
    ':path': '/reseolio.v1.WorkerService/Beat',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(target.access.token === undefined ? {} : { authorization: `Bearer ${target.access.token}` }),
  });
  const chunks: Buffer[] = [];
  stream.setTimeout(target.intervalMs, () => stream.close());
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  stream.on('trailers', (trailers) => {
    if (trailers['grpc-status'] !== '0' || isKnown(Buffer.concat(chunks))) return;
    parentPort?.postMessage({ unknownSession: session } satisfies UnknownSession);
  });
  stream.end(frame(new BinaryWriter().uint32(10).string(session).finish()));
}

function connection({ address, access }: BeatTarget): ClientHttp2Session {
  if (http2 !== undefined && !http2.closed && !http2.destroyed) return http2;
  const path = address.startsWith('unix:') ? address.replace(/^unix:(\/\/)?/, '') : undefined;
  http2 =
    path === undefined
      ? connect(`${access.tls === undefined ? 'http' : 'https'}://${address}`, access.tls && readPem(access.tls))
      : connect('http://localhost', { createConnection: () => connectSocket(path) });
  http2.on('error', () => {});
  return http2;
}

function disconnect(): void {
  http2?.destroy();
  http2 = undefined;
}

/** A gRPC message: not compressed, length, content. */
function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Field 1 of the BeatResponse in the frame; a false bool is left out on the wire. */
function isKnown(data: Buffer): boolean {
  const reader = new BinaryReader(data.subarray(5));
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 8) return reader.bool();
    reader.skip(tag & 7);
  }
  return false;
}
