package dev.reseolio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JacksonCodecTest {
  private final JacksonCodec codec = new JacksonCodec();

  record Money(BigDecimal amount, String currency) {}

  private @Nullable Object[] arguments(String json, Type... types) {
    return codec.decodeArguments(json.getBytes(UTF_8), List.of(types));
  }

  @Test
  void argumentsAreAJsonArray() {
    assertEquals("[\"user\",99]", new String(codec.encode(new Object[] {"user", 99}), UTF_8));
    assertEquals("[]", new String(codec.encode(new Object[] {}), UTF_8));
    assertEquals("[null]", new String(codec.encode(new @Nullable Object[] {null}), UTF_8));
    assertArrayEquals(
        new Object[] {"user", 99L}, arguments("[\"user\",99]", String.class, long.class));
  }

  @Test
  void missingArgumentsAreNullAndExtraOnesAreLeftOut() {
    assertArrayEquals(
        new @Nullable Object[] {"a", null}, arguments("[\"a\"]", String.class, String.class));
    assertArrayEquals(new Object[] {"a"}, arguments("[\"a\",{\"b\":[1]}]", String.class));
  }

  @Test
  void anArgumentThatDoesNotFitIsNamed() {
    ReseolioException e =
        assertThrows(ReseolioException.class, () -> arguments("[1,\"x\"]", int.class, int.class));
    assertEquals("codec_failed", e.code());
    assertTrue(String.valueOf(e.getMessage()).contains("Argument 2"), e.getMessage());
    assertThrows(ReseolioException.class, () -> arguments("{}", int.class));
    assertThrows(ReseolioException.class, () -> arguments("[1,", int.class, int.class));
  }

  @Test
  void numbersAreExact() {
    BigDecimal decimal = new BigDecimal("12345678901234567890.123456789012345678901234567890");
    BigInteger integer = new BigInteger("9".repeat(2_000));
    assertEquals(decimal, codec.decode(codec.encode(decimal), BigDecimal.class));
    assertEquals(integer, codec.decode(codec.encode(integer), BigInteger.class));
    assertEquals(
        new Money(new BigDecimal("99.00"), "EUR"),
        codec.decode(codec.encode(new Money(new BigDecimal("99.00"), "EUR")), Money.class));
    assertEquals(new BigDecimal("0.10"), codec.decode("0.10".getBytes(UTF_8), Object.class));
  }

  @Test
  void unknownPropertiesAreIgnored() {
    assertEquals(
        new Money(BigDecimal.ONE, "EUR"),
        codec.decode(
            "{\"amount\":1,\"currency\":\"EUR\",\"later\":true}".getBytes(UTF_8), Money.class));
  }

  @Test
  void genericsUnicodeAndNull() {
    Type type = new TypeRef<Map<String, List<Integer>>>() {}.type();
    assertEquals(
        Map.of("ключ 🗝", List.of(1, 2)),
        codec.decode(codec.encode(Map.of("ключ 🗝", List.of(1, 2))), type));
    assertNull(codec.decode(codec.encode(null), String.class));
  }

  @Test
  void whatCannotBeWrittenIsAnError() {
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    assertEquals(
        "codec_failed", assertThrows(ReseolioException.class, () -> codec.encode(itself)).code());
  }
}
