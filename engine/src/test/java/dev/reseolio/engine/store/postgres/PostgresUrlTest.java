package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StorageStartException.Reason;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresUrlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          postgres://u:p@h/db                        | jdbc:postgresql://h:5432/db           | u   | p
          postgresql://u@h:6000/db                   | jdbc:postgresql://h:6000/db           | u   |
          postgres://u:p@h                           | jdbc:postgresql://h:5432/u            | u   | p
          postgres://u:p@h/                          | jdbc:postgresql://h:5432/u            | u   | p
          postgres://u@/db                           | jdbc:postgresql://localhost:5432/db   | u   |
          postgres://u@h?sslmode=require             | jdbc:postgresql://h:5432/u            | u   |
          postgres://a%40b:p%2F%3A%25+x@h/db         | jdbc:postgresql://h:5432/db           | a@b | p/:%+x
          postgres://u:p@w@h/db                      | jdbc:postgresql://h:5432/db           | u   | p@w
          postgres://u:p:q@h/db                      | jdbc:postgresql://h:5432/db           | u   | p:q
          postgres://u@h1:5432,h2:5433/db            | jdbc:postgresql://h1:5432,h2:5433/db  | u   |
          postgres://u@[::1]:5433,[fe80::1]/db       | jdbc:postgresql://[::1]:5433,[fe80::1]:5432/db | u |
          postgres://u@h/my%20db                     | jdbc:postgresql://h:5432/my+db        | u   |
          POSTGRES://u@h/db                          | jdbc:postgresql://h:5432/db           | u   |
          """)
  void isRead(String text, String jdbc, String user, String password) {
    PostgresUrl url = PostgresUrl.parse(text);
    assertEquals(jdbc, url.jdbcUrls().getFirst());
    assertEquals(user, url.properties().getProperty("user"));
    assertEquals(password, url.properties().getProperty("password"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          hello                                  | does not begin with postgres://
          ''                                     | does not begin with postgres://
          mysql://u:secret@h/db                  | begins with mysql://
          jdbc:postgresql://h/db?password=secret | JDBC URL
          postgres://u:secret@h:port/db          | port must be 1 to 65535
          postgres://u:secret@h:70000/db         | port must be 1 to 65535
          postgres://u:sec/ret@h/db              | port must be 1 to 65535
          postgres://u:secret%zz@h/db            | password has a %
          postgres://u:secret@[::1/db            | closing ]
          postgres://u:secret@h/db?sslmod=on     | known are [application_name, connect_timeout
          postgres://u:secret@h/db?sslmode=on    | sslmode must be one of [allow
          postgres://u:secret@h/db?connect_timeout=soon | whole seconds
          postgres://u:secret@h/db?target_session_attrs=standby | must be one of [any, primary, read-write]
          postgres://u:secret@%2Fvar%2Frun/db    | Unix sockets are not supported
          postgres://u:secret@/db?host=/var/run  | Unix sockets are not supported
          """)
  void isRefusedWithAnExampleAndWithoutThePassword(String text, String why) {
    StorageStartException refused =
        assertThrows(StorageStartException.class, () -> PostgresUrl.parse(text));
    String message = String.valueOf(refused.getMessage());
    assertEquals(Reason.STORAGE_URL_INVALID, refused.reason());
    assertTrue(message.contains(why), message);
    assertTrue(message.contains(PostgresUrl.EXAMPLE), message);
    assertFalse(message.contains("secret"), message);
  }

  @Test
  void parametersBecomeTheDriversWords() {
    Properties p =
        PostgresUrl.parse(
                "postgres://u@h/db?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=9&options=-c%20x%3D1&target_session_attrs=read-write")
            .properties();
    assertEquals("verify-full", p.getProperty("sslmode"));
    assertEquals("/ca.pem", p.getProperty("sslrootcert"));
    assertEquals("9", p.getProperty("connectTimeout"));
    assertEquals("-c x=1", p.getProperty("options"));
    assertEquals("primary", p.getProperty("targetServerType"));
  }

  @Test
  void severalHostsMeanThePrimary() {
    assertEquals(
        "primary",
        PostgresUrl.parse("postgres://u@a,b/db").properties().getProperty("targetServerType"));
    assertEquals(
        "any", PostgresUrl.parse("postgres://u@a/db").properties().getProperty("targetServerType"));
    assertEquals(
        "any",
        PostgresUrl.parse("postgres://u@a,b/db?target_session_attrs=any")
            .properties()
            .getProperty("targetServerType"));
  }

  @Test
  void logsSeeNoPassword() {
    assertEquals(
        "postgres://u:***@h:5432/db?sslmode=require",
        PostgresUrl.parse("postgres://u:secret@h/db?sslmode=require").toString());
  }

  @Test
  void offThisMachineAnUnverifiedServerIsWarnedAbout() {
    assertTrue(PostgresUrl.parse("postgres://u@localhost,127.0.0.1,[::1]/db").warning().isEmpty());
    assertTrue(
        PostgresUrl.parse("postgres://u@db.example/db?sslmode=verify-full").warning().isEmpty());
    assertTrue(
        PostgresUrl.parse("postgres://u@db.example/db")
            .warning()
            .orElseThrow()
            .contains("verify-full"));
  }
}
