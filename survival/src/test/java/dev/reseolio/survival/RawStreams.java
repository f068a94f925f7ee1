package dev.reseolio.survival;

import com.google.protobuf.MessageLite;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A connection of HTTP/2 by hand: frames of any size, and nothing is ever read.
final class RawStreams implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int FIRST_WINDOW = 65_535;

  private final Socket socket;
  private final OutputStream out;

  RawStreams(Node node) throws IOException {
    var address = URI.create("tcp://" + node.address());
    socket = new Socket(address.getHost(), address.getPort());
    out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
    out.flush();
  }

  /// Lets the sidecar send so many bytes on each stream, and no fewer on the connection.
  void grant(int window) throws IOException {
    frame(
        SETTINGS,
        0,
        0,
        ByteBuffer.allocate(6).putShort((short) INITIAL_WINDOW_SIZE).putInt(window).array());
    if (window > FIRST_WINDOW) {
      frame(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(window - FIRST_WINDOW).array());
    }
    out.flush();
  }

  /// So many calls, each with this one message.
  void calls(String path, int calls, MessageLite message) throws IOException {
    begin(path, calls, message, END_STREAM);
  }

  /// So many streams, each with this first message.
  void streams(String path, int streams, MessageLite first) throws IOException {
    begin(path, streams, first, 0);
  }

  private void begin(String path, int streams, MessageLite first, int flags) throws IOException {
    for (int i = 0; i < streams; i++) {
      open(2 * i + 1, path);
      frame(DATA, flags, 2 * i + 1, prefixed(first));
    }
    out.flush();
  }

  /// More for the streams that are open, the next frame of each in turn.
  ///
  /// @param frame bytes in each frame
  void more(int streams, byte[] bytes, int frame) throws IOException {
    for (int sent = 0; sent < bytes.length; sent += frame) {
      byte[] part = Arrays.copyOfRange(bytes, sent, Math.min(sent + frame, bytes.length));
      for (int i = 0; i < streams; i++) {
        data(2 * i + 1, part);
      }
    }
    out.flush();
  }

  /// So many frames without data for each of the streams that are open.
  void empty(int streams, int frames) throws IOException {
    for (int n = 0; n < frames; n++) {
      for (int i = 0; i < streams; i++) {
        data(2 * i + 1, new byte[0]);
      }
    }
    out.flush();
  }

  /// So many calls without a message, over at once.
  void halfClosed(String path, int calls) throws IOException {
    for (int i = 0; i < calls; i++) {
      open(2 * i + 1, path, END_HEADERS | END_STREAM);
    }
    out.flush();
  }

  /// As gRPC puts it on a stream.
  static byte[] prefixed(MessageLite message) {
    byte[] bytes = message.toByteArray();
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) 0)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  private void open(int stream, String path) throws IOException {
    open(stream, path, END_HEADERS);
  }

  private void open(int stream, String path, int flags) throws IOException {
    var block = new ByteArrayOutputStream();
    String[] headers = {
      ":method", "POST",
      ":scheme", "http",
      ":path", path,
      ":authority", "localhost",
      "content-type", "application/grpc",
      "te", "trailers"
    };
    for (int i = 0; i < headers.length; i += 2) {
      block.write(0);
      text(block, headers[i]);
      text(block, headers[i + 1]);
    }
    frame(HEADERS, flags, stream, block.toByteArray());
  }

  private static void text(ByteArrayOutputStream to, String text) {
    int length = text.length();
    to.write(Math.min(length, 127));
    if (length >= 127) { // HPACK, RFC 7541, section 5.1
      for (length -= 127; length >= 128; length /= 128) {
        to.write(length % 128 + 128);
      }
      to.write(length);
    }
    to.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void data(int stream, byte[] part) throws IOException {
    frame(DATA, 0, stream, part);
  }

  /// So many calls, each with a message of 64 000 bytes but for its end, as far as the first window
  /// goes.
  ///
  /// @param frame bytes in each frame
  void unfinished(String path, int calls, int frame) throws IOException {
    for (int i = 0; i < calls; i++) {
      open(2 * i + 1, path);
      data(2 * i + 1, new byte[] {0, 0, 0, (byte) 0xFA, 0});
    }
    byte[] part = new byte[frame];
    for (int sent = 0; sent < 64_000 - frame; sent += frame) {
      for (int i = 0; i < calls; i++) {
        data(2 * i + 1, part);
      }
    }
    out.flush();
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    out.write(
        ByteBuffer.allocate(9)
            .put((byte) (payload.length >> 16))
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .array());
    out.write(payload);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
