import type { DraftContent, DraftFamilyTerms } from '@openimo/persistence';
import { zeroAddress } from 'viem';
import { draftInputInvalid } from './draft.errors.js';
import type { DraftInput, FamilyTermsInput, LineagePartyInput } from './draft.types.js';

const MAX_NAME = 64;
const MAX_LICENCE_BYTES = 64;
const MAX_URI_BYTES = 512;
const MAX_CARD_BYTES = 64 * 1_024;
const MOST_PRICES = 5;
/** No context is longer than 65,535 bytes, and the prompt takes one of them. */
const MOST_NEW_BYTES = 65_534;
const BPS_ONE = 10_000;

export const EMPTY_DRAFT: Omit<DraftContent, 'name'> = {
  familyId: null,
  familyTerms: null,
  licence: '',
  card: '',
  cardUri: '',
  mostNewBytes: null,
  prices: [],
};

/**
 * What a publisher wrote, as it is kept; what was left out is left out. Bounds are those of the contracts, told here before
 * anybody pays for them.
 *
 * @throws DomainError `DraftInputInvalid`
 */
export function contentOf(input: DraftInput): Partial<DraftContent> {
  const { name, familyId, familyTerms, licence, card, cardUri, mostNewBytes, prices } = input;
  if (name !== undefined && (name.length < 1 || name.length > MAX_NAME)) {
    throw draftInputInvalid(`A name has 1 to ${MAX_NAME} characters.`);
  }
  checkBytes('licence', licence, MAX_LICENCE_BYTES);
  checkBytes('cardUri', cardUri, MAX_URI_BYTES);
  checkBytes('card', card, MAX_CARD_BYTES);
  if (cardUri && !/^(https|ipfs):\/\/\S+$/.test(cardUri)) {
    throw draftInputInvalid('cardUri must be like https://example.org/card.md or ipfs://bafy.../card.md.');
  }
  if (mostNewBytes != null && (mostNewBytes < 1 || mostNewBytes > MOST_NEW_BYTES)) {
    throw draftInputInvalid(`mostNewBytes is 1 to ${MOST_NEW_BYTES}, and below the context of the model.`);
  }
  checkPrices(prices);
  return Object.fromEntries(
    Object.entries({
      name,
      familyId,
      familyTerms: familyTerms ? familyTermsOf(familyTerms) : familyTerms,
      licence,
      card,
      cardUri,
      mostNewBytes,
      prices: prices?.map(({ asset, amount }) => ({ asset, amount: amount.toString() })),
    } satisfies { [key in keyof DraftContent]: DraftContent[key] | undefined }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

function familyTermsOf({ lineage, ...terms }: FamilyTermsInput): DraftFamilyTerms {
  checkBytes('familyTerms.name', terms.name, MAX_NAME);
  for (const share of [terms.operatorBps, terms.publisherBps, terms.holdersFloorBps]) checkShare(share);
  return { ...terms, lineage: lineage.map(lineageOf) };
}

function lineageOf({ parentFamilyId, contributor, shareBps }: LineagePartyInput) {
  checkShare(shareBps);
  if ((parentFamilyId == null) === (contributor == null)) {
    throw draftInputInvalid('Give every lineage party either a parentFamilyId or a contributor.');
  }
  return { parentFamilyId: (parentFamilyId ?? 0n).toString(), contributor: contributor ?? zeroAddress, shareBps };
}

function checkPrices(prices: DraftInput['prices']): void {
  if (prices === undefined || prices === null) return;
  if (prices.length > MOST_PRICES) throw draftInputInvalid(`At most ${MOST_PRICES} prices.`);
  if (new Set(prices.map(({ asset }) => asset)).size < prices.length) throw draftInputInvalid('One price per asset.');
  if (prices.some(({ amount }) => amount <= 0n || amount >= 2n ** 128n)) {
    throw draftInputInvalid('A price is above zero and below 2^128.');
  }
}

function checkShare(bps: number): void {
  if (bps < 0 || bps > BPS_ONE) throw draftInputInvalid(`A share has 0 to ${BPS_ONE} basis points.`);
}

function checkBytes(field: string, text: string | undefined, most: number): void {
  if (text === undefined) return;
  if (Buffer.byteLength(text) > most) throw draftInputInvalid(`${field} has at most ${most} bytes.`);
  // PostgreSQL has no text with it.
  if (text.includes('\u0000')) throw draftInputInvalid(`${field} must not have a zero character.`);
}
