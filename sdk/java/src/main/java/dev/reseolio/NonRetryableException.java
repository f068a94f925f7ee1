package dev.reseolio;

/// Thrown by a handler: the job is dead at once, whatever attempts are left.
public class NonRetryableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public NonRetryableException(String message) {
    super(message);
  }

  public NonRetryableException(String message, Throwable cause) {
    super(message, cause);
  }
}
