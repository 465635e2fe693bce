import type { Address } from '@openimo/domain';
import type { Loaders } from './loaders.js';

/** Who asks. */
export interface Viewer {
  readonly via: 'session' | 'token' | 'apiKey';
  readonly address: Address;
  readonly scopes: readonly string[];
  readonly keyId?: string;
}

/** One GraphQL operation, or one subscription. Resolvers get it with `@Context()`. */
export interface RequestContext {
  /** Null: anonymous. */
  readonly viewer: Viewer | null;
  /** Whose budget it spends. */
  readonly client: string;
  readonly loaders: Loaders;
}
