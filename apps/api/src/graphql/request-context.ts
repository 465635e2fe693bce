import type { Address } from '@openimo/domain';
import type { ApiKey } from '@openimo/persistence';
import type { Loaders } from './loaders.js';

export type ApiKeyBudget = Pick<ApiKey, 'keyId' | 'budget' | 'periodSeconds'>;

/** Who asks. */
export interface Viewer {
  readonly via: 'session' | 'token' | 'apiKey';
  readonly address: Address;
  readonly scopes: readonly string[];
  readonly keyId?: string;
  /** Of a session, and of a token made in it. */
  readonly sessionId?: string;
  /** The request has the header that pages of other sites cannot send. */
  readonly fromOwnPage?: boolean;
  /** What an API key may spend. */
  readonly budget?: ApiKeyBudget;
}

/** One GraphQL operation, or one subscription. Resolvers get it with `@Context()`. */
export interface RequestContext {
  /** Null: anonymous. */
  readonly viewer: Viewer | null;
  /** Whose budget it spends. */
  readonly client: string;
  readonly loaders: Loaders;
}
