import { readFile } from 'node:fs/promises';
import { modelRegistryAbi } from '@openimo/contracts';
import { checkModel, type ModelReport } from '@openimo/inference';
import { publishVersionCall, registerFamilyCall } from '@openimo/publishing';
import { type Address, parseEventLogs, zeroAddress } from 'viem';
import type { Actor } from '../session/actor.js';
import type { ChainSession } from '../session/session.js';

export interface LineageParty {
  parentFamilyId: bigint;
  contributor: Address;
  shareBps: number;
}

export interface FamilyTerms {
  name: string;
  operatorBps: number;
  publisherBps: number;
  holdersFloorBps: number;
  lineage: LineageParty[];
}

export interface VersionTerms {
  /** Path of the ONNX file. */
  file: string;
  licence: string;
  /** Wei per inference. */
  price: bigint;
  /** Where the card can be read, and its text. */
  cardUri: string;
  card: string;
}

export interface PublishedVersion {
  familyId: bigint;
  versionId: bigint;
  report: ModelReport;
  gasUsed: bigint;
}

/** Registers a family. @returns its id and the gas it took */
export async function registerFamily(
  session: ChainSession,
  publisher: Actor,
  terms: FamilyTerms,
): Promise<{ familyId: bigint; gasUsed: bigint }> {
  const receipt = await publisher.write(registerFamilyCall(session.deployment.addresses, { ...terms, assets: [] }));
  const [event] = parseEventLogs({ abi: modelRegistryAbi, logs: receipt.logs, eventName: 'FamilyRegistered' });
  return { familyId: event!.args.familyId, gasUsed: receipt.gasUsed };
}

/**
 * Checks a model file in the sandbox, publishes it as a version of the family and, unless it is withheld, puts it where
 * operators find it.
 */
export async function publishVersion(
  session: ChainSession,
  publisher: Actor,
  familyId: bigint,
  terms: VersionTerms,
  { withhold = false } = {},
): Promise<PublishedVersion> {
  const report = await checkModel(terms.file);
  if (!withhold) await session.models.put(await readFile(terms.file));
  const { licence, cardUri, card } = terms;
  const prices = [{ asset: zeroAddress, amount: terms.price }];
  const receipt = await publisher.write(
    publishVersionCall(session.deployment.addresses, { familyId, licence, cardUri, card, prices }, report),
  );
  const [event] = parseEventLogs({ abi: modelRegistryAbi, logs: receipt.logs, eventName: 'VersionPublished' });
  return { familyId, versionId: event!.args.versionId, report, gasUsed: receipt.gasUsed };
}
