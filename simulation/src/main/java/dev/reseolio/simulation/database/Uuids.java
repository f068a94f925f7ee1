package dev.reseolio.simulation.database;

import java.util.UUID;

/// UUIDs as PostgreSQL compares them: by their bytes, without a sign.
final class Uuids {
  private Uuids() {}

  static boolean notBelow(UUID id, UUID bound) {
    int high = Long.compareUnsigned(id.getMostSignificantBits(), bound.getMostSignificantBits());
    return high != 0
        ? high > 0
        : Long.compareUnsigned(id.getLeastSignificantBits(), bound.getLeastSignificantBits()) >= 0;
  }
}
