package dev.reseolio.internal.client;

import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueResult;
import io.grpc.Channel;
import java.util.List;

/// Carries batches and brings back their answers.
interface EnqueueTransport {
  /// Exactly one of the two is called, once.
  interface Answer {
    /// @param results in the order of the batch
    void answered(List<EnqueueResult> results);

    /// No answer came.
    ///
    /// @param mayHaveArrived false when the batch never left this process
    void failed(Throwable error, boolean mayHaveArrived);
  }

  /// One thread at a time.
  void send(Channel channel, List<EnqueueRequest> batch, long timeoutNanos, Answer answer);

  /// Nothing more is sent; what is under way still gets its answer.
  void close();
}
