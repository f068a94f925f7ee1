package dev.reseolio;

import dev.reseolio.internal.worker.FunctionDefinition;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/// The many spellings of `durable`: no to four arguments, with classes or, for types with generics,
/// [TypeRef]; with options or without. All make the name a durable function of this process, which
/// runs its jobs from now on, wherever they are called.
abstract class DurableFunctions {
  DurableFunctions() {}

  abstract <R extends @Nullable Object> Caller<R> define(
      String name,
      Type result,
      FunctionOptions options,
      FunctionDefinition.Code code,
      Type... parameters);

  @SuppressWarnings({
    "unchecked",
    "TypeParameterUnusedInFormals",
    "NullAway"
  }) // the codec makes what the types say
  private static <T extends @Nullable Object> T cast(@Nullable Object argument) {
    return (T) argument;
  }

  /// A function of no arguments.
  public final <R> Durable0<R> durable(String name, Class<R> result, Handler0<R> handler) {
    return durable(name, result, handler, FunctionOptions.defaults());
  }

  /// A function of no arguments, with options.
  public final <R> Durable0<R> durable(
      String name, Class<R> result, Handler0<R> handler, FunctionOptions options) {
    return durable(name, TypeRef.of(result), handler, options);
  }

  /// A function of no arguments, with generic types.
  public final <R extends @Nullable Object> Durable0<R> durable(
      String name, TypeRef<R> result, Handler0<R> handler) {
    return durable(name, result, handler, FunctionOptions.defaults());
  }

  /// A function of no arguments, with generic types and options.
  public final <R extends @Nullable Object> Durable0<R> durable(
      String name, TypeRef<R> result, Handler0<R> handler, FunctionOptions options) {
    return new Durable0<>(this.<R>define(name, result.type(), options, args -> handler.handle()));
  }

  /// A function of one argument.
  public final <A, R> Durable1<A, R> durable(
      String name, Class<A> a, Class<R> result, Handler1<A, R> handler) {
    return durable(name, a, result, handler, FunctionOptions.defaults());
  }

  /// A function of one argument, with options.
  public final <A, R> Durable1<A, R> durable(
      String name, Class<A> a, Class<R> result, Handler1<A, R> handler, FunctionOptions options) {
    return durable(name, TypeRef.of(a), TypeRef.of(result), handler, options);
  }

  /// A function of one argument, with generic types.
  public final <A extends @Nullable Object, R extends @Nullable Object> Durable1<A, R> durable(
      String name, TypeRef<A> a, TypeRef<R> result, Handler1<A, R> handler) {
    return durable(name, a, result, handler, FunctionOptions.defaults());
  }

  /// A function of one argument, with generic types and options.
  public final <A extends @Nullable Object, R extends @Nullable Object> Durable1<A, R> durable(
      String name,
      TypeRef<A> a,
      TypeRef<R> result,
      Handler1<A, R> handler,
      FunctionOptions options) {
    return new Durable1<>(
        this.<R>define(
            name,
            result.type(),
            options,
            args -> handler.handle(DurableFunctions.<A>cast(args[0])),
            a.type()));
  }

  /// A function of two arguments.
  public final <A, B, R> Durable2<A, B, R> durable(
      String name, Class<A> a, Class<B> b, Class<R> result, Handler2<A, B, R> handler) {
    return durable(name, a, b, result, handler, FunctionOptions.defaults());
  }

  /// A function of two arguments, with options.
  public final <A, B, R> Durable2<A, B, R> durable(
      String name,
      Class<A> a,
      Class<B> b,
      Class<R> result,
      Handler2<A, B, R> handler,
      FunctionOptions options) {
    return durable(name, TypeRef.of(a), TypeRef.of(b), TypeRef.of(result), handler, options);
  }

  /// A function of two arguments, with generic types.
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      Durable2<A, B, R> durable(
          String name, TypeRef<A> a, TypeRef<B> b, TypeRef<R> result, Handler2<A, B, R> handler) {
    return durable(name, a, b, result, handler, FunctionOptions.defaults());
  }

