package dev.reseolio.engine.store.postgres;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// What a login by password (SCRAM-SHA-256) computes with.
final class Login {
  /// Of the password's hash; a login has 4096. By then the compiler has seen what is hot in it.
  private static final int ROUNDS = 50;

  private Login() {}

  /// Loads it, providers of cryptography first, which takes 40 ms.
  static void load() {
    byte[] some = "some".getBytes(StandardCharsets.US_ASCII);
    try {
      SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
          .generateSecret(new PBEKeySpec("some".toCharArray(), some, ROUNDS, 256));
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(some, "HmacSHA256"));
      mac.doFinal(some);
    } catch (GeneralSecurityException e) {
      // The login will say so.
    }
  }
}
