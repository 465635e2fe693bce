import { readFile } from 'node:fs/promises';
import { modelRegistryAbi } from '@openimo/contracts';
import { DomainError, textContextOf } from '@openimo/domain';
import { checkModel, type ModelReport, tryProfile } from '@openimo/inference';
import { publishVersionCall, registerFamilyCall } from '@openimo/publishing';
import { type Address, type Hex, parseEventLogs, zeroAddress } from 'viem';
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
  /** It writes text, this many bytes at most. Undefined: a run of the graph is an answer. */
  mostNewBytes?: number;
}

export interface PublishedVersion {
  familyId: bigint;
  versionId: bigint;
  report: ModelReport;
  modelRoot: Hex | null;
  /** Why there is no model root. */
  outside?: DomainError;
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

/** A model file that may be published, and under which terms. */
export interface PreparedVersion {
  readonly terms: VersionTerms;
  readonly report: ModelReport;
  /** Null outside of the bit-exact profile. */
  readonly modelRoot: Hex | null;
  /** Why there is no model root. */
  readonly outside?: DomainError;
}

/** Checks a model file in the sandbox, and whether it is in the bit-exact profile. Nothing is sent. */
export async function prepareVersion(terms: VersionTerms): Promise<PreparedVersion> {
  if (terms.licence === '') {
    throw new DomainError(
      'LicenceMissing',
      'A model needs a licence. Name it with --licence, such as MIT or LicenseRef-Proprietary.',
    );
  }
  const report = await checkModel(terms.file);
  const profiled = await tryProfile(terms.file);
  if (terms.mostNewBytes !== undefined) requireText(report, terms.mostNewBytes);
  const modelRoot = profiled.profile?.modelRoot ?? null;
  return { terms, report, modelRoot, ...(profiled.profile === null && { outside: profiled.refusal }) };
}

/** As `publishPrepared`, of a file that is checked first. */
export async function publishVersion(
  session: ChainSession,
  publisher: Actor,
  familyId: bigint,
  terms: VersionTerms,
  options: { withhold?: boolean } = {},
): Promise<PublishedVersion> {
  return publishPrepared(session, publisher, familyId, await prepareVersion(terms), options);
}

/**
 * Publishes a version of the family, with its model root where it is in the bit-exact profile, and, unless it is withheld, puts
 * the file where operators find it.
 */
export async function publishPrepared(
  session: ChainSession,
  publisher: Actor,
  familyId: bigint,
  { terms, report, modelRoot, outside }: PreparedVersion,
  { withhold = false } = {},
): Promise<PublishedVersion> {
  if (!withhold) await session.models.put(await readFile(terms.file));
  const { licence, cardUri, card, mostNewBytes } = terms;
  const prices = [{ asset: zeroAddress, amount: terms.price }];
  const receipt = await publisher.write(
    publishVersionCall(
      session.deployment.addresses,
      { familyId, licence, cardUri, card, prices, mostNewBytes },
      { ...report, modelRoot },
    ),
  );
  const [event] = parseEventLogs({ abi: modelRegistryAbi, logs: receipt.logs, eventName: 'VersionPublished' });
  const { versionId } = event!.args;
  return { familyId, versionId, report, modelRoot, outside, gasUsed: receipt.gasUsed };
}

/** What the registry would refuse, in words. */
function requireText(report: ModelReport, mostNewBytes: number): void {
  const context = textContextOf(report);
  if (context === undefined) {
    throw new DomainError(
      'NotATextModel',
      'A text model takes UINT8 [context] and answers UINT8 [1], the byte that follows. Leave --text out, or export the model so.',
    );
  }
  if (Number.isInteger(mostNewBytes) && mostNewBytes >= 1 && mostNewBytes < context) return;
  throw new DomainError(
    'TextLengthWrong',
    `The model reads ${context} bytes, of which the prompt takes one at least: say --text 1 to ${context - 1}.`,
    { data: { mostNewBytes, context } },
  );
}
