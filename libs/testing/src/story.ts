import {
  digitReaderAbi,
  digitReaderBytecode,
  fixedPriceOfferingAbi,
  inferenceOracleAbi,
  modelRegistryAbi,
  modelTokenAbi,
  offeringFactoryAbi,
  operatorRegistryAbi,
  revenueRouterAbi,
  vestingEscrowAbi,
} from '@openimo/contracts';
import {
  type Address,
  concat,
  encodeAbiParameters,
  type Hex,
  parseEther,
  parseEventLogs,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem';
import type { Person, TestChain } from './test-chain.js';

const PRICE = parseEther('0.001');
const SUPPLY = parseEther('1000');
const INPUT_BYTES = 4;
const OUTPUT_BYTES = 48;

export interface Sale {
  readonly offering: Address;
  readonly token: Address;
  readonly escrow: Address;
}

/** What people do with the contracts, so that every event we index happens. */
export class Story {
  readonly sales: Sale[] = [];
  reader: Address = zeroAddress;

  constructor(readonly chain: TestChain) {}

  async tell(): Promise<void> {
    await this.publish();
    await this.serve();
    const sale = await this.offer(2n);
    await this.sell(sale);
    await this.fail(await this.offer(1n));
    await this.ask();
    await this.earn(sale);
    await this.trade(sale);
    await this.leave();
  }

  /** A family, and a second one that descends from it. */
  async publish(): Promise<void> {
    const { chain } = this;
    const registry = chain.addresses.modelRegistry;
    const shares = { operatorBps: 2_000, publisherBps: 2_000, holdersFloorBps: 3_000, assets: [] };
    const base = { name: 'Base "model"\u0000, {old}', lineage: [], ...shares };
    await chain.do('publisher', registry, modelRegistryAbi, 'registerFamily', [base]);
    const lineage = [
      { parentFamilyId: 1n, contributor: zeroAddress, shareBps: 500 },
      { parentFamilyId: 0n, contributor: chain.addressOf('carol'), shareBps: 300 },
    ];
    await chain.do('publisher', registry, modelRegistryAbi, 'registerFamily', [{ name: 'Digits', lineage, ...shares }]);
    for (const familyId of [1n, 2n, 2n]) await this.#publishVersion(familyId);
    await chain.do('publisher', registry, modelRegistryAbi, 'schedulePrice', [2n, zeroAddress, PRICE * 2n]);
    await chain.do('publisher', registry, modelRegistryAbi, 'schedulePrice', [2n, zeroAddress, PRICE + 1n]);
    await chain.do('publisher', registry, modelRegistryAbi, 'schedulePublisherShare', [1n, 1_500]);
    await chain.passSeconds(10);
    await chain.do('publisher', registry, modelRegistryAbi, 'schedulePublisherShare', [1n, 1_000]);
    await chain.do('publisher', registry, modelRegistryAbi, 'transferPublisher', [1n, chain.addressOf('bob')]);
    await chain.do('bob', registry, modelRegistryAbi, 'acceptPublisher', [1n]);
    await chain.do('bob', registry, modelRegistryAbi, 'transferPublisher', [1n, chain.addressOf('publisher')]);
    await chain.do('publisher', registry, modelRegistryAbi, 'acceptPublisher', [1n]);
    const code = concat([
      digitReaderBytecode,
      encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [chain.addresses.inferenceOracle, 2n]),
    ]);
    this.reader = (await chain.send('developer', null, code)).contractAddress!;
  }

  async #publishVersion(familyId: bigint): Promise<void> {
    const [size, answer] = [INPUT_BYTES, OUTPUT_BYTES];
    const bounds = { minInput: size, maxInput: size, minOutput: answer, maxOutput: answer, context: 0 };
    await this.chain.do('publisher', this.chain.addresses.modelRegistry, modelRegistryAbi, 'publishVersion', [
      {
        familyId,
        fileHash: toHex(familyId, { size: 32 }),
        modelRoot: zeroHash,
        weightsRoot: toHex(familyId, { size: 32 }),
        metadataHash: toHex(7, { size: 32 }),
        metadataURI: 'ipfs://card',
        licence: 'MIT',
        io: bounds,
        prices: [{ asset: zeroAddress, amount: PRICE }],
      },
    ]);
  }

  async serve(): Promise<void> {
    const { chain } = this;
    const { operatorRegistry } = chain.addresses;
    for (const person of ['operator', 'idler'] as const) {
      await chain.do(person, operatorRegistry, operatorRegistryAbi, 'register', ['http://old'], parseEther('20'));
      for (const versionId of [1n, 2n]) {
        await chain.do(person, operatorRegistry, operatorRegistryAbi, 'enrol', [versionId, zeroHash]);
      }
    }
    await chain.do('operator', operatorRegistry, operatorRegistryAbi, 'setEndpoint', ['http://new']);
    await chain.do('operator', operatorRegistry, operatorRegistryAbi, 'addStake', [], parseEther('1'));
    await chain.passSeconds(30);
  }

  async offer(familyId: bigint): Promise<Sale> {
    const { chain } = this;
    const opensAt = (await chain.now()) + 5;
    const receipt = await chain.do('publisher', chain.addresses.offeringFactory, offeringFactoryAbi, 'create', [
      {
        familyId,
        token: { name: 'Digits Token', symbol: 'DIG', supply: SUPPLY, claimableBps: 8_000, streamPeriod: 120 },
        allocation: {
          offered: SUPPLY / 2n,
          liquidity: SUPPLY / 4n,
          liquidityRecipient: chain.addressOf('publisher'),
          liquidityLock: 300,
          grants: [{ beneficiary: chain.addressOf('carol'), amount: SUPPLY / 4n, cliff: 0, duration: 300 }],
        },
        sale: {
          currency: zeroAddress,
          softCap: parseEther('2'),
          hardCap: parseEther('10'),
          walletCap: 0n,
          allowListRoot: zeroHash,
          oversubscription: 0,
          opensAt,
          closesAt: opensAt + 30,
          fundsRecipient: chain.addressOf('publisher'),
          tranches: [
            { delay: 0, bps: 5_000 },
            { delay: 30, bps: 5_000 },
          ],
        },
      },
    ]);
    const [created] = parseEventLogs({ abi: offeringFactoryAbi, logs: receipt.logs, eventName: 'OfferingCreated' });
    const { offering, token, escrow } = created!.args;
    const sale = { offering, token, escrow };
    this.sales.push(sale);
    return sale;
  }

  commit(person: Person, { offering }: Sale, ether: string) {
    const amount = parseEther(ether);
    return this.chain.write(person, offering, fixedPriceOfferingAbi, 'commit', [amount, 0n, []], amount);
  }

  /** Oversubscribed, settled, claimed, released, one buyer leaves. */
  async sell(sale: Sale): Promise<void> {
    const { chain } = this;
    const { offering, token, escrow } = sale;
    await chain.passSeconds(6);
    await this.commit('alice', sale, '7');
    await this.commit('bob', sale, '5.000000000000000003');
    await this.commit('developer', sale, '1');
    await this.commit('alice', sale, '2');
    await chain.do('bob', offering, fixedPriceOfferingAbi, 'uncommit', [parseEther('1'), chain.addressOf('bob')]);
    await chain.do('developer', offering, fixedPriceOfferingAbi, 'uncommit', [
      parseEther('1'),
      chain.addressOf('developer'),
    ]);
    await chain.passSeconds(40);
    await chain.do('carol', offering, fixedPriceOfferingAbi, 'settle', []);
    for (const buyer of ['alice', 'bob'] as const) {
      await chain.do('carol', offering, fixedPriceOfferingAbi, 'claimTokensFor', [chain.addressOf(buyer)]);
    }
    await chain.do('carol', offering, fixedPriceOfferingAbi, 'collectRounding', []);
    await chain.do('carol', offering, fixedPriceOfferingAbi, 'releaseTranche', [0n]);
    await chain.passSeconds(21);
    const back = parseEther('10');
    await chain.do('alice', token, modelTokenAbi, 'approve', [offering, back]);
    await chain.do('alice', offering, fixedPriceOfferingAbi, 'exit', [back, chain.addressOf('alice')]);
    await chain.passSeconds(20);
    await chain.do('carol', offering, fixedPriceOfferingAbi, 'releaseTranche', [1n]);
    await chain.do('carol', escrow, vestingEscrowAbi, 'release', [chain.addressOf('carol')]);
  }

  async fail(sale: Sale): Promise<void> {
    await this.chain.passSeconds(6);
    await this.commit('alice', sale, '1');
    await this.chain.passSeconds(40);
    await this.chain.do('carol', sale.offering, fixedPriceOfferingAbi, 'settle', []);
    await this.chain.do('alice', sale.offering, fixedPriceOfferingAbi, 'refundTo', [this.chain.addressOf('bob')]);
  }

  /** One request answered and delivered to a contract, one to a contract that fails, one left to rot, one batch. */
  async ask(): Promise<void> {
    const { chain } = this;
    const oracle = chain.addresses.inferenceOracle;
    await chain.do('developer', oracle, inferenceOracleAbi, 'setCallbackMode', [0]);
    for (const contract of [this.reader, chain.addresses.modelRegistry, undefined]) {
      const requestId = await this.request(contract);
      if (contract === undefined) {
        await chain.passSeconds(70);
        await chain.do('carol', oracle, inferenceOracleAbi, 'refund', [requestId]);
      } else await this.answer(requestId);
    }
    await chain.write('developer', oracle, inferenceOracleAbi, 'withdrawCredit', [zeroAddress, chain.addressOf('bob')]);
  }

  async request(callbackContract: Address | undefined): Promise<bigint> {
    const { chain, reader } = this;
    const value = parseEther('0.05');
    const oracle = chain.addresses.inferenceOracle;
    const input = toHex(new Uint8Array(INPUT_BYTES).fill(3));
    const receipt =
      callbackContract === reader
        ? await chain.do('developer', reader, digitReaderAbi, 'ask', [input], value)
        : await chain.do(
            'developer',
            oracle,
            inferenceOracleAbi,
            'requestInference',
            [
              2n,
              1n,
              input,
              callbackContract ?? zeroAddress,
              callbackContract ? 60_000n : 0n,
              '0x',
              {
                ...{ mode: 0, window: 20, minBond: 0n, maxFee: value, minTier: 0, asset: zeroAddress },
                refundTo: chain.addressOf('developer'),
              },
            ],
            callbackContract ? value : PRICE * 2n,
          );
    const [opened] = parseEventLogs({ abi: inferenceOracleAbi, logs: receipt.logs, eventName: 'RequestOpened' });
    return opened!.args.requestId;
  }

  async answer(requestId: bigint): Promise<void> {
    const { chain } = this;
    const oracle = chain.addresses.inferenceOracle;
    await chain.passSeconds(8);
    const outputs = [toHex(new Uint8Array(OUTPUT_BYTES).fill(Number(requestId & 0xffn)))];
    await chain.do('operator', oracle, inferenceOracleAbi, 'assertOutputs', [requestId, outputs]);
    await chain.passSeconds(70);
    await chain.do('carol', oracle, inferenceOracleAbi, 'finalizeAndDeliver', [requestId, outputs, '0x']);
  }

  async earn({ token }: Sale): Promise<void> {
    const { chain } = this;
    const router = chain.addresses.revenueRouter;
    const amount = parseEther('1.000000000000000007');
    await this.distribute(2n, amount);
    await chain.do('carol', router, revenueRouterAbi, 'distributeFamilyCredit', [1n, zeroAddress]);
    await chain.do('carol', router, revenueRouterAbi, 'flush', [2n, zeroAddress]);
    await chain.do('publisher', router, revenueRouterAbi, 'withdraw', [zeroAddress, chain.addressOf('bob')]);
    await chain.send('carol', token, '0x', parseEther('0.5'));
    await chain.do('carol', token, modelTokenAbi, 'sync', [zeroAddress]);
    await chain.passSeconds(60);
    await chain.do('carol', token, modelTokenAbi, 'snapshot', []);
    await chain.do('alice', token, modelTokenAbi, 'claimAll', [chain.addressOf('alice')]);
    await chain.do('alice', token, modelTokenAbi, 'burnTo', [parseEther('1'), chain.addressOf('carol')]);
  }

  distribute(familyId: bigint, amount: bigint) {
    const { revenueRouter } = this.chain.addresses;
    const args = [familyId, zeroAddress, amount, this.chain.addressOf('operator')] as const;
    return this.chain.write('developer', revenueRouter, revenueRouterAbi, 'distribute', args, amount);
  }

  async trade(sale: Sale): Promise<void> {
    const { chain } = this;
    await chain.do('alice', sale.token, modelTokenAbi, 'setSharing', [false]);
    await this.transfer('alice', sale, chain.addressOf('developer'), 5n);
    await this.transfer('developer', sale, chain.addressOf('bob'), 5n);
    await this.transfer('bob', sale, chain.addressOf('bob'), 5n);
    await this.transfer('bob', sale, this.reader, 1n);
  }

  transfer(from: Person, { token }: Sale, to: Address, amount: bigint) {
    return this.chain.write(from, token, modelTokenAbi, 'transfer', [to, amount]);
  }

  async leave(): Promise<void> {
    const { chain } = this;
    const { operatorRegistry } = chain.addresses;
    await chain.do('idler', operatorRegistry, operatorRegistryAbi, 'withdrawFrom', [1n]);
    await chain.do('idler', operatorRegistry, operatorRegistryAbi, 'requestExit', [parseEther('2')]);
    await chain.do('idler', operatorRegistry, operatorRegistryAbi, 'cancelExit', []);
    await chain.do('idler', operatorRegistry, operatorRegistryAbi, 'requestExit', [parseEther('3')]);
    await chain.passSeconds(130);
    const to: Hex = chain.addressOf('carol');
    await chain.do('idler', operatorRegistry, operatorRegistryAbi, 'withdrawStake', [to]);
  }
}
