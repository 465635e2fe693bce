import { DomainError } from '@openimo/domain';

export type DraftErrorCode =
  | 'DraftInputInvalid'
  /** So many files are being checked that this one would have to wait too long; retryable */
  | 'ChecksBusy';

export const draftInputInvalid = (message: string) => new DomainError<DraftErrorCode>('DraftInputInvalid', message);

export const checksBusy = () =>
  new DomainError<DraftErrorCode>('ChecksBusy', 'Many files are being checked right now. Try again in a minute.', {
    retryable: true,
  });
