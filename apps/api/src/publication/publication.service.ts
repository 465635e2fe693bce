import { Inject, Injectable } from '@nestjs/common';
import { type Chain, decodeRevert, toChainError } from '@openimo/chain';
import { type Deployment, modelRegistryAbi } from '@openimo/contracts';
import { type Address, textContextOf } from '@openimo/domain';
import type { ModelReport } from '@openimo/inference';
import { type Draft, DraftRepository } from '@openimo/persistence';
import {
  createOfferingCall,
  type FileFacts,
  type OfferingParams,
  publishVersionCall,
  registerFamilyCall,
} from '@openimo/publishing';
import { zeroAddress, zeroHash } from 'viem';
import { draftHasNoFile, draftNotFound } from '../draft/draft.service.js';
import { CHAIN, DEPLOYMENT } from '../platform/tokens.js';
import { prepareFor } from './prepare.js';
import { termsInvalid } from './publication.errors.js';
import {
  DraftNotReady,
  type LaunchOfferingInput,
  NotThePublisher,
  OversubscriptionInput,
  PreparedOffering,
  PreparedPublication,
  PublicationStep,
} from './publication.types.js';

/** Prepares what publishers sign themselves. */
@Injectable()
export class PublicationService {
  constructor(
    private readonly drafts: DraftRepository,
    @Inject(DEPLOYMENT) private readonly deployment: Deployment,
    @Inject(CHAIN) private readonly chain: Chain,
  ) {}

  /** The next transaction on the draft's way to the chain. */
  async publishDraft(account: Address, draftId: string) {
    const draft = await this.drafts.find(account, draftId);
    if (draft === undefined) return draftNotFound();
    if (draft.fileHash === null) return draftHasNoFile();
    const problems = problemsOf(draft);
    if (problems.length > 0) {
      return Object.assign(new DraftNotReady(), { message: `The draft is not ready: ${problems.join(' ')}`, problems });
    }
    const step = draft.familyId === null ? PublicationStep.registerFamily : PublicationStep.publishVersion;
    const call = step === PublicationStep.registerFamily ? this.#familyCall(draft) : this.#versionCall(draft);
    const prepared = await prepareFor(account, call, this.deployment, this.chain);
    return Object.assign(new PreparedPublication(), { step, ...prepared });
  }

  async launchOffering(account: Address, input: LaunchOfferingInput) {
    const publisher = await this.#publisherOf(input.familyId);
    if (publisher?.toLowerCase() !== account) {
      return new NotThePublisher(`${account} does not publish family ${input.familyId}.`);
    }
    const params = offeringParams(input, this.deployment.parameters.offering);
    const call = createOfferingCall(this.deployment.addresses, params);
    return Object.assign(new PreparedOffering(), await prepareFor(account, call, this.deployment, this.chain));
  }

  #familyCall({ familyTerms }: Draft) {
    const { lineage, ...terms } = familyTerms!;
    const parties = lineage.map((party) => ({ ...party, parentFamilyId: BigInt(party.parentFamilyId) }));
    return registerFamilyCall(this.deployment.addresses, { ...terms, lineage: parties });
  }

  #versionCall({ familyId, licence, card, cardUri, mostNewBytes, prices, checkReport }: Draft) {
    const terms = {
      familyId: familyId!,
      licence,
      card,
      cardUri,
      mostNewBytes: mostNewBytes ?? undefined,
      prices: prices.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) })),
    };
    return publishVersionCall(this.deployment.addresses, terms, checkReport as unknown as FileFacts);
  }

  /** Undefined where there is no such family. */
  async #publisherOf(familyId: bigint): Promise<Address | undefined> {
    if (familyId < 0n || familyId >= 2n ** 256n) return undefined;
    const { modelRegistry: address } = this.deployment.addresses;
    const question = { address, abi: modelRegistryAbi, functionName: 'publisherOf', args: [familyId] } as const;
    return this.chain.client.readContract(question).catch((error: unknown) => {
      if (decodeRevert(error) !== undefined) return undefined;
      throw toChainError(error);
    });
  }
}

function problemsOf(draft: Draft): string[] {
  const { checkStatus, licence, prices, familyId, familyTerms } = draft;
  return [
    textProblemOf(draft),
    checkStatus === 'none' && 'Check the file (checkDraft).',
    checkStatus === 'refused' && 'The file was refused; upload another.',
    licence === '' && 'Choose a licence.',
    prices.length === 0 && 'Set a price.',
    familyId === null &&
      familyTerms === null &&
      'Give the familyId it is a version of, or familyTerms to register one.',
  ].filter((problem) => problem !== false);
}

/** What the registry would refuse of a version that is to write text. */
function textProblemOf({ mostNewBytes, checkReport }: Draft): string | false {
  if (mostNewBytes === null || checkReport === null) return false;
  const context = textContextOf(checkReport as unknown as ModelReport);
  if (context === undefined) {
    return 'The file does not write text: its graph would read UINT8 [context] and give UINT8 [1]. Set mostNewBytes to null.';
  }
  return mostNewBytes >= context && `Set mostNewBytes below ${context}, the context of the model.`;
}

type Limits = Deployment['parameters']['offering'];

function offeringParams(input: LaunchOfferingInput, limits: Limits): OfferingParams {
  if (input.opensAt >= input.closesAt) throw termsInvalid('closesAt must be after opensAt.');
  return {
    familyId: input.familyId,
    token: {
      name: input.tokenName,
      symbol: input.tokenSymbol,
      supply: input.supply,
      claimableBps: input.claimableBps,
      streamPeriod: input.streamPeriod ?? limits.minStreamPeriod,
    },
    allocation: {
      offered: input.offered,
      liquidity: input.liquidity,
      liquidityRecipient: input.liquidityRecipient,
      liquidityLock: input.liquidityLock ?? limits.minLiquidityLock,
      grants: input.grants.map((grant) => ({ ...grant })),
    },
    sale: {
      currency: input.currency ?? zeroAddress,
      softCap: input.softCap,
      hardCap: input.hardCap,
      walletCap: BigInt(input.walletCap),
      allowListRoot: input.allowListRoot ?? zeroHash,
      oversubscription: input.oversubscription === OversubscriptionInput.proRata ? 0 : 1,
      opensAt: secondsOf(input.opensAt),
      closesAt: secondsOf(input.closesAt),
      fundsRecipient: input.fundsRecipient,
      tranches: input.tranches?.map((tranche) => ({ ...tranche })) ?? [{ delay: 0, bps: 10_000 }],
    },
  };
}

const secondsOf = (date: Date) => Math.floor(date.getTime() / 1_000);
