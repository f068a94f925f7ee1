package dev.reseolio.engine.store.postgres;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A server that lets everybody in, says that it is of some version, and refuses our settings, as
/// an old server would that does not know all of them.
final class FakePostgres implements AutoCloseable {
  private final String version;
  private final ServerSocket server;

  FakePostgres(String version) throws IOException {
    this.version = version;
    this.server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  String url() {
    return "postgres://u:p@127.0.0.1:%d/db?sslmode=disable".formatted(server.getLocalPort());
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        // It was closed: the loop ends.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      talk(
          new DataInputStream(socket.getInputStream()),
          new DataOutputStream(socket.getOutputStream()));
    } catch (IOException e) {
      // The client went away.
    }
  }

  private void talk(DataInputStream in, DataOutputStream out) throws IOException {
    in.skipNBytes(in.readInt() - 4);
    send(out, 'R', new byte[4]);
    send(out, 'S', text("server_version", version));
    send(out, 'S', text("client_encoding", "UTF8"));
    send(out, 'S', text("standard_conforming_strings", "on"));
    send(out, 'S', text("integer_datetimes", "on"));
    send(out, 'S', text("DateStyle", "ISO, MDY"));
    send(out, 'Z', new byte[] {'I'});
    boolean refused = false;
    while (true) {
      char type = (char) in.readByte();
      byte[] body = in.readNBytes(in.readInt() - 4);
      boolean several = new String(body, StandardCharsets.UTF_8).indexOf("SET search_path") >= 0;
      if (several && !refused) {
        send(out, 'E', text("SERROR", "C42704", "Munrecognized configuration parameter", ""));
      }
      refused = type != 'S' && (refused || several);
      answer(out, type, refused);
    }
  }

  private static void answer(DataOutputStream out, char type, boolean refused) throws IOException {
    switch (type) {
      case 'S' -> send(out, 'Z', new byte[] {'I'});
      case 'Q' -> {
        if (!refused) {
          send(out, 'C', text("SET"));
        }
        send(out, 'Z', new byte[] {'I'});
      }
      case 'X' -> throw new IOException("the client has said goodbye");
      default -> {
        String yes = "P1B2DnEC";
        int at = yes.indexOf(type);
        if (!refused && at >= 0) {
          send(out, yes.charAt(at + 1), type == 'E' ? text("SET") : new byte[0]);
        }
      }
    }
  }

  private static byte[] text(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String word : words) {
      bytes.writeBytes(word.getBytes(StandardCharsets.UTF_8));
      bytes.write(0);
    }
    return bytes.toByteArray();
  }

  private static void send(DataOutputStream out, char type, byte[] body) throws IOException {
    out.writeByte(type);
    out.writeInt(body.length + 4);
    out.write(body);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
