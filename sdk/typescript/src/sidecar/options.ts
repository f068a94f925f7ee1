/** How this client gets a sidecar when no `address` is given. */
export interface SidecarOptions {
  /**
   * The executable. Default: `RESEOLIO_BIN` of the environment, then the one bundled with this package, then `reseolio`
   * on the PATH.
   */
  path?: string;
  /** More arguments for `reseolio server`. Default: none. */
  args?: string[];
  /** More environment for the sidecar, beside this process's own. Default: none. */
  env?: Record<string, string>;
  /**
   * True: all processes of this user on this machine with the same storage share one sidecar, which outlives them by
   * 30 s. False: this client has its own, which ends with it. Default: false.
   */
  shared?: boolean;
}
