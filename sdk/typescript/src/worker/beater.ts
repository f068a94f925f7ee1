import { Worker as Thread } from 'node:worker_threads';
import type { BeatTarget, UnknownSession } from './beat-thread.js';

const RESPAWN_MS = 500;

/** Owns the thread that sends beats. Started with the first session, kept for all later ones. */
export class Beater {
  readonly #onUnknown: (session: string) => void;
  #thread: Thread | undefined;
  #target: BeatTarget | undefined;

  /** `onUnknown` is called when the server does not know the session any more. */
  constructor(onUnknown: (session: string) => void) {
    this.#onUnknown = onUnknown;
  }

  /** Beats for this session from now on. */
  beat(target: BeatTarget): void {
    this.#target = target;
    this.#thread ??= this.#spawn();
    this.#thread.postMessage(target);
  }

  /** Ends the thread. Idempotent. */
  async stop(): Promise<void> {
    const thread = this.#thread;
    this.#target = undefined;
    this.#thread = undefined;
    await thread?.terminate();
  }

  #spawn(): Thread {
    const thread = new Thread(new URL('./beat-thread.js', import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    thread.unref();
    thread.on('message', (message: UnknownSession) => this.#onUnknown(message.unknownSession));
    thread.on('error', (error) => process.emitWarning(`the beat thread failed: ${error.message}`, 'ReseolioWarning'));
    thread.on('exit', () => this.#onExit(thread));
    return thread;
  }

  #onExit(thread: Thread): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    const again = (): void => {
      if (this.#target !== undefined && this.#thread === undefined) this.beat(this.#target);
    };
    setTimeout(again, RESPAWN_MS).unref();
  }
}
