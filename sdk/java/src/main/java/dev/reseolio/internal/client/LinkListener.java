package dev.reseolio.internal.client;

import io.grpc.Channel;

/// Told, on the link's thread, when there is a connection and when there is none. Must not block.
public interface LinkListener {
  void up(Channel channel);

  void down();
}
