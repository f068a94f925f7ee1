package dev.reseolio.engine.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", " ", "app:mail:send", "ä ß 漢", "🙂", "a\u00a0b", "\u200b"})
  void namesAreTakenAsTheyAre(String name) {
    assertEquals(name, Text.name("f", name));
  }

  @Test
  void namesHaveOneTo255Characters() {
    assertEquals(255, Text.name("f", "x".repeat(255)).length());
    refused("");
    refused("x".repeat(256));
    assertEquals(510, Text.name("f", "🙂".repeat(255)).length());
    refused("🙂".repeat(256));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\0",
        "a\nb",
        "\t",
        "\u001f",
        "\u007f",
        "\u0085",
        "\u009f",
        "a\ud83d",
        "\ude42a",
        "\ude42\ud83d",
        "\ud83d\ud83d\ude42"
      })
  void namesHaveNoControlCharactersAndNoHalfCharacters(String name) {
    refused(name);
  }

  private static void refused(String name) {
    EngineException e = assertThrows(EngineException.class, () -> Text.name("the_field", name));
    assertEquals(Reason.INVALID_ARGUMENT, e.reason());
    assertEquals("the_field", e.field());
  }

  @Test
  void clipsToTheLimitAndSaysSo() {
    assertEquals("abc", Text.clip("abc", 3));
    assertEquals("ab…", Text.clip("abcd", 3));
    assertEquals("", Text.clip("", 3));
  }

  @Test
  void clippedTextHasNoNulWhichPostgresqlCannotKeep() {
    assertEquals("a\uFFFDb", Text.clip("a\0b", 10));
  }

  @Test
  void clippingDoesNotCutACharacterInHalf() {
    String clipped = Text.clip("a🙂🙂", 4);
    assertEquals("a🙂…", clipped);
    String odd = Text.clip("ab🙂🙂", 4);
    assertEquals("ab…", odd);
    assertFalse(odd.chars().anyMatch(c -> Character.isSurrogate((char) c)));
  }

  @Test
  void errorsAreCutToWhatIsKept() {
    JobError error = new JobError("", "m".repeat(10_000), "s".repeat(20_000));
    assertEquals("Error", error.type());
    assertEquals(8192, error.message().length());
    assertTrue(error.stack() != null && error.stack().length() == 16_384);
    assertNull(new JobError("T", "m", "").stack());
    assertEquals("T\uFFFD", new JobError("T\0", "", null).type());
  }
}
