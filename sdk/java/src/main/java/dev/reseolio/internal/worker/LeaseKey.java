package dev.reseolio.internal.worker;

import dev.reseolio.proto.v1.Lease;

/// A lease as a map key: by what the contract says identifies it, whatever fields a newer server
/// adds.
record LeaseKey(String jobId, int attempt, long token) {
  static LeaseKey of(Lease lease) {
    return new LeaseKey(lease.getJobId(), lease.getAttempt(), lease.getToken());
  }
}
