import { DomainError } from '@openimo/domain';

export type AuthErrorCode =
  /** Nobody is signed in. */
  | 'SignInRequired'
  /** A session, token or key that does not open anything (any more). */
  | 'CredentialsInvalid'
  /** The caller may do other things, not this. data: { scope } */
  | 'ScopeMissing'
  /** A change asked for by cookie alone: the header that another site's page cannot send is not there. */
  | 'RequestHeaderMissing'
  /** A page of another origin asks. */
  | 'OriginNotAllowed'
  | 'SignInMessageMalformed'
  | 'SignInDomainWrong'
  | 'SignInUriWrong'
  | 'SignInChainWrong'
  | 'SignInNonceInvalid'
  | 'SignInNonceUsed'
  | 'SignInExpired'
  | 'SignInNotYetValid'
  | 'SignInSignatureWrong';

export function authError(code: AuthErrorCode, message: string, data: Record<string, unknown> = {}) {
  return new DomainError<AuthErrorCode>(code, message, { data });
}
