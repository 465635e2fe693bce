import { readFile } from 'node:fs/promises';
import { modelRegistryAbi, offeringFactoryAbi } from '@openimo/contracts';
import { digitsCnn, gpt } from '@openimo/models';
import { type Address, type Hex, parseEther, sha256 } from 'viem';
import { publishVersion, registerFamily } from '../model/publish-model.js';
import { createOffering } from '../offering/create-offering.js';
import type { ChainSession } from '../session/session.js';
import type { StackRecord } from './record.js';

const FAMILY_ID = 1n;
const VERSION_ID = 1n;
const PRICE = parseEther('0.01');
/** Of what the text model reads, the prompt has the rest: a few words. */
const MOST_NEW_BYTES = 48;
const OPEN_FOR_SECONDS = 3 * 24 * 3_600;

/**
 * The first family of a local chain is the model that reads digits, its token on offer; another has the model that writes Solidity.
 * Both are in the bit-exact profile and published with their roots. What an interrupted start left undone is done; what is there is
 * left alone.
 */
export async function ensureExample(session: ChainSession): Promise<StackRecord['example']> {
  const publisher = session.actor('publisher');
  const registry = { address: session.deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;

  if ((await session.client.readContract({ ...registry, functionName: 'familyCount' })) === 0n) {
    await registerFamily(session, publisher, {
      name: 'Digits',
      operatorBps: 2_000,
      publisherBps: 2_000,
      holdersFloorBps: 5_000,
      lineage: [],
    });
  }
  if ((await session.client.readContract({ ...registry, functionName: 'versionCount' })) === 0n) {
    await publishVersion(session, publisher, FAMILY_ID, {
      file: digitsCnn.modelPath,
      licence: digitsCnn.license,
      price: PRICE,
      cardUri: 'digits-cnn/card.md',
      card: await readFile(digitsCnn.cardPath, 'utf8'),
    });
  } else {
    await session.models.put(await readFile(digitsCnn.modelPath));
  }
  await ensureWriter(session);
  const { offering, token } = (await findOffering(session)) ?? (await openOffering(session));
  return { familyId: String(FAMILY_ID), versionId: String(VERSION_ID), offering, token };
}

async function ensureWriter(session: ChainSession): Promise<void> {
  const file = await readFile(gpt.modelPath);
  if (await isPublished(session, sha256(file))) {
    await session.models.put(file);
    return;
  }
  const publisher = session.actor('publisher');
  const { familyId } = await registerFamily(session, publisher, {
    name: 'Solidity writer',
    operatorBps: 2_000,
    publisherBps: 2_000,
    holdersFloorBps: 5_000,
    lineage: [],
  });
  await publishVersion(session, publisher, familyId, {
    file: gpt.modelPath,
    licence: gpt.license,
    price: PRICE,
    cardUri: 'gpt/card.md',
    card: await readFile(gpt.cardPath, 'utf8'),
    mostNewBytes: MOST_NEW_BYTES,
  });
}

async function isPublished({ client, deployment }: ChainSession, fileHash: Hex): Promise<boolean> {
  const events = await client.getContractEvents({
    address: deployment.addresses.modelRegistry,
    abi: modelRegistryAbi,
    eventName: 'VersionPublished',
    args: { fileHash },
    fromBlock: deployment.startBlock,
  });
  return events.length > 0;
}

/** The newest offering of the example's token, unless it failed. */
async function findOffering(session: ChainSession): Promise<{ offering: Address; token: Address } | undefined> {
  const factory = { address: session.deployment.addresses.offeringFactory, abi: offeringFactoryAbi } as const;
  const events = await session.client.getContractEvents({
    ...factory,
    eventName: 'OfferingCreated',
    args: { familyId: FAMILY_ID },
    fromBlock: session.deployment.startBlock,
  });
  const newest = events.at(-1)?.args;
  if (!newest) return undefined;
  const [open, token] = await Promise.all([
    session.client.readContract({ ...factory, functionName: 'openOfferingOf', args: [FAMILY_ID] }),
    session.client.readContract({
      address: session.deployment.addresses.modelRegistry,
      abi: modelRegistryAbi,
      functionName: 'tokenOf',
      args: [FAMILY_ID],
    }),
  ]);
  return open === newest.offering || token === newest.token
    ? { offering: newest.offering!, token: newest.token! }
    : undefined;
}

function openOffering(session: ChainSession): Promise<{ offering: Address; token: Address }> {
  const publisher = session.actor('publisher');
  return createOffering(session, publisher, {
    familyId: FAMILY_ID,
    tokenName: 'Digits Example',
    tokenSymbol: 'EXAMPLE',
    softCap: parseEther('10'),
    hardCap: parseEther('150'),
    walletCap: 0n,
    opensIn: 0,
    openFor: OPEN_FOR_SECONDS,
    fundsRecipient: publisher.address,
    contributor: session.actor('contributor').address,
    team: session.actor('team').address,
  });
}
