package dev.reseolio.survival;

import java.util.concurrent.atomic.AtomicInteger;

/// Where the messages of PostgreSQL's protocol (version 3) begin and end in one direction of a
/// connection, whatever pieces it arrives in. A message is a type byte, four bytes of length that
/// count themselves, and the rest; a client's first messages have no type.
final class Frames {
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private static final int HEAD = 5;

  /// Told where a message begins or ends; true: cut here.
  interface Watcher {
    boolean starts(byte type);

    boolean ends(byte type);
  }

  private final AtomicInteger bareReplies;
  private boolean greeted;
  private byte type;
  private long head;
  private int seen;
  private long left;

  /// @param client what a client sends, not a server
  /// @param bareReplies single bytes with which the server answers requests for encryption; shared
  ///   by both directions
  Frames(boolean client, AtomicInteger bareReplies) {
    this.bareReplies = bareReplies;
    this.greeted = !client;
  }

  /// The offset at which the watcher wants to cut; -1: nowhere.
  int scan(byte[] bytes, int length, Watcher watcher) {
    int at = 0;
    while (at < length) {
      if (!greeted) {
        at = greet(bytes, at, length);
      } else if (left > 0) {
        int part = (int) Math.min(left, length - at);
        left -= part;
        at += part;
        if (left == 0 && watcher.ends(type)) {
          return at;
        }
      } else if (seen == 0 && bareReplies.get() > 0 && bytes[at] != 'E') {
        bareReplies.decrementAndGet();
        at++;
      } else {
        if (seen == 0 && watcher.starts(bytes[at])) {
          return at;
        }
        at += head(bytes[at]);
        if (seen == 0 && left == 0 && watcher.ends(type)) {
          return at;
        }
      }
    }
    return -1;
  }

  private int head(byte next) {
    if (seen == 0) {
      type = next;
      head = 0;
    } else {
      head = head << 8 | (next & 0xff);
    }
    if (++seen == HEAD) {
      seen = 0;
      left = head - 4;
    }
    return 1;
  }

  /// Untyped: length, code, and for the last of them names and values.
  private int greet(byte[] bytes, int from, int length) {
    int at = from;
    while (seen < 8 && at < length) {
      head = head << 8 | (bytes[at++] & 0xff);
      if (++seen == 4) {
        left = head - 8;
        head = 0;
      }
    }
    if (seen == 8) {
      int part = (int) Math.min(left, length - at);
      left -= part;
      at += part;
      if (left == 0) {
        greeted = head != SSL_REQUEST && head != GSS_REQUEST;
        if (!greeted) {
          bareReplies.incrementAndGet();
        }
        seen = 0;
        head = 0;
      }
    }
    return at;
  }
}
