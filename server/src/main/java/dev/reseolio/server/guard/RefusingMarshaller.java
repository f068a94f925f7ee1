package dev.reseolio.server.guard;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.Message;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Parses messages, and gives objects of its own for what cannot be parsed and for what would take
/// up too much.
final class RefusingMarshaller<Q> implements PrototypeMarshaller<Q> {
  /// What is no larger cannot become too large: two bytes become at most 80. Looking is as dear as
  /// parsing, and 1000 usual jobs have 210 kB.
  private static final int SMALL_BYTES = ParsedSize.MOST_BYTES / 40;

  private final PrototypeMarshaller<Q> marshaller;
  private final Message prototype;
  private final Supplier<Descriptor> type;
  private final Q malformed;
  private final Q tooLarge;

  /// @param type asked for with the first large message: the image is shrunk, so that a message
  ///   itself cannot tell
  RefusingMarshaller(PrototypeMarshaller<Q> marshaller, Supplier<Descriptor> type) {
    this.marshaller = marshaller;
    this.type = type;
    this.prototype = (Message) Objects.requireNonNull(marshaller.getMessagePrototype());
    this.malformed = another();
    this.tooLarge = another();
  }

  /// Equal to any empty message, and identical to none.
  private Q another() {
    return getMessageClass().cast(prototype.newBuilderForType().build());
  }

  /// Why the message is refused; null: it is not.
  @SuppressWarnings("ReferenceEquality") // These very objects stand for what is refused.
  @Nullable EngineException refusal(Q message) {
    if (message == malformed) {
      return new EngineException(
          Reason.INVALID_ARGUMENT,
          "a message must be the protobuf of the method's request, but is not; use the contract in proto/");
    }
    return message == tooLarge
        ? new EngineException(
            Reason.INVALID_ARGUMENT,
            "a message may take up %d MiB once it is parsed, data not counted, but this one would take more; send fewer or shorter elements in one"
                .formatted(ParsedSize.MOST_BYTES >> 20))
        : null;
  }

  @Override
  public Q parse(InputStream message) {
    try {
      // All of it is there: messages are not compressed, and handed over whole.
      return message.available() <= SMALL_BYTES ? marshaller.parse(message) : large(message);
    } catch (IOException | StatusRuntimeException e) {
      return malformed;
    }
  }

  private Q large(InputStream message) throws IOException {
    byte[] bytes = message.readNBytes(message.available());
    if (!ParsedSize.isAllowed(bytes, type.get())) {
      return tooLarge;
    }
    var parser = DiscardUnknownFieldsParser.wrap(prototype.getParserForType());
    return getMessageClass().cast(parser.parseFrom(bytes));
  }

  @Override
  public InputStream stream(Q value) {
    return marshaller.stream(value);
  }

  @Override
  public Q getMessagePrototype() {
    return getMessageClass().cast(prototype);
  }

  @Override
  public Class<Q> getMessageClass() {
    return marshaller.getMessageClass();
  }
}
