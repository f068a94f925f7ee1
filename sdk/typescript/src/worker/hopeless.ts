import { messageOf, ReseolioError } from '../errors.js';

/** What makes a job dead, whatever attempts are left: no other attempt would do better. */
export class HopelessError extends ReseolioError {
  constructor(code: string, cause: unknown) {
    super(code, messageOf(cause), { cause });
  }
}

/** The arguments are not what this SDK can read. */
export class UnreadableArgs extends HopelessError {
  constructor(cause: unknown) {
    super('unreadable_arguments', cause);
  }
}

/** A step was done, and what it returned cannot be recorded. Has the code of its cause. */
export class UnrecordableStep extends HopelessError {
  constructor(cause: unknown) {
    super(codeOf(cause), cause);
  }
}

/** What was recorded for a step is not what this SDK can read. Has the code of its cause. */
export class UnreadableStep extends HopelessError {
  constructor(cause: unknown) {
    super(codeOf(cause), cause);
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof ReseolioError ? cause.code : 'internal';
}
