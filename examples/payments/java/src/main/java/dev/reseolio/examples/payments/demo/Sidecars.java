package dev.reseolio.examples.payments.demo;

import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A channel to the first of several sidecars that answers. When its connection breaks it connects
/// to the next: the SDK above it repeats calls that have a key, and waits on for results.
final class Sidecars extends NameResolverProvider {
  private static final String SCHEME = "sidecars";

  private final List<EquivalentAddressGroup> addresses;

  private Sidecars(List<EquivalentAddressGroup> addresses) {
    this.addresses = addresses;
  }

  /// @param addresses `host:port` each, in the order of preference
  static ManagedChannel channel(List<String> addresses) {
    List<EquivalentAddressGroup> groups = addresses.stream().map(Sidecars::group).toList();
    NameResolverRegistry.getDefaultRegistry().register(new Sidecars(groups));
    return OkHttpChannelBuilder.forTarget(SCHEME + ":///all")
        .usePlaintext()
        .disableRetry()
        .idleTimeout(1, TimeUnit.DAYS)
        .build();
  }

  private static EquivalentAddressGroup group(String address) {
    int colon = address.lastIndexOf(':');
    return new EquivalentAddressGroup(
        new InetSocketAddress(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    return new NameResolver() {
      @Override
      public void start(Listener2 listener) {
        listener.onResult(
            ResolutionResult.newBuilder()
                .setAddressesOrError(io.grpc.StatusOr.fromValue(addresses))
                .build());
      }

      @Override
      public String getServiceAuthority() {
        return SCHEME;
      }

      @Override
      public void shutdown() {}
    };
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 5;
  }
}
