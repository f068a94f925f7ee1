package dev.reseolio;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/// A type with its generics: `new TypeRef<List<String>>() {}`, or `TypeRef.of(String.class)` for a
/// plain class.
public abstract class TypeRef<T extends @Nullable Object> {
  private final Type type;

  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parameterized)) {
      throw new ReseolioException(
          "invalid_argument", "TypeRef needs a type argument: new TypeRef<List<String>>() {}");
    }
    this.type = parameterized.getActualTypeArguments()[0];
  }

  private TypeRef(Type type) {
    this.type = type;
  }

  public static <T> TypeRef<T> of(Class<T> type) {
    return new Plain<>(type);
  }

  public final Type type() {
    return type;
  }

  @Override
  public final String toString() {
    return type.getTypeName();
  }

  private static final class Plain<T extends @Nullable Object> extends TypeRef<T> {
    Plain(Type type) {
      super(type);
    }
  }
}
