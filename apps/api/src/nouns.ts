import { FamilyModule } from './family/family.module.js';
import { MetaModule } from './meta/meta.module.js';

/** Every noun of the API: its module here, its error codes below. */
export const NOUNS = [FamilyModule, MetaModule] as const;

/** The codes of all `noun.errors.ts`; `graphql/errors.ts` says what each means to a client. */
export type NounErrorCode = never;
