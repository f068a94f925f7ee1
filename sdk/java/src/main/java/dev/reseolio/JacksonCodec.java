package dev.reseolio;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// JSON by Jackson. Without a mapper of your own: numbers are exact, unknown properties are ignored
/// (so that old and new code can work on the same jobs), dates are ISO texts, and the Jackson
/// modules on the class path are registered.
public final class JacksonCodec implements Codec {
  private static final int LONGEST_NUMBER = 100_000;

  private final ObjectMapper mapper;
  private final ConcurrentHashMap<Type, JavaType> types = new ConcurrentHashMap<>();

  public JacksonCodec() {
    this(defaultMapper());
  }

  public JacksonCodec(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  private static ObjectMapper defaultMapper() {
    StreamReadConstraints limits =
        StreamReadConstraints.builder()
            .maxNumberLength(LONGEST_NUMBER)
            .maxStringLength(Integer.MAX_VALUE)
            .build();
    return JsonMapper.builder(JsonFactory.builder().streamReadConstraints(limits).build())
        .findAndAddModules()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  @Override
  public byte[] encode(@Nullable Object value) {
    try {
      return mapper.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      String type = value == null ? "null" : value.getClass().getSimpleName();
      throw failed(
          "A value of type " + type + " cannot be written as JSON: " + e.getOriginalMessage(), e);
    }
  }

  @Override
  public @Nullable Object decode(byte[] data, Type type) {
    try {
      return mapper.readValue(data, javaType(type));
    } catch (IOException e) {
      throw failed("The JSON value does not fit " + type.getTypeName() + ": " + reason(e), e);
    }
  }

  @Override
  public @Nullable Object[] decodeArguments(byte[] data, List<Type> types) {
    @Nullable Object[] values = new @Nullable Object[types.size()];
    try (JsonParser parser = mapper.createParser(data)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new ReseolioException(
            "codec_failed",
            "The arguments must be a JSON array, but begin with " + parser.currentToken());
      }
      for (int i = 0; i < values.length && parser.nextToken() != JsonToken.END_ARRAY; i++) {
        values[i] = readArgument(parser, types.get(i), i);
      }
      return values;
    } catch (IOException e) {
      throw failed("The arguments are not a JSON array: " + reason(e), e);
    }
  }

  private @Nullable Object readArgument(JsonParser parser, Type type, int index) {
    try {
      return mapper.readValue(parser, javaType(type));
    } catch (IOException e) {
      String where =
          String.format(
              Locale.ROOT, "Argument %d does not fit %s: ", index + 1, type.getTypeName());
      throw failed(where + reason(e), e);
    }
  }

  private JavaType javaType(Type type) {
    JavaType known = types.get(type);
    return known != null ? known : types.computeIfAbsent(type, mapper::constructType);
  }

  private static @Nullable String reason(IOException e) {
    return e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
  }

  private static ReseolioException failed(String message, IOException cause) {
    return new ReseolioException("codec_failed", message, cause);
  }
}
