import { Inject, Injectable } from '@nestjs/common';
import { inferenceOracleAbi, modelRegistryAbi, type Deployment } from '@openimo/contracts';
import { type Attestation, type VersionEntity, type VersionPrice, VersionRepository } from '@openimo/persistence';
import { zeroAddress } from 'viem';
import { HeadReader } from '../chain/head-reader.js';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readOne, readPage, readPageOf } from '../graphql/read.js';
import { MetaService } from '../meta/meta.service.js';
import { DEPLOYMENT } from '../platform/tokens.js';
import { type Verification, VerificationTier, type VersionList } from './version.types.js';

const TIERS = [
  VerificationTier.UNVERIFIED,
  VerificationTier.DISPUTABLE,
  VerificationTier.PROVEN,
  VerificationTier.BONDED,
] as const;

const MEANINGS: Readonly<Record<VerificationTier, string>> = {
  unverified:
    "Unverified: an operator's bond stands behind its answer, but nobody can prove a wrong one wrong and take it.",
  disputable: 'Disputable: anyone can prove a wrong answer wrong on-chain, while its window is open.',
  proven: 'Proven: an answer comes with a proof that the chain checks.',
  bonded: 'Bonded: answers are compared with those of others who have stake at risk.',
};

@Injectable()
export class VersionService {
  constructor(
    private readonly versions: VersionRepository,
    private readonly meta: MetaService,
    private readonly head: HeadReader,
    @Inject(DEPLOYMENT) private readonly deployment: Deployment,
  ) {}

  list(list: VersionList): Promise<Connection<VersionEntity>> {
    return readPage(this.versions, list);
  }

  ofFamily(familyId: bigint, list: VersionList, loaders: Loaders): Promise<Connection<VersionEntity>> {
    return readPageOf(this.versions, 'familyId', familyId, list, loaders);
  }

  byId(versionId: bigint, loaders: Loaders): Promise<VersionEntity | null> {
    return readOne(this.versions, 'versionId', versionId, loaders);
  }

  async pricesOf(versionId: bigint, loaders: Loaders): Promise<readonly VersionPrice[]> {
    const now = await this.meta.now(loaders);
    const fetch = (ids: readonly bigint[]) => this.versions.pricesOf(ids, now);
    return loaders.many('prices', fetch, (price: VersionPrice) => price.versionId).load(versionId);
  }

  attestationsOf(versionId: bigint, loaders: Loaders): Promise<readonly Attestation[]> {
    const { minStake } = this.deployment.parameters.operators;
    const fetch = (ids: readonly bigint[]) => this.versions.attestationsOf(ids, minStake);
    return loaders.many('attestations', fetch, (found: Attestation) => found.versionId).load(versionId);
  }

  /** By the oracle's own rule: where there is no judge, every version is unverified, whatever the registry says. */
  async verificationOf(versionId: bigint, loaders: Loaders): Promise<Verification> {
    const { inferenceOracle, modelRegistry } = this.deployment.addresses;
    const [judge, registered] = await Promise.all([
      this.head.read({ address: inferenceOracle, abi: inferenceOracleAbi, functionName: 'disputeGame' }, loaders),
      this.head.read(
        { address: modelRegistry, abi: modelRegistryAbi, functionName: 'tierOf', args: [versionId] },
        loaders,
      ),
    ]);
    const tier = judge === zeroAddress ? VerificationTier.UNVERIFIED : TIERS[registered]!;
    return { tier, meaning: MEANINGS[tier] };
  }
}
