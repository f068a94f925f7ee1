import { ReseolioError } from '../errors.js';
import { checkName } from '../names.js';
import { show } from '../options/check.js';

/** Whatever a user registers. */
// biome-ignore lint/suspicious/noExplicitAny: handlers take any arguments; their types are kept by durable()
export type Handler = (...args: any[]) => unknown;

/** A registered function. */
export interface Registration {
  readonly name: string;
  readonly handler: Handler;
  /** Asked about each error of the handler; `false`: do not retry. */
  readonly retryIf: ((error: unknown) => boolean) | undefined;
}

/** The functions of this process, by name. */
export class Registry {
  readonly #byName = new Map<string, Registration>();

  /** Adds a function; throws `already_registered`, or `invalid_argument` for a bad name. */
  add(name: string, handler: Handler, retryIf?: (error: unknown) => boolean): Registration {
    checkName(name, 'the name of a durable function');
    if (typeof handler !== 'function') {
      throw new ReseolioError('invalid_argument', `durable("${name}") expects a function, got ${show(handler)}`);
    }
    if (this.#byName.has(name)) {
      throw new ReseolioError('already_registered', `"${name}" is registered already; give each function its own name`);
    }
    if (!name.includes(':')) warnOnce(name);
    const registration = { name, handler, retryIf };
    this.#byName.set(name, registration);
    return registration;
  }

  get(name: string): Registration | undefined {
    return this.#byName.get(name);
  }

  /** The names, in the order of registration. */
  names(): string[] {
    return [...this.#byName.keys()];
  }
}

let warned = false;

function warnOnce(name: string): void {
  if (warned) return;
  warned = true;
  process.emitWarning(
    `the durable function "${name}" has no namespace; names are shared by all applications on one database, ` +
      `so prefer reseolio.namespace('domain', 'entity', 'action')`,
    'ReseolioWarning',
  );
}
