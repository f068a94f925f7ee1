package dev.reseolio.engine.store.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/// One numbered step of the schema.
///
/// @param version from 1, without gaps
/// @param name file name
/// @param checksum of the text with Unix line ends, 8 hex digits
/// @param sql statements; `${schema}` stands for the quoted schema
record Migration(int version, String name, String checksum, String sql) {
  /// Append only: a released file never changes.
  private static final List<String> FILES =
      List.of(
          "V001__core.sql",
          "V002__sql_edge.sql",
          "V003__least_rights.sql",
          "V004__poolers.sql",
          "V005__await_loss.sql",
          "V006__steps.sql");

  /// What this program knows, in order.
  static List<Migration> known() {
    return FILES.stream().map(Migration::load).toList();
  }

  private static Migration load(String file) {
    try (InputStream in = Migration.class.getResourceAsStream("migrations/" + file)) {
      if (in == null) {
        throw new IllegalStateException("migration " + file + " is not on the class path");
      }
      return of(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param file named `V<number>__<what>.sql`
  static Migration of(String file, String text) {
    String sql = text.replace("\r", "");
    CRC32 crc = new CRC32();
    crc.update(sql.getBytes(StandardCharsets.UTF_8));
    int version = Integer.parseInt(file.substring(1, file.indexOf("__")));
    return new Migration(version, file, HexFormat.of().toHexDigits((int) crc.getValue()), sql);
  }
}
