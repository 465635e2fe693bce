import { production } from '@openimo/contracts';
import { parseEther, zeroHash, type Address } from 'viem';
import { createOfferingCall, publishVersionCall, registerFamilyCall } from './calls.js';
import { describeTransaction } from './describe-transaction.js';
import { prepareTransaction } from './prepared-transaction.js';
import { standardOffering } from './standard-offering.js';

const address = (n: number) => `0x${n.toString(16).padStart(40, '0')}` as Address;
const CONTRACTS = {
  modelRegistry: address(1),
  revenueRouter: address(2),
  offeringFactory: address(3),
  operatorRegistry: address(4),
  inferenceOracle: address(5),
  disputeGame: address(6),
  audits: address(7),
};
const ETH = address(0);
const CHAIN = 31_337;

describe('prepareTransaction', () => {
  it('says who gets what of a family', () => {
    const { to, value, chainId, description } = prepareTransaction(
      CONTRACTS,
      CHAIN,
      registerFamilyCall(CONTRACTS, {
        name: 'Digits',
        operatorBps: 2_000,
        publisherBps: 1_950,
        holdersFloorBps: 5_000,
        lineage: [
          { parentFamilyId: 7n, contributor: ETH, shareBps: 300 },
          { parentFamilyId: 0n, contributor: address(9), shareBps: 25 },
        ],
        assets: [],
      }),
    );

    expect({ to, value, chainId }).toEqual({ to: CONTRACTS.modelRegistry, value: 0n, chainId: CHAIN });
    expect(description).toBe(
      'Registers the model family "Digits" with you as its publisher. Of every fee go 20 % to the operator that answers, ' +
        `19.5 % to you, 3 % to family 7, 0.25 % to the contributor ${address(9)}; the protocol takes its share and the ` +
        "token's holders the rest, never less than 50 %. Fees can be paid in ETH. Nothing of this can be changed later but " +
        'your own share.',
    );
  });

  it('says what a version commits to and what it costs', () => {
    const fileHash = `0x${'ab'.repeat(32)}` as const;
    const modelRoot = `0x${'cd'.repeat(32)}` as const;
    const terms = {
      familyId: 3n,
      licence: 'MIT',
      cardUri: 'https://example.org/card.md',
      card: '# Card',
      prices: [
        { asset: ETH, amount: parseEther('0.01') },
        { asset: address(8), amount: 250n },
      ],
    };
    const report = { sha256: fileHash, weightsRoot: fileHash, modelRoot, inputBytes: 64, outputBytes: 8 };

    const { description } = prepareTransaction(CONTRACTS, CHAIN, publishVersionCall(CONTRACTS, terms, report));

    expect(description).toBe(
      `Publishes a version of family 3 for good. Its file has the sha256 ${fileHash} and the licence MIT. Its model root is ` +
        `${modelRoot}, so that a wrong answer of it can be proven wrong. Its card is at https://example.org/card.md. An inference costs 0.01 ETH or 250 units of the ERC-20 ${address(8)}.`,
    );
  });

  it('says of a version without a model root that nobody can prove an answer of it wrong', () => {
    const fileHash = `0x${'ab'.repeat(32)}` as const;
    const terms = { familyId: 3n, licence: 'MIT', cardUri: '', card: '', prices: [] };
    const report = { sha256: fileHash, weightsRoot: fileHash, modelRoot: null, inputBytes: 64, outputBytes: 8 };
    const call = publishVersionCall(CONTRACTS, terms, report);

    expect(call.args[0].modelRoot).toBe(zeroHash);
    expect(prepareTransaction(CONTRACTS, CHAIN, call).description).toContain(
      'It has no model root, so nobody can prove an answer of it wrong.',
    );
  });

  it('publishes text with the bounds that the registry takes, and tensors with the lengths of the graph', () => {
    const fileHash = `0x${'ab'.repeat(32)}` as const;
    const terms = { familyId: 3n, licence: 'MIT', cardUri: '', card: '', prices: [] };
    const report = { sha256: fileHash, weightsRoot: fileHash, modelRoot: null, inputBytes: 64, outputBytes: 1 };
    const boundsOf = (mostNewBytes?: number) =>
      publishVersionCall(CONTRACTS, { ...terms, mostNewBytes }, report).args[0].io;

    expect(boundsOf(48)).toEqual({ minInput: 1, maxInput: 63, minOutput: 0, maxOutput: 48, context: 64 });
    expect(boundsOf()).toEqual({ minInput: 64, maxInput: 64, minOutput: 1, maxOutput: 1, context: 0 });
  });

  it('says what is sold, when, for how much, and where everything goes', () => {
    const params = standardOffering(
      {
        familyId: 3n,
        tokenName: 'Digits Example',
        tokenSymbol: 'EXAMPLE',
        softCap: parseEther('10'),
        hardCap: parseEther('150'),
        walletCap: 0n,
        opensAt: Date.UTC(2030, 0, 1) / 1_000,
        openFor: 86_400,
        fundsRecipient: address(0xa),
        contributor: address(0xb),
        team: address(0xc),
      },
      { ...production.offering, minLiquidityLock: 180 * 86_400, exitWindow: 86_400 },
    );

    const { description } = prepareTransaction(CONTRACTS, CHAIN, createOfferingCall(CONTRACTS, params));

    for (const words of [
      'Offers the token "Digits Example" (EXAMPLE) of family 3: 500000000 EXAMPLE of 1000000000 EXAMPLE.',
      'open from 2030-01-01T00:00:00Z to 2030-01-02T00:00:00Z',
      'at most 150 ETH; below 10 ETH everybody is refunded.',
      '50 % at settlement, 50 % 3 days later.',
      '300000000 EXAMPLE are locked for liquidity for 180 days',
      `100000000 EXAMPLE vest to ${address(0xb)} over 5 minutes.`,
      'over 10 minutes, nothing before 2 minutes.',
      'holders can claim 80 % and redeem the rest.',
    ]) {
      expect(description).toContain(words);
    }
  });
});

describe('describeTransaction', () => {
  it('has no words for calls of other contracts, and for other calls', () => {
    const { data } = prepareTransaction(
      CONTRACTS,
      CHAIN,
      registerFamilyCall(CONTRACTS, {
        name: 'x',
        operatorBps: 0,
        publisherBps: 0,
        holdersFloorBps: 0,
        lineage: [],
        assets: [],
      }),
    );

    expect(describeTransaction(CONTRACTS, { to: CONTRACTS.inferenceOracle, data })).toBeUndefined();
    expect(describeTransaction(CONTRACTS, { to: CONTRACTS.offeringFactory, data })).toBeUndefined();
    expect(describeTransaction(CONTRACTS, { to: CONTRACTS.modelRegistry, data: '0x12345678' })).toBeUndefined();
  });
});
