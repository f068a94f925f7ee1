package dev.reseolio.server.security;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Texts that have broken other programs.
final class HostileTexts {
  private HostileTexts() {}

  static List<String> all() {
    var all =
        new ArrayList<>(List.of("", " ", ".", "..", "*", "%", "_", "\\", "'", "\"", "`", "$$"));
    Stream.of(
            "'\";--",
            "' OR '1'='1",
            "'; DROP TABLE job; --",
            "\"; DROP SCHEMA reseolio CASCADE; --",
            "$tag$ || pg_sleep(9) || $tag$",
            "1); SELECT pg_sleep(9); --",
            "{1,2}",
            "{\"a\",NULL}",
            "NULL",
            "null",
            "E'\\x00'",
            "\\u0000",
            "?",
            "{0}",
            "{0,number,#}",
            "%s%n%d%x",
            "${jndi:ldap://127.0.0.1/a}",
            "${schema}",
            "#{7*7}",
            "<img src=x onerror=alert(1)>",
            "<script>alert(1)</script>",
            "\"><svg/onload=alert(1)>",
            "javascript:alert(1)",
            "=cmd|' /C calc'!A0",
            "../../../../etc/passwd",
            "..\\..\\windows\\win.ini",
            "/etc/passwd",
            "file:///etc/passwd",
            "%00",
            "%0d%0aSet-Cookie: a=b",
            "a\u0000b",
            "a\r\nlevel=ERROR forged=1",
            "a\nb",
            "{\"time\":\"2026-01-01T00:00:00Z\",\"level\":\"ERROR\"}",
            "\u001b[31mred\u001b[0m",
            "\u001b]0;title\u0007",
            "\u009b2J",
            "\b\b\b\b",
            "\u007f",
            "\u202Egnp.exe",
            "\u2066hidden\u2069",
            "\u200B\u200D\uFEFF",
            "\u2028line\u2029paragraph",
            "e\u0301\u0301\u0301\u0301",
            "\uFFFE\uFFFF",
            "\uD83D\uDCA9",
            "ﬃ İ ı ß",
            "health:healthz",
            "reseolio_jobs_total{a=\"b\"} 1",
            "x".repeat(255),
            "x".repeat(256),
            "\uD83D\uDCA9".repeat(200),
            "x".repeat(100_000))
        .forEach(all::add);
    return List.copyOf(all);
  }
}
