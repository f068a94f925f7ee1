package dev.reseolio.examples.payments;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The table `demo.ledger`: one row per payment, whichever attempt writes it; and `demo.attempted`:
/// one row per execution, so that anybody can count. Keeps a few connections open, one per handler
/// at most.
final class Ledger implements AutoCloseable {
  private static final String BOOK =
      """
      INSERT INTO demo.ledger(payment_id, amount_cents, worker, attempt) VALUES (?, ?, ?, ?)
      ON CONFLICT (payment_id) DO NOTHING
      """;

  private static final String NOTE =
      "INSERT INTO demo.attempted(payment_id, worker, attempt) VALUES (?, ?, ?)";

  private final String url;
  private final String worker;
  private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();

  Ledger(String url, String worker) {
    this.url = jdbcUrl(url);
    this.worker = worker;
  }

  /// An execution begins.
  void note(String paymentId, int attempt) throws SQLException {
    write(NOTE, paymentId, worker, attempt);
  }

  /// False when the payment was booked before, by an attempt whose end never became known.
  boolean book(String paymentId, long amountCents, int attempt) throws SQLException {
    return write(BOOK, paymentId, amountCents, worker, attempt) == 1;
  }

  private int write(String sql, Object... values) throws SQLException {
    Connection connection = borrow();
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        insert.setObject(i + 1, values[i]);
      }
      int rows = insert.executeUpdate();
      idle.add(connection);
      return rows;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private Connection borrow() throws SQLException {
    Connection connection = idle.poll();
    return connection != null ? connection : DriverManager.getConnection(url);
  }

  @Override
  public void close() throws SQLException {
    Connection connection;
    while ((connection = idle.poll()) != null) {
      connection.close();
    }
  }

  /// Takes `jdbc:postgresql://…` as it is, and `postgres://user:password@host/database` as other
  /// languages write it.
  static String jdbcUrl(String url) {
    if (url.startsWith("jdbc:")) {
      return url;
    }
    URI uri = URI.create(url);
    StringBuilder jdbc = new StringBuilder("jdbc:postgresql://").append(uri.getHost());
    if (uri.getPort() >= 0) {
      jdbc.append(':').append(uri.getPort());
    }
    jdbc.append(uri.getRawPath())
        .append('?')
        .append(uri.getRawQuery() == null ? "" : uri.getRawQuery() + "&");
    if (uri.getUserInfo() != null) {
      String[] user = uri.getUserInfo().split(":", 2);
      jdbc.append("user=").append(encoded(user[0]));
      jdbc.append(user.length > 1 ? "&password=" + encoded(user[1]) : "");
    }
    return jdbc.toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
