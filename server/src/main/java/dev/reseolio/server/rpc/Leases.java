package dev.reseolio.server.rpc;

import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.proto.v1.Lease;

/// Leases on the wire.
final class Leases {
  private Leases() {}

  static LeaseKey key(Lease lease) {
    return new LeaseKey(Ids.parse(lease.getJobId()), lease.getAttempt(), lease.getToken());
  }

  static Lease wire(LeaseKey key) {
    return Lease.newBuilder()
        .setJobId(key.job().toString())
        .setAttempt(key.attempt())
        .setToken(key.token())
        .build();
  }
}
