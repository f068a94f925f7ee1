import type { ChannelOptions } from '@grpc/grpc-js';

const MIB = 1024 * 1024;

/** Options of a channel to `address`. */
export function channelOptions(address: string): ChannelOptions {
  return {
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 20_000, // Who is busy answers late.
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': 16 * MIB,
    'grpc.max_send_message_length': 16 * MIB,
    // Windows that many small messages, or one payload of the largest size, never have to wait for.
    'grpc-node.flow_control_window': 8 * MIB,
    // The SDK replaces a lost channel by a new one itself; these only matter while the first connection is made.
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.client_idle_timeout_ms': 2 ** 31 - 1,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_channelz': 0,
    // A proxy from the environment is of no use on the way to the same machine.
    'grpc.enable_http_proxy': isLocal(address) ? 0 : 1,
  };
}

function isLocal(address: string): boolean {
  return /^(unix:|127\.|localhost(:|$)|\[::1\])/.test(address);
}
