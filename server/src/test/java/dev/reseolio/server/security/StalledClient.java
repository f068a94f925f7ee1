package dev.reseolio.server.security;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/// A client whose streams have no window: of their answers nothing is read but what it asks for.
final class StalledClient implements AutoCloseable {
  private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};
  private static final int MOST_OF_FRAME = 16_000;

  private final RawHttp2 raw;
  private final String secret;

  StalledClient(Fortress fortress, String secret) throws IOException {
    this.raw = new RawHttp2(fortress.grpcPort());
    this.secret = secret;
    raw.frame(RawHttp2.SETTINGS, 0, 0, NO_WINDOW);
  }

  void open(int stream, MethodDescriptor<?, ?> method) throws IOException {
    byte[] head =
        RawHttp2.call('/' + method.getFullMethodName(), "authorization", "Bearer " + secret);
    raw.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, head);
  }

  /// @param flags of its last frame
  void send(int stream, int flags, MessageLite message) throws IOException {
    byte[] bytes = message.toByteArray();
    byte[] framed =
        ByteBuffer.allocate(5 + bytes.length).put((byte) 0).putInt(bytes.length).put(bytes).array();
    for (int from = 0; from < framed.length; from += MOST_OF_FRAME) {
      int to = Math.min(framed.length, from + MOST_OF_FRAME);
      int last = to == framed.length ? flags : 0;
      raw.frame(RawHttp2.DATA, last, stream, Arrays.copyOfRange(framed, from, to));
    }
    raw.flush();
  }

  /// Makes room for so many bytes more of the answers of a stream.
  void grant(int stream, int bytes) throws IOException {
    byte[] window = ByteBuffer.allocate(4).putInt(bytes).array();
    raw.frame(RawHttp2.WINDOW_UPDATE, 0, 0, window);
    raw.frame(RawHttp2.WINDOW_UPDATE, 0, stream, window);
    raw.flush();
  }

  /// Reads until so many bytes of answers have come.
  void read(int bytes) throws IOException {
    raw.data(bytes);
  }

  /// Which streams have ended, once they are so many.
  List<Integer> ended(int streams) throws IOException {
    return raw.ended(streams);
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }
}
