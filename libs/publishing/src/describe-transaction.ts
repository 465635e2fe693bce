import { type ContractAddresses, modelRegistryAbi, offeringFactoryAbi } from '@openimo/contracts';
import { formatUnits } from '@openimo/domain';
import { type Address, decodeFunctionData, type Hex, isAddressEqual, zeroHash } from 'viem';
import type { FamilyParams, OfferingParams, VersionParams } from './calls.js';
import { moneyInWords, tokensInWords } from './in-words.js';

/**
 * What a transaction will do, in words, read from the very bytes that will be signed. Undefined where it is none of ours: nobody
 * should sign what nobody can read.
 */
export function describeTransaction(
  contracts: Pick<ContractAddresses, 'modelRegistry' | 'offeringFactory'>,
  { to, data }: { readonly to: Address; readonly data: Hex },
): string | undefined {
  try {
    if (isAddressEqual(to, contracts.modelRegistry)) {
      const call = decodeFunctionData({ abi: modelRegistryAbi, data });
      if (call.functionName === 'registerFamily') return familyInWords(call.args[0]);
      if (call.functionName === 'publishVersion') return versionInWords(call.args[0]);
    }
    if (isAddressEqual(to, contracts.offeringFactory)) {
      const call = decodeFunctionData({ abi: offeringFactoryAbi, data });
      if (call.functionName === 'create') return offeringInWords(call.args[0]);
    }
  } catch {
    // Not of these contracts.
  }
  return undefined;
}

function familyInWords({ name, operatorBps, publisherBps, holdersFloorBps, lineage, assets }: FamilyParams): string {
  const shares = [
    `${percent(operatorBps)} to the operator that answers`,
    `${percent(publisherBps)} to you`,
    ...lineage.map(({ parentFamilyId, contributor, shareBps }) =>
      parentFamilyId === 0n
        ? `${percent(shareBps)} to the contributor ${contributor}`
        : `${percent(shareBps)} to family ${parentFamilyId}`,
    ),
  ];
  return sentences(
    `Registers the model family "${name}" with you as its publisher`,
    `Of every fee go ${shares.join(', ')}; the protocol takes its share and the token's holders the rest, never less than ${percent(holdersFloorBps)}`,
    `Fees can be paid in ETH${assets.map((asset) => ` or ${asset}`).join('')}`,
    'Nothing of this can be changed later but your own share',
  );
}

function versionInWords(params: VersionParams): string {
  const prices = params.prices.map(({ asset, amount }) => moneyInWords(amount, asset)).join(' or ');
  return sentences(
    `Publishes a version of family ${params.familyId} for good`,
    `Its file has the sha256 ${params.fileHash} and the licence ${params.licence}`,
    params.modelRoot === zeroHash
      ? 'It has no model root, so nobody can prove an answer of it wrong'
      : `Its model root is ${params.modelRoot}, so that a wrong answer of it can be proven wrong`,
    params.metadataURI === '' ? 'It has no model card' : `Its card is at ${params.metadataURI}`,
    prices === '' ? 'It has no price yet and is not sold' : `An inference costs ${prices}`,
  );
}

function offeringInWords({ familyId, token, allocation, sale }: OfferingParams): string {
  const tokens = (amount: bigint) => tokensInWords(amount, token.symbol);
  return sentences(
    `Offers the token "${token.name}" (${token.symbol}) of family ${familyId}: ${tokens(allocation.offered)} of ${tokens(token.supply)}`,
    `The sale is open from ${date(sale.opensAt)} to ${date(sale.closesAt)}, for all who ask${sale.allowListRoot === zeroHash ? '' : ' and are on the allow-list'}`,
    `It takes at most ${moneyInWords(sale.hardCap, sale.currency)}; below ${moneyInWords(sale.softCap, sale.currency)} everybody is refunded`,
    `Proceeds go to ${sale.fundsRecipient}: ${sale.tranches.map(({ delay, bps }) => `${percent(bps)} ${delay === 0 ? 'at settlement' : `${duration(delay)} later`}`).join(', ')}`,
    `${tokens(allocation.liquidity)} are locked for liquidity for ${duration(allocation.liquidityLock)}, then go to ${allocation.liquidityRecipient}`,
    ...allocation.grants.map(
      ({ beneficiary, amount, cliff, duration: length }) =>
        `${tokens(amount)} vest to ${beneficiary} over ${duration(length)}${cliff === 0 ? '' : `, nothing before ${duration(cliff)}`}`,
    ),
    `Of the revenue holders can claim ${percent(token.claimableBps)} and redeem the rest`,
  );
}

const sentences = (...parts: string[]) => parts.map((part) => `${part}.`).join(' ');
const percent = (bps: number) => `${formatUnits(BigInt(bps), 2)} %`;
const date = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');

function duration(seconds: number): string {
  for (const [unit, length] of [
    ['days', 86_400],
    ['hours', 3_600],
    ['minutes', 60],
  ] as const) {
    if (seconds >= length && seconds % length === 0) return `${seconds / length} ${unit}`;
  }
  return `${seconds} seconds`;
}
