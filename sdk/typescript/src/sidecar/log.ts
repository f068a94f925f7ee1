import type { SidecarLog } from '../events.js';

const KEEP = 50;

/** The sidecar's log, line by line; remembers the last 50 lines for error messages. */
export class LogLines {
  readonly #onLine: (log: SidecarLog) => void;
  readonly #last: string[] = [];
  #rest = '';

  constructor(onLine: (log: SidecarLog) => void) {
    this.#onLine = onLine;
  }

  /** Takes the next piece of the log. */
  push(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      this.#last.push(line);
      if (this.#last.length > KEEP) this.#last.shift();
      this.#onLine(parse(line));
    }
  }

  /** The last lines, oldest first. */
  last(): string[] {
    return this.#rest.trim() === '' ? [...this.#last] : [...this.#last, this.#rest];
  }

  /** The message of the last line that is an error; otherwise of the last line; otherwise "it logged nothing". */
  lastError(): string {
    const logs = this.last().map(parse);
    const error = logs.findLast(({ level }) => /^(error|fatal|severe)$/i.test(level));
    return (error ?? logs.at(-1))?.message ?? 'it logged nothing';
  }
}

function parse(line: string): SidecarLog {
  try {
    const { level, message, reason } = JSON.parse(line) as Record<string, unknown>;
    const text = typeof message === 'string' ? message : line;
    const full = typeof reason === 'string' && reason !== '' ? `${text} (${reason})` : text;
    return { level: typeof level === 'string' ? level : '', message: full, line };
  } catch {
    return { level: '', message: line, line };
  }
}
