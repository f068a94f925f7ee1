package dev.reseolio.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A token as it is kept: its hash, and what its holder may do. One SHA-256 is enough because the
/// secret is 256 random bits: nobody can try them out, so nothing is gained by making a try slow.
///
/// @param name who holds it, for logs; several tokens may have one name while they are rotated
/// @param hash SHA-256 of the secret's text
/// @param functions the only functions it may touch; empty = all
public record Token(
    String name,
    Hash hash,
    Set<Role> roles,
    Optional<Instant> expires,
    List<FunctionPattern> functions) {
  /// Lets scanners of code and logs recognise a leaked token.
  public static final String PREFIX = "rsl_";

  private static final int SECRET_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  public Token {
    roles = Set.copyOf(roles);
    functions = List.copyOf(functions);
  }

  /// A new secret, to be shown once and never kept here.
  public static String newSecret() {
    byte[] random = new byte[SECRET_BYTES];
    RANDOM.nextBytes(random);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /// What is kept of a secret.
  public static Hash hash(String secret) {
    try {
      return new Hash(
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  boolean expired(Instant now) {
    return expires.isPresent() && !now.isBefore(expires.get());
  }

  /// Bytes that are compared in a time that does not depend on where they differ.
  public static final class Hash {
    static final int BYTES = 32;
    private final byte[] bytes;

    Hash(byte[] bytes) {
      this.bytes = bytes.clone();
    }

    byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Hash hash && MessageDigest.isEqual(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "hash";
    }
  }
}
