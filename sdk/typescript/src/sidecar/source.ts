import type { AddressSource } from '../transport/connection.js';

/** Where a client's sidecar comes from. */
export interface SidecarSource extends AddressSource {
  /** Makes sure there is a sidecar; rejects with the reason when there is none. */
  start(): Promise<void>;
  /** Ends what it started. Idempotent. */
  stop(): Promise<void>;
}

/** A sidecar somebody else runs, at an address that does not change. */
export function fixedAddress(address: string): SidecarSource {
  return { start: async () => {}, address: async () => address, stop: async () => {} };
}
