import type { ApiKeyErrorCode } from './api-key/api-key.errors.js';
import { ApiKeyModule } from './api-key/api-key.module.js';
import type { AuthErrorCode } from './auth/auth.errors.js';
import { AuthModule } from './auth/auth.module.js';
import { READ_NOUNS, type ReadErrorCode } from './read-nouns.js';
import { SessionModule } from './session/session.module.js';

/** Every noun of the API: its module here, its error codes below. */
export const NOUNS = [...READ_NOUNS, AuthModule, SessionModule, ApiKeyModule] as const;

/** The codes of all `noun.errors.ts`; `graphql/errors.ts` says what each means to a client. */
export type NounErrorCode = ReadErrorCode | AuthErrorCode | ApiKeyErrorCode;
