/** What the events about an attempt tell. */
export interface JobEvent {
  jobId: string;
  function: string;
  /** Number of this execution, from 1. */
  attempt: number;
}

/** The end of a sidecar this client had started. */
export interface SidecarExit {
  pid: number | undefined;
  code: number | null;
  signal: string | null;
  /** The last lines it logged, oldest first. */
  lastLines: string[];
}

/** One line of the sidecar's log. */
export interface SidecarLog {
  /** e.g. `INFO`; empty when the line is not a structured one. */
  level: string;
  message: string;
  /** The line as it came. */
  line: string;
}

/** Events of a client, by name. */
export interface ReseolioEvents {
  /** Connected, and the worker is being started. */
  ready: [];
  /** Everything is closed. */
  stopped: [];
  /** A handler starts. */
  'job:start': [JobEvent];
  /** A handler returned. The result counts once the sidecar has committed it. */
  'job:success': [JobEvent & { durationMs: number }];
  /** A handler failed, or was told to stop. */
  'job:error': [JobEvent & { durationMs: number; error: unknown }];
  /** The sidecar this client had started is gone; a new one is being started. */
  'sidecar:exit': [SidecarExit];
  /** The sidecar this client had started logged something. Not for shared ones: those log to a file. */
  'sidecar:log': [SidecarLog];
  /** An attempt was taken away from this worker; its handler is told to stop and its outcome is dropped. */
  'worker:lost': [JobEvent];
  /** The connection is lost; the client reconnects. */
  disconnected: [];
  /** The connection is there again. */
  reconnected: [];
}
