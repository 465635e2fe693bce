import { type ContractAddresses, modelRegistryAbi, offeringFactoryAbi } from '@openimo/contracts';
import type { ModelReport } from '@openimo/inference';
import { type Address, type ContractFunctionArgs, type Hex, sha256, toHex, zeroHash } from 'viem';

/** The terms of a family, a version and an offering, as the contracts take them; `IModelRegistry` and `IOfferingFactory` say what they mean. */
export type FamilyParams = ContractFunctionArgs<typeof modelRegistryAbi, 'nonpayable', 'registerFamily'>[0];
export type VersionParams = ContractFunctionArgs<typeof modelRegistryAbi, 'nonpayable', 'publishVersion'>[0];
export type OfferingParams = ContractFunctionArgs<typeof offeringFactoryAbi, 'nonpayable', 'create'>[0];

/** What the publisher decides about a version; the rest follows from the file. */
export interface VersionTerms {
  readonly familyId: bigint;
  /** SPDX identifier. */
  readonly licence: string;
  /** Where the model card can be read, and its text. */
  readonly cardUri: string;
  readonly card: string;
  /** Per inference, in units of the asset; the zero address is ETH. */
  readonly prices: readonly { readonly asset: Address; readonly amount: bigint }[];
  /** The version writes text: this many bytes at most, one per run of the graph. Undefined: its input and output are the graph's. */
  readonly mostNewBytes?: number;
}

export function registerFamilyCall({ modelRegistry }: ContractAddresses, params: FamilyParams) {
  return { address: modelRegistry, abi: modelRegistryAbi, functionName: 'registerFamily', args: [params] } as const;
}

/** @param facts what `checkModel` and `profileModel` said of the file */
export function publishVersionCall({ modelRegistry }: ContractAddresses, terms: VersionTerms, facts: FileFacts) {
  const params: VersionParams = {
    familyId: terms.familyId,
    fileHash: facts.sha256,
    modelRoot: facts.modelRoot ?? zeroHash,
    weightsRoot: facts.weightsRoot,
    metadataHash: metadataHashOf(terms.card),
    metadataURI: terms.cardUri,
    licence: terms.licence,
    io: terms.mostNewBytes === undefined ? tensorBounds(facts) : textBounds(facts, terms.mostNewBytes),
    prices: terms.prices,
  };
  return { address: modelRegistry, abi: modelRegistryAbi, functionName: 'publishVersion', args: [params] } as const;
}

function tensorBounds({ inputBytes, outputBytes }: FileFacts): VersionParams['io'] {
  return { minInput: inputBytes, maxInput: inputBytes, minOutput: outputBytes, maxOutput: outputBytes, context: 0 };
}

/** The registry takes no others for a version that writes text. */
function textBounds({ inputBytes: context }: FileFacts, mostNewBytes: number): VersionParams['io'] {
  return { minInput: 1, maxInput: context - 1, minOutput: 0, maxOutput: mostNewBytes, context };
}

export function createOfferingCall({ offeringFactory }: ContractAddresses, params: OfferingParams) {
  return { address: offeringFactory, abi: offeringFactoryAbi, functionName: 'create', args: [params] } as const;
}

export interface FileFacts extends Pick<ModelReport, 'sha256' | 'weightsRoot' | 'inputBytes' | 'outputBytes'> {
  /** Null: the file is outside of the bit-exact profile, so that nobody can prove an answer wrong. */
  readonly modelRoot: Hex | null;
}

/** What a version commits to of its card: sha256 of the text in UTF-8. */
export function metadataHashOf(card: string): Hex {
  return sha256(toHex(card));
}
