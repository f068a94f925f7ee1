package dev.reseolio.internal.client;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/// Knows whether a call ever reached the wire. One that did not can be repeated without asking what
/// it might have done.
final class SentTracer extends ClientStreamTracer.Factory {
  private volatile boolean sent;

  boolean mayHaveArrived() {
    return sent;
  }

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new ClientStreamTracer() {
      @Override
      public void outboundHeaders() {
        sent = true;
      }
    };
  }
}
