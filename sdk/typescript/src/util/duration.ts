import type { Duration } from '../gen/google/protobuf/duration.js';

/** Milliseconds as a protobuf Duration, rounded to whole milliseconds. */
export function toDuration(ms: number): Duration {
  const whole = Math.round(ms);
  return { seconds: BigInt(Math.floor(whole / 1000)), nanos: (whole % 1000) * 1_000_000 };
}

/** A protobuf Duration in milliseconds, or `fallback` when there is none. */
export function toMs(duration: Duration | undefined, fallback = 0): number {
  return duration === undefined ? fallback : Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
}
