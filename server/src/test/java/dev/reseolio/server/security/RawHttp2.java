package dev.reseolio.server.security;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/// HTTP/2 by hand: says what no library would.
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int ACK = 1;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
    socket.setSoTimeout((int) TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
    out = new java.io.BufferedOutputStream(socket.getOutputStream());
    in = new DataInputStream(socket.getInputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
  }

  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    head(payload.length, type, flags, stream);
    out.write(payload);
  }

  /// The head of a frame, whatever follows.
  void head(int length, int type, int flags, int stream) throws IOException {
    out.write(new byte[] {(byte) (length >> 16), (byte) (length >> 8), (byte) length});
    out.write(type);
    out.write(flags);
    out.write(
        new byte[] {
          (byte) (stream >> 24), (byte) (stream >> 16), (byte) (stream >> 8), (byte) stream
        });
  }

  void flush() throws IOException {
    out.flush();
  }

  /// Headers of a gRPC call, literal and not indexed, and after them whatever is given.
  static byte[] call(String path, String... more) throws IOException {
    var block = new ByteArrayOutputStream();
    String[] usual = {
      ":method",
      "POST",
      ":scheme",
      "http",
      ":path",
      path,
      ":authority",
      "localhost",
      "content-type",
      "application/grpc",
      "te",
      "trailers"
    };
    for (String[] pairs : new String[][] {usual, more}) {
      for (int i = 0; i < pairs.length; i += 2) {
        literal(block, pairs[i], pairs[i + 1]);
      }
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream to, String name, String value)
      throws IOException {
    to.write(0);
    text(to, name);
    text(to, value);
  }

  private static void text(ByteArrayOutputStream to, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int length = bytes.length;
    if (length < 127) {
      to.write(length);
    } else {
      to.write(127);
      for (length -= 127; length >= 128; length /= 128) {
        to.write(length % 128 + 128);
      }
      to.write(length);
    }
    to.write(bytes);
  }

  /// The error code of the first frame of this type about this stream (0 = any); empty when the
  /// server ends the connection without one.
  OptionalInt errorOf(int type, int stream) throws IOException {
    try {
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int kind = in.readUnsignedByte();
        in.readUnsignedByte();
        int about = in.readInt() & Integer.MAX_VALUE;
        byte[] payload = in.readNBytes(length);
        if (kind == type && (stream == 0 || about == stream)) {
          int from = type == GOAWAY ? 4 : 0;
          return OptionalInt.of(
              java.nio.ByteBuffer.wrap(Arrays.copyOfRange(payload, from, from + 4)).getInt());
        }
      }
    } catch (java.io.EOFException | java.net.SocketException ended) {
      return OptionalInt.empty();
    }
  }

  /// Reads until so many streams have ended with headers, and says which, in that order. Answers
  /// pings, so that the server keeps the connection.
  List<Integer> ended(int streams) throws IOException {
    var ended = new ArrayList<Integer>();
    long since = System.nanoTime();
    while (ended.size() < streams) {
      var frame = next(since);
      if (frame.type == HEADERS && (frame.flags & END_STREAM) != 0) {
        ended.add(frame.stream);
      }
    }
    return ended;
  }

  /// Reads until so many bytes of data have come. Answers pings.
  ///
  /// @throws IllegalStateException when a stream ends before
  void data(int bytes) throws IOException {
    long since = System.nanoTime();
    for (int left = bytes; left > 0; ) {
      var frame = next(since);
      left -= frame.type == DATA ? frame.bytes : 0;
      if (frame.type == HEADERS && (frame.flags & END_STREAM) != 0) {
        throw new IllegalStateException("stream %d ended".formatted(frame.stream));
      }
    }
  }

  private record Frame(int type, int flags, int stream, int bytes) {}

  private Frame next(long since) throws IOException {
    if (System.nanoTime() - since > PATIENCE_NANOS) {
      throw new SocketTimeoutException("only pings came, or too little");
    }
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    var frame = new Frame(in.readUnsignedByte(), in.readUnsignedByte(), in.readInt(), length);
    byte[] payload = in.readNBytes(length);
    if (frame.type == PING && frame.flags == 0) {
      frame(PING, ACK, 0, payload);
      flush();
    }
    return frame;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
