import type { ChainErrorCode } from '@openimo/chain';
import { type DomainError, isDomainError } from '@openimo/domain';
import type { DatabaseErrorCode, QueryErrorCode } from '@openimo/persistence';
import { type Logger, withoutCredentials } from '@openimo/service';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { NounErrorCode } from '../nouns.js';
import type { LimitErrorCode } from './limits/limits.js';
import type { ListErrorCode } from './list-arguments.js';
import type { WhereErrorCode } from './where.js';

/** What a client may branch on, in `extensions.code`. `extensions.reason` has the DomainError's own code. */
export type ExtensionCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'LIMIT_EXCEEDED'
  | 'UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

export type KnownErrorCode =
  ListErrorCode | WhereErrorCode | QueryErrorCode | DatabaseErrorCode | ChainErrorCode | NounErrorCode | LimitErrorCode;

/** Every code that can reach a resolver: the compiler misses none. */
const EXTENSION_CODES: Readonly<Record<KnownErrorCode, ExtensionCode>> = {
  FirstOutOfRange: 'BAD_USER_INPUT',
  FilterTooLong: 'BAD_USER_INPUT',
  CursorInvalid: 'BAD_USER_INPUT',
  FilterInvalid: 'BAD_USER_INPUT',
  RangeInvalid: 'BAD_USER_INPUT',
  DaysOutOfRange: 'BAD_USER_INPUT',
  DisputeUnknown: 'BAD_USER_INPUT',
  PositionUnknown: 'BAD_USER_INPUT',
  PositionForgotten: 'NOT_FOUND',
  TooManyFilters: 'BAD_USER_INPUT',
  QueryTooDeep: 'LIMIT_EXCEEDED',
  TooManyAliases: 'LIMIT_EXCEEDED',
  QueryTooExpensive: 'LIMIT_EXCEEDED',
  OfferingUnknown: 'NOT_FOUND',
  TokenUnknown: 'NOT_FOUND',
  OfferingNotOpen: 'CONFLICT',
  OfferingNotOver: 'CONFLICT',
  AmountNotPositive: 'BAD_USER_INPUT',
  DatabaseUnavailable: 'UNAVAILABLE',
  DatabaseConflict: 'CONFLICT',
  TextInvalid: 'BAD_USER_INPUT',
  RpcUnavailable: 'UNAVAILABLE',
  WrongChain: 'UNAVAILABLE',
  ChainReset: 'UNAVAILABLE',
  SignInRequired: 'UNAUTHENTICATED',
  CredentialsInvalid: 'UNAUTHENTICATED',
  ScopeMissing: 'FORBIDDEN',
  RequestHeaderMissing: 'FORBIDDEN',
  OriginNotAllowed: 'FORBIDDEN',
  SignInMessageMalformed: 'BAD_USER_INPUT',
  SignInDomainWrong: 'UNAUTHENTICATED',
  SignInUriWrong: 'UNAUTHENTICATED',
  SignInChainWrong: 'UNAUTHENTICATED',
  SignInNonceInvalid: 'UNAUTHENTICATED',
  SignInNonceUsed: 'UNAUTHENTICATED',
  SignInExpired: 'UNAUTHENTICATED',
  SignInNotYetValid: 'UNAUTHENTICATED',
  SignInSignatureWrong: 'UNAUTHENTICATED',
  ApiKeyInputInvalid: 'BAD_USER_INPUT',
  ApiKeyBudgetSpent: 'LIMIT_EXCEEDED',
  BudgetSpent: 'LIMIT_EXCEEDED',
  DraftInputInvalid: 'BAD_USER_INPUT',
  ChecksBusy: 'LIMIT_EXCEEDED',
  UploadNotFound: 'NOT_FOUND',
  UploadTooLarge: 'LIMIT_EXCEEDED',
  UploadQuotaExceeded: 'LIMIT_EXCEEDED',
  TooManyUploads: 'LIMIT_EXCEEDED',
  UploadDraftNotFound: 'NOT_FOUND',
  UploadOffsetWrong: 'CONFLICT',
  UploadHashWrong: 'BAD_USER_INPUT',
  UploadHeaderInvalid: 'BAD_USER_INPUT',
  UploadVersionUnsupported: 'BAD_USER_INPUT',
  UploadContentTypeWrong: 'BAD_USER_INPUT',
  UploadTakenOver: 'CONFLICT',
  TermsInvalid: 'BAD_USER_INPUT',
  WebhookInputInvalid: 'BAD_USER_INPUT',
};

const INTERNAL = 'Something went wrong here. It was logged; the same request may work later.';

/** What a client is told of an error. One that we did not foresee is logged and told without detail. */
export function describeToClient(error: GraphQLError, log: Logger): GraphQLFormattedError {
  const cause = rootOf(error);
  if (cause instanceof GraphQLError) return error.toJSON();
  const { locations, path } = error.toJSON();
  const code = isDomainError(cause) ? extensionCodeOf(cause) : undefined;
  if (!isDomainError(cause) || code === undefined) {
    log.error({ err: cause, path }, 'a field failed');
    return { message: INTERNAL, locations, path, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  }
  const { code: reason, retryable, data } = cause.toJSON();
  return {
    message: withoutCredentials(cause.message),
    locations,
    path,
    extensions: { code, reason, retryable, ...(hasEntries(data) ? { data } : {}) },
  };
}

/** Undefined where nobody foresaw it. */
export function extensionCodeOf({ code }: DomainError): ExtensionCode | undefined {
  return Object.hasOwn(EXTENSION_CODES, code) ? EXTENSION_CODES[code as KnownErrorCode] : undefined;
}

/** Executing wraps what a resolver throws, sometimes more than once. */
function rootOf(error: unknown): unknown {
  let at = error;
  while (at instanceof GraphQLError && at.originalError) at = at.originalError;
  return at;
}

function hasEntries(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.keys(data).length > 0;
}
