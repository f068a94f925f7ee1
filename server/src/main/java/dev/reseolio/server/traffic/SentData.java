package dev.reseolio.server.traffic;

/// Finds the data of calls in the HTTP/2 frames that a server sends, however they are cut into
/// writes. Frames: RFC 9113, section 4.1.
final class SentData {
  private static final int HEAD_BYTES = 9;
  private static final int TYPE = 3;

  /// Of the head that is being read.
  private int headBytes;

  private boolean isData;
  private int payloadLeft;

  /// @return how many of these bytes, which are sent next, are data
  int in(byte[] bytes, int offset, int length) {
    int data = 0;
    int at = offset;
    while (at < offset + length) {
      if (headBytes < HEAD_BYTES) {
        head(bytes[at]);
        at++;
      } else {
        int part = Math.min(payloadLeft, offset + length - at);
        data += isData ? part : 0;
        payloadLeft -= part;
        at += part;
      }
      if (headBytes == HEAD_BYTES && payloadLeft == 0) {
        headBytes = 0;
      }
    }
    return data;
  }

  private void head(byte one) {
    if (headBytes < TYPE) {
      payloadLeft = (payloadLeft << 8) | (one & 0xFF);
    } else if (headBytes == TYPE) {
      isData = one == Connection.DATA;
    }
    headBytes++;
  }
}
