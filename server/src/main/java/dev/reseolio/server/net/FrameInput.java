package dev.reseolio.server.net;

import dev.reseolio.server.traffic.Connection;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// What an HTTP/2 client says, in portions: no read goes beyond the head or the payload of one
/// frame. So whoever reads has dealt with all frames before the one whose head is told, and a
/// frame's data shares no segment of okio with that of another.
///
/// Frames: RFC 9113, section 4.1; padding: 6.1.
final class FrameInput extends InputStream {
  private static final int PREFACE_BYTES = 24;
  private static final int HEAD_BYTES = 9;
  private static final int BUFFER_BYTES = 8 << 10;
  private static final int TYPE = 3;
  private static final int FLAGS = 4;
  private static final int STREAM = 5;
  private static final int PADDED = 8;

  /// Told of each frame before anything of it can be read.
  interface Listener {
    /// All frames that were told have been dealt with.
    default void dealt() {}

    /// Returns when the frame may be read.
    ///
    /// @param data bytes of its payload, without padding
    void frame(int type, int stream, int data) throws IOException;
  }

  private final InputStream in;
  private final Listener listener;

  /// With the length of the padding, if there is some.
  private final byte[] head = new byte[HEAD_BYTES + 1];

  private int headBytes;
  private int headRead;
  private int payloadLeft = PREFACE_BYTES;

  FrameInput(InputStream in, Listener listener) {
    this.in = new BufferedInputStream(in, BUFFER_BYTES);
    this.listener = listener;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (headRead == headBytes && payloadLeft == 0 && !readHead()) {
      return -1;
    }
    if (headRead < headBytes) {
      int count = Math.min(length, headBytes - headRead);
      System.arraycopy(head, headRead, bytes, offset, count);
      headRead += count;
      return count;
    }
    int count = in.read(bytes, offset, Math.min(length, payloadLeft));
    payloadLeft -= Math.max(0, count);
    return count;
  }

  /// False: there is no other frame.
  private boolean readHead() throws IOException {
    listener.dealt();
    headRead = 0;
    headBytes = in.readNBytes(head, 0, HEAD_BYTES);
    if (headBytes < HEAD_BYTES) {
      headBytes = 0;
      return false;
    }
    payloadLeft = number(0, 3);
    int padding = 0;
    if (head[TYPE] == Connection.DATA && (head[FLAGS] & PADDED) != 0 && payloadLeft > 0) {
      headBytes += in.readNBytes(head, HEAD_BYTES, 1);
      payloadLeft -= 1;
      padding = head[HEAD_BYTES] & 0xFF;
    }
    int stream = number(STREAM, 4) & Integer.MAX_VALUE;
    listener.frame(head[TYPE], stream, Math.max(0, payloadLeft - padding));
    return true;
  }

  private int number(int from, int bytes) {
    int number = 0;
    for (byte one : Arrays.copyOfRange(head, from, from + bytes)) {
      number = (number << 8) | (one & 0xFF);
    }
    return number;
  }

  @Override
  public int available() throws IOException {
    return headBytes - headRead + Math.min(payloadLeft, in.available());
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
