import { modelRegistryAbi } from '@openimo/contracts';
import {
  FamilyEntity,
  LineagePartyEntity,
  PriceCountEntity,
  PriceEntity,
  TokenEntity,
  VersionEntity,
} from '@openimo/persistence';
import { orNull, safeDate, safeText } from '../events/values.js';
import { factKey } from '../source/block-source.js';
import { lower, type Projection } from './projection.js';

export const registryProjection: Projection<typeof modelRegistryAbi> = {
  FamilyRegistered({ familyId, publisher, name, waterfall }, { ledger, header, log, facts }) {
    ledger.set(FamilyEntity, {
      familyId,
      name,
      publisher,
      pendingPublisher: null,
      token: null,
      operatorBps: waterfall.operatorBps,
      publisherBps: waterfall.publisherBps,
      nextPublisherBps: null,
      nextPublisherBpsAt: null,
      lineageBps: waterfall.lineageBps,
      holdersFloorBps: waterfall.holdersFloorBps,
      assets: facts.assets.get(factKey(header, log))!.map(lower),
      versionCount: 0,
      offeringCount: 0,
      requestCount: 0,
      createdBlock: header.number,
      createdAt: header.at,
    });
  },

  LineageRecorded({ familyId, parentFamilyId, contributor, shareBps }, { ledger }) {
    let position = 0;
    while (ledger.find(LineagePartyEntity, { familyId, position }) !== undefined) position++;
    ledger.set(LineagePartyEntity, {
      familyId,
      position,
      parentFamilyId: orNull(parentFamilyId),
      contributor: orNull(contributor),
      shareBps,
    });
  },

  VersionPublished(args, { ledger, header, log, facts }) {
    const { familyId, versionId, fileHash, modelRoot, weightsRoot, duplicateOf, metadataURI } = args;
    const { licence, metadataHash, publishedBy, io } = facts.versions.get(factKey(header, log))!;
    ledger.set(VersionEntity, {
      versionId,
      familyId,
      fileHash,
      modelRoot: orNull(modelRoot),
      weightsRoot: orNull(weightsRoot),
      metadataHash,
      metadataUri: metadataURI,
      licence: safeText(licence),
      duplicateOf: orNull(duplicateOf),
      ...{ ...io, context: io.context === 0 ? null : io.context },
      requestCount: 0,
      operatorCount: 0,
      publishedBy: lower(publishedBy),
      publishedBlock: header.number,
      publishedAt: header.at,
    });
    ledger.update(FamilyEntity, { familyId }, ({ versionCount }) => ({ versionCount: versionCount + 1 }));
  },

  PriceScheduled({ versionId, asset, amount, effectiveAt }, { ledger, header }) {
    const { announced: number } = ledger.find(PriceCountEntity, { versionId, asset }) ?? { announced: 0 };
    const before = number === 0 ? undefined : ledger.get(PriceEntity, { versionId, asset, number: number - 1 });
    if (before !== undefined && header.at < before.effectiveAt) {
      ledger.set(PriceEntity, { ...before, superseded: true });
    }
    ledger.set(PriceCountEntity, { versionId, asset, announced: number + 1 });
    ledger.set(PriceEntity, {
      versionId,
      asset,
      number,
      amount,
      effectiveAt: safeDate(effectiveAt),
      superseded: false,
      blockNumber: header.number,
    });
  },

  PublisherShareScheduled({ familyId, publisherBps, effectiveAt }, { ledger, header }) {
    ledger.update(FamilyEntity, { familyId }, (family) => {
      const { nextPublisherBps, nextPublisherBpsAt } = family;
      const tookEffect = nextPublisherBps !== null && nextPublisherBpsAt !== null && nextPublisherBpsAt <= header.at;
      return {
        publisherBps: tookEffect ? nextPublisherBps : family.publisherBps,
        nextPublisherBps: publisherBps,
        nextPublisherBpsAt: safeDate(effectiveAt),
      };
    });
  },

  PublisherTransferStarted({ familyId, to }, { ledger }) {
    ledger.update(FamilyEntity, { familyId }, () => ({ pendingPublisher: orNull(to) }));
  },

  PublisherTransferred({ familyId, to }, { ledger }) {
    ledger.update(FamilyEntity, { familyId }, () => ({ publisher: to, pendingPublisher: null }));
  },

  TokenBound({ familyId, token }, { ledger }) {
    ledger.update(FamilyEntity, { familyId }, () => ({ token }));
    ledger.update(TokenEntity, { address: token }, () => ({ bound: true }));
  },
};