  /// A function of two arguments, with generic types and options.
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      Durable2<A, B, R> durable(
          String name,
          TypeRef<A> a,
          TypeRef<B> b,
          TypeRef<R> result,
          Handler2<A, B, R> handler,
          FunctionOptions options) {
    return new Durable2<>(
        this.<R>define(
            name,
            result.type(),
            options,
            args ->
                handler.handle(
                    DurableFunctions.<A>cast(args[0]), DurableFunctions.<B>cast(args[1])),
            a.type(),
            b.type()));
  }

  /// A function of three arguments.
  public final <A, B, C, R> Durable3<A, B, C, R> durable(
      String name,
      Class<A> a,
      Class<B> b,
      Class<C> c,
      Class<R> result,
      Handler3<A, B, C, R> handler) {
    return durable(name, a, b, c, result, handler, FunctionOptions.defaults());
  }

  /// A function of three arguments, with options.
  public final <A, B, C, R> Durable3<A, B, C, R> durable(
      String name,
      Class<A> a,
      Class<B> b,
      Class<C> c,
      Class<R> result,
      Handler3<A, B, C, R> handler,
      FunctionOptions options) {
    return durable(
        name, TypeRef.of(a), TypeRef.of(b), TypeRef.of(c), TypeRef.of(result), handler, options);
  }

  /// A function of three arguments, with generic types.
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      Durable3<A, B, C, R> durable(
          String name,
          TypeRef<A> a,
          TypeRef<B> b,
          TypeRef<C> c,
          TypeRef<R> result,
          Handler3<A, B, C, R> handler) {
    return durable(name, a, b, c, result, handler, FunctionOptions.defaults());
  }

  /// A function of three arguments, with generic types and options.
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      Durable3<A, B, C, R> durable(
          String name,
          TypeRef<A> a,
          TypeRef<B> b,
          TypeRef<C> c,
          TypeRef<R> result,
          Handler3<A, B, C, R> handler,
          FunctionOptions options) {
    return new Durable3<>(
        this.<R>define(
            name,
            result.type(),
            options,
            args ->
                handler.handle(
                    DurableFunctions.<A>cast(args[0]),
                    DurableFunctions.<B>cast(args[1]),
                    DurableFunctions.<C>cast(args[2])),
            a.type(),
            b.type(),
            c.type()));
  }

  /// A function of four arguments.
  public final <A, B, C, D, R> Durable4<A, B, C, D, R> durable(
      String name,
      Class<A> a,
      Class<B> b,
      Class<C> c,
      Class<D> d,
      Class<R> result,
      Handler4<A, B, C, D, R> handler) {
    return durable(name, a, b, c, d, result, handler, FunctionOptions.defaults());
  }

  /// A function of four arguments, with options.
  public final <A, B, C, D, R> Durable4<A, B, C, D, R> durable(
      String name,
      Class<A> a,
      Class<B> b,
      Class<C> c,
      Class<D> d,
      Class<R> result,
      Handler4<A, B, C, D, R> handler,
      FunctionOptions options) {
    return durable(
        name,
        TypeRef.of(a),
        TypeRef.of(b),
        TypeRef.of(c),
        TypeRef.of(d),
        TypeRef.of(result),
        handler,
        options);
  }

  /// A function of four arguments, with generic types.
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      Durable4<A, B, C, D, R> durable(
          String name,
          TypeRef<A> a,
          TypeRef<B> b,
          TypeRef<C> c,
          TypeRef<D> d,
          TypeRef<R> result,
          Handler4<A, B, C, D, R> handler) {
    return durable(name, a, b, c, d, result, handler, FunctionOptions.defaults());
  }

  /// A function of four arguments, with generic types and options.
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      Durable4<A, B, C, D, R> durable(
          String name,
          TypeRef<A> a,
          TypeRef<B> b,
          TypeRef<C> c,
          TypeRef<D> d,
          TypeRef<R> result,
          Handler4<A, B, C, D, R> handler,
          FunctionOptions options) {
    return new Durable4<>(
        this.<R>define(
            name,
            result.type(),
            options,
            args ->
                handler.handle(
                    DurableFunctions.<A>cast(args[0]),
                    DurableFunctions.<B>cast(args[1]),
                    DurableFunctions.<C>cast(args[2]),
                    DurableFunctions.<D>cast(args[3])),
            a.type(),
            b.type(),
            c.type(),
            d.type()));
  }
}
