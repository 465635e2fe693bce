import { READ_NOUNS, type ReadErrorCode } from './read-nouns.js';
import { WRITE_NOUNS, type WriteErrorCode } from './write-nouns.js';

/** Every noun of the API. */
export const NOUNS = [...READ_NOUNS, ...WRITE_NOUNS] as const;

/** The codes of all `noun.errors.ts`; `graphql/errors.ts` says what each means to a client. */
export type NounErrorCode = ReadErrorCode | WriteErrorCode;
