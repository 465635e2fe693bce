import { Inject, Injectable } from '@nestjs/common';
import type { Deployment } from '@openimo/contracts';
import { IndexStatusRepository } from '@openimo/persistence';
import type { Loaders } from '../graphql/loaders.js';
import { DEPLOYMENT } from '../platform/tokens.js';
import type { Meta } from './meta.types.js';

@Injectable()
export class MetaService {
  constructor(
    private readonly status: IndexStatusRepository,
    @Inject(DEPLOYMENT) private readonly deployment: Deployment,
  ) {}

  /** What "now" means to the chain: never before its newest indexed block, of which a quiet chain's may be old. */
  async now(loaders: Loaders): Promise<Date> {
    const at = await loaders
      .each('now', () => this.status.find(this.deployment.chainId).then((state) => [state?.blockAt]))
      .load('now');
    return new Date(Math.max(Date.now(), at?.getTime() ?? 0));
  }

  async read(): Promise<Meta> {
    const state = await this.status.find(this.deployment.chainId);
    const { blockNumber = null, blockAt = null, finalizedBlock = null, headBlock = null } = state ?? {};
    const start = this.deployment.startBlock;
    return {
      indexedBlock: blockNumber,
      indexedAt: blockAt,
      finalizedBlock,
      chainHead: headBlock,
      lag: headBlock === null ? 0n : headBlock - (blockNumber ?? start),
      outboxPosition: state?.outboxPosition ?? 0n,
    };
  }
}
