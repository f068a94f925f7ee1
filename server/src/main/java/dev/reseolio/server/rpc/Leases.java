package dev.reseolio.server.rpc;

import dev.reseolio.engine.dispatch.LeaseKey;
import dev.reseolio.engine.dispatch.StepKey;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.Text;
import dev.reseolio.proto.v1.Lease;

/// Leases on the wire.
final class Leases {
  private Leases() {}

  static LeaseKey key(Lease lease) {
    return new LeaseKey(Ids.parse(lease.getJobId()), lease.getAttempt(), lease.getToken());
  }

  static StepKey step(Lease lease, String key) {
    return new StepKey(key(lease), Text.name("key", key));
  }

  static dev.reseolio.proto.v1.StepKey wire(StepKey step) {
    return dev.reseolio.proto.v1.StepKey.newBuilder()
        .setLease(wire(step.lease()))
        .setKey(step.key())
        .build();
  }

  static Lease wire(LeaseKey key) {
    return Lease.newBuilder()
        .setJobId(key.job().toString())
        .setAttempt(key.attempt())
        .setToken(key.token())
        .build();
  }
}
