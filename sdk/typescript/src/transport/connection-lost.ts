import { ReseolioError } from '../errors.js';

/**
 * A call ended because its connection was lost or its deadline passed, without an answer of the server.
 * @internal
 */
export class ConnectionLostError extends ReseolioError {
  /** False: the call never left this process. True: the server may have carried it out. */
  readonly maybeSent: boolean;

  constructor(message: string, maybeSent: boolean, cause?: unknown) {
    super(maybeSent ? 'outcome_unknown' : 'not_connected', message, { cause });
    this.maybeSent = maybeSent;
  }
}
