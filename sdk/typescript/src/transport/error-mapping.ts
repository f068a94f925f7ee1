import { type ServiceError, status } from '@grpc/grpc-js';
import { NotConnectedError, ReseolioError } from '../errors.js';
import { ErrorDetail } from '../gen/reseolio/v1/common.js';
import { ConnectionLostError } from './connection-lost.js';

const TRAILER = 'reseolio-error-bin';

/** What grpc-js says when a call was never handed to a connection. */
const NEVER_SENT = /^(No connection established|Name resolution failed|Channel has been shut down|.*LB pick)/;

/** What gRPC itself says about a message over its own limit, at either end. */
const TOO_LARGE = /(larger than max|exceeds maximum size)/;

/** Reasons for failures whose server did not say one, by gRPC status. */
const REASONS: Partial<Record<number, string>> = {
  [status.INVALID_ARGUMENT]: 'invalid_argument',
  [status.NOT_FOUND]: 'not_found',
  [status.RESOURCE_EXHAUSTED]: 'resource_exhausted',
  [status.UNAUTHENTICATED]: 'unauthenticated',
  [status.PERMISSION_DENIED]: 'permission_denied',
  [status.UNIMPLEMENTED]: 'unimplemented',
};

/** The error of a failed call, typed: the server's own detail when it sent one, otherwise by gRPC status. */
export function toError(error: unknown): ReseolioError {
  if (error instanceof ReseolioError) return error;
  if (!isServiceError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    if (NEVER_SENT.test(message)) return new ConnectionLostError(message, false, error);
    return new ReseolioError('internal', message, { cause: error });
  }
  const detail = detailOf(error);
  if (detail === undefined && TOO_LARGE.test(error.details)) {
    return new ReseolioError('payload_too_large', `${error.details}; pass a reference to large data`, { cause: error });
  }
  if (detail !== undefined) return fromDetail(detail, error);
  switch (error.code) {
    case status.UNAVAILABLE:
    case status.CANCELLED:
    case status.DEADLINE_EXCEEDED:
      return new ConnectionLostError(error.details, !NEVER_SENT.test(error.details), error);
    default:
      return new ReseolioError(REASONS[error.code] ?? 'internal', error.details || error.message, { cause: error });
  }
}

/** The error an ErrorDetail describes. */
export function fromDetail(detail: ErrorDetail, cause?: unknown): ReseolioError {
  if (detail.reason === 'not_connected') return new NotConnectedError(detail.message, { cause });
  return new ReseolioError(detail.reason || 'internal', detail.message, { cause, field: detail.field || undefined });
}

function detailOf(error: ServiceError): ErrorDetail | undefined {
  const trailer = error.metadata?.get(TRAILER)[0];
  if (!Buffer.isBuffer(trailer)) return undefined;
  try {
    return ErrorDetail.decode(trailer);
  } catch {
    return undefined;
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number' && 'details' in error;
}
