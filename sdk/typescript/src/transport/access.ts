import { type ChannelCredentials, credentials, Metadata } from '@grpc/grpc-js';
import { readPem } from './pem.js';

/** What a connection shows to the sidecar, and how it is encrypted. */
export interface Access {
  token: string | undefined;
  /** Paths of PEM files; undefined: plain text. */
  tls: { ca?: string; cert?: string; key?: string } | undefined;
}

/** True for addresses that are never encrypted: the file of a socket keeps others out. */
export function isSocket(address: string): boolean {
  return address.startsWith('unix:');
}

export function channelCredentials(access: Access, address: string): ChannelCredentials {
  if (access.tls === undefined || isSocket(address)) return credentials.createInsecure();
  const { ca, cert, key } = readPem(access.tls);
  return credentials.createSsl(ca ?? null, key ?? null, cert ?? null);
}

/** The headers of every call. */
export function callMetadata(access: Access): Metadata {
  const metadata = new Metadata();
  if (access.token !== undefined) metadata.set('authorization', `Bearer ${access.token}`);
  return metadata;
}
