package dev.reseolio.server.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.Payload;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// From the bytes of an EnqueueRequest to a checked job.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class RequestHotPath {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final byte[] bytes =
      EnqueueRequest.newBuilder()
          .setFunction("bench:jobs:noop")
          .setArgs(Payload.newBuilder().setData(ByteString.copyFrom(new byte[100])))
          .build()
          .toByteArray();

  @Benchmark
  public NewJob parse() throws InvalidProtocolBufferException {
    return Requests.newJob(EnqueueRequest.parseFrom(bytes), NOW);
  }
}
