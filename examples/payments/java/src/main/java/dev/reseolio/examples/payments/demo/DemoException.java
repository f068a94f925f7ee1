package dev.reseolio.examples.payments.demo;

/// The demo cannot go on; the message is for the person who watches.
final class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DemoException(String message) {
    super(message);
  }
}
