import { Inject, Injectable } from '@nestjs/common';
import type { Deployment } from '@openimo/contracts';
import {
  type Attestation,
  type AttestationCount,
  type VersionEntity,
  type VersionPrice,
  VersionRepository,
} from '@openimo/persistence';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readOne, readPage, readPageOf } from '../graphql/read.js';
import { MetaService } from '../meta/meta.service.js';
import { DEPLOYMENT } from '../platform/tokens.js';
import { type Verification, VerificationTier, type VersionList } from './version.types.js';

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

  /** By the registry's own rule, from the read model: a page of versions is one statement. */
  async verificationOf(version: VersionEntity, loaders: Loaders): Promise<Verification> {
    const { operators, registry } = this.deployment.parameters;
    const fetch = (ids: readonly bigint[]) => this.versions.attestationCounts(ids, operators.minStake);
    const found = await loaders
      .one('attestation counts', fetch, (row: AttestationCount) => row.versionId)
      .load(version.versionId);
    const attestationCount = found?.count ?? 0;
    const attestationsNeeded = registry.attestingOperators;
    const isDisputable = hasJudge(version) && attestationCount >= attestationsNeeded;
    const tier = isDisputable ? VerificationTier.DISPUTABLE : VerificationTier.UNVERIFIED;
    return { tier, meaning: MEANINGS[tier], attestationCount, attestationsNeeded };
  }
}

/** Whether the chain could tell a wrong answer from a right one. */
function hasJudge({ modelRoot, context, minInput, maxInput, minOutput, maxOutput }: VersionEntity): boolean {
  const hasFixedLengths = minInput === maxInput && minOutput === maxOutput;
  return modelRoot !== null && (hasFixedLengths || context !== null);
}
