package dev.reseolio.server.traffic;

import java.util.ArrayDeque;
import java.util.Queue;

/// The data of one call that nothing has taken yet, by the frames that it came in. Not thread-safe.
final class UntakenFrames {
  /// A frame's data shares no segment of okio with that of another.
  static final long SEGMENT_BYTES = 8 << 10;

  /// What a frame takes up beside its data, if it has any.
  static final long FRAME_BYTES = 256;

  /// What stands before each message (gRPC over HTTP/2, Length-Prefixed-Message).
  static final long PREFIX_BYTES = 5;

  /// How much data is in each.
  private final Queue<Integer> frames = new ArrayDeque<>(1);

  /// In all of them.
  private long data;

  /// Of the first one, with messages that were taken.
  private long taken;

  /// In messages that have come whole.
  private long whole;

  /// What a frame with so much data takes up.
  static long takesUp(long data) {
    return FRAME_BYTES + (data + SEGMENT_BYTES - 1) / SEGMENT_BYTES * SEGMENT_BYTES;
  }

  void add(int frame) {
    frames.add(frame);
    data += frame;
  }

  /// A message of so many bytes has come whole.
  void whole(long message) {
    whole += PREFIX_BYTES + message;
  }

  /// Bytes in messages that have come whole.
  long whole() {
    return whole;
  }

  /// Part of a message has come, or one that nobody asked for.
  boolean isUnfinished() {
    return data - taken > whole;
  }

  /// Takes the messages that have come whole.
  ///
  /// @return what the frames take up of which nothing is left
  long take() {
    taken += whole;
    whole = 0;
    long bytes = 0;
    Integer first;
    while ((first = frames.peek()) != null && first <= taken) {
      frames.remove();
      data -= first;
      taken -= first;
      bytes += takesUp(first);
    }
    return bytes;
  }

  /// @return what all of them take up
  long clear() {
    long bytes = frames.stream().mapToLong(UntakenFrames::takesUp).sum();
    frames.clear();
    data = 0;
    taken = 0;
    whole = 0;
    return bytes;
  }
}
