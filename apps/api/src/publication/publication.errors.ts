import { DomainError } from '@openimo/domain';

export type PublicationErrorCode =
  /** Terms that no contract could be given: a number out of its range, dates in the past. */
  'TermsInvalid';

export const termsInvalid = (message: string) => new DomainError<PublicationErrorCode>('TermsInvalid', message);
