package dev.reseolio.checker;

import java.util.List;
import java.util.Map;

/// What the checker says of a history.
///
/// @param verdict invariant by invariant
/// @param accepted calls that were told their job exists
/// @param takeovers by kind of fault
/// @param recoveries nanoseconds until work went on, by kind of fault
/// @param overlaps nanoseconds for which a lost execution ran beside its successor
/// @param invalid faults that prove nothing, and why
public record Report(
    Verdict verdict,
    long accepted,
    Map<String, List<Takeovers.Time>> takeovers,
    Map<String, List<Long>> recoveries,
    List<Long> overlaps,
    List<String> invalid) {

  /// The value below which `share` of the values are; 0 when there are none.
  public static long percentile(List<Long> values, double share) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.isEmpty() ? 0 : sorted.get((int) Math.ceil(share * sorted.size()) - 1);
  }
}
