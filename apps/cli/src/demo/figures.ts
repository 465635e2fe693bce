import type { PublicClient } from 'viem';
import type { GraphqlClient, TypedQuery, Variables } from '../graphql/graphql-client.js';

export type Figure = bigint | number | string | null;

/** A figure that GraphQL tells otherwise than the chain. */
export interface Difference {
  readonly what: string;
  readonly told: Figure;
  readonly actual: Figure;
}

/** What the demo prints: read through GraphQL, and each figure held against the chain. */
export class Figures {
  readonly differences: Difference[] = [];
  #count = 0;

  constructor(
    private readonly graphql: Pick<GraphqlClient, 'ask' | 'upTo'>,
    private readonly chain: Pick<PublicClient, 'getBlockNumber'>,
  ) {}

  /** How many were compared. */
  get count(): number {
    return this.#count;
  }

  /** An answer that has everything that is on the chain by now. */
  async read<Data>(query: TypedQuery<Data>, variables: Variables = {}): Promise<Data> {
    await this.graphql.upTo(await this.chain.getBlockNumber({ cacheTime: 0 }));
    return this.graphql.ask(query, variables);
  }

  /** @returns what GraphQL tells */
  check<F extends Figure>(what: string, told: F, actual: F): F {
    this.#count++;
    if (told !== actual) this.differences.push({ what, told, actual });
    return told;
  }
}
