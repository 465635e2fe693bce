import { Inject, Injectable } from '@nestjs/common';
import type { Deployment } from '@openimo/contracts';
import { IndexStatusRepository } from '@openimo/persistence';
import { DEPLOYMENT } from '../platform/tokens.js';
import type { Meta } from './meta.types.js';

@Injectable()
export class MetaService {
  constructor(
    private readonly status: IndexStatusRepository,
    @Inject(DEPLOYMENT) private readonly deployment: Deployment,
  ) {}

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
