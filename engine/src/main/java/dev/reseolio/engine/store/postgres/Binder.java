package dev.reseolio.engine.store.postgres;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Binds the parameters of a statement from left to right; a batch is one array per column.
final class Binder {
  private final PreparedStatement statement;
  private int index;

  Binder(PreparedStatement statement) {
    this.statement = statement;
  }

  Binder set(int value) throws SQLException {
    statement.setInt(++index, value);
    return this;
  }

  Binder set(long value) throws SQLException {
    statement.setLong(++index, value);
    return this;
  }

  Binder set(boolean value) throws SQLException {
    statement.setBoolean(++index, value);
    return this;
  }

  Binder set(UUID value) throws SQLException {
    statement.setObject(++index, value);
    return this;
  }

  Binder set(String value) throws SQLException {
    statement.setString(++index, value);
    return this;
  }

  Binder ints(int[] values) throws SQLException {
    return array("int4", values);
  }

  <T> Binder uuids(List<T> rows, Function<T, UUID> column) throws SQLException {
    UUID[] values = new UUID[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(rows.get(i));
    }
    return array("uuid", values);
  }

  <T> Binder ints(List<T> rows, ToIntFunction<T> column) throws SQLException {
    int[] values = new int[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.applyAsInt(rows.get(i));
    }
    return array("int4", values);
  }

  <T> Binder shorts(List<T> rows, ToIntFunction<T> column) throws SQLException {
    short[] values = new short[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) column.applyAsInt(rows.get(i));
    }
    return array("int2", values);
  }

  <T> Binder longs(List<T> rows, ToLongFunction<T> column) throws SQLException {
    long[] values = new long[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.applyAsLong(rows.get(i));
    }
    return array("int8", values);
  }

  <T> Binder nullableLongs(List<T> rows, Function<T, @Nullable Long> column) throws SQLException {
    @Nullable Long[] values = new @Nullable Long[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(rows.get(i));
    }
    return array("int8", values);
  }

  <T> Binder texts(List<T> rows, Function<T, @Nullable String> column) throws SQLException {
    @Nullable String[] values = new @Nullable String[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(rows.get(i));
    }
    return array("text", values);
  }

  <T> Binder bytes(List<T> rows, Function<T, byte @Nullable []> column) throws SQLException {
    byte[][] values = new byte[rows.size()][];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(rows.get(i));
    }
    return array("bytea", values);
  }

  private Binder array(String type, Object values) throws SQLException {
    var connection = statement.getConnection().unwrap(org.postgresql.PGConnection.class);
    statement.setArray(++index, connection.createArrayOf(type, values));
    return this;
  }
}
