package dev.reseolio.server.security;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Any RPC of a running server, called with an empty message.
record AnyCall(String name, boolean clientStreams, boolean serverStreams) {

  /// All that the server itself says it has.
  static List<AnyCall> all(Channel channel, CallOptions options) throws Exception {
    var services =
        reflect(channel, options, ServerReflectionRequest.newBuilder().setListServices("*").build())
            .getListServicesResponse()
            .getServiceList();
    var calls = new ArrayList<AnyCall>();
    for (var service : services) {
      var files =
          reflect(
                  channel,
                  options,
                  ServerReflectionRequest.newBuilder()
                      .setFileContainingSymbol(service.getName())
                      .build())
              .getFileDescriptorResponse();
      for (var bytes : files.getFileDescriptorProtoList()) {
        calls.addAll(of(service.getName(), FileDescriptorProto.parseFrom(bytes)).toList());
      }
    }
    return calls.stream().distinct().toList();
  }

  private static Stream<AnyCall> of(String service, FileDescriptorProto file)
      throws InvalidProtocolBufferException {
    return file.getServiceList().stream()
        .filter(one -> service.equals(file.getPackage() + "." + one.getName()))
        .flatMap(one -> one.getMethodList().stream())
        .map(method ->
            new AnyCall(
                service + "/" + method.getName(),
                method.getClientStreaming(),
                method.getServerStreaming()));
  }

  private static ServerReflectionResponse reflect(
      Channel channel, CallOptions options, ServerReflectionRequest request) throws Exception {
    var answer = new CompletableFuture<ServerReflectionResponse>();
    var requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(ServerReflectionGrpc.getServerReflectionInfoMethod(), options),
            new Answers<>(answer));
    requests.onNext(request);
    requests.onCompleted();
    return answer.get(20, TimeUnit.SECONDS);
  }

  private record Answers<T>(CompletableFuture<T> first) implements io.grpc.stub.StreamObserver<T> {
    @Override
    public void onNext(T answer) {
      first.complete(answer);
    }

    @Override
    public void onError(Throwable error) {
      first.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
      first.completeExceptionally(new IllegalStateException("no answer"));
    }
  }

  private MethodType type() {
    if (clientStreams) {
      return serverStreams ? MethodType.BIDI_STREAMING : MethodType.CLIENT_STREAMING;
    }
    return serverStreams ? MethodType.SERVER_STREAMING : MethodType.UNARY;
  }

  /// OK as soon as an answer comes, else the status it ends with.
  Status call(Channel channel, CallOptions options, byte[] message) throws Exception {
    var method =
        MethodDescriptor.<byte[], byte[]>newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
            .setFullMethodName(name)
            .setType(type())
            .build();
    var status = new CompletableFuture<Status>();
    var call = channel.newCall(method, options.withDeadlineAfter(20, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] answer) {
            status.complete(Status.OK);
          }

          @Override
          public void onClose(Status end, Metadata trailers) {
            status.complete(end);
          }
        },
        new Metadata());
    call.request(1);
    call.sendMessage(message);
    call.halfClose();
    try {
      return status.get(30, TimeUnit.SECONDS);
    } finally {
      call.cancel("enough", null);
    }
  }

  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
