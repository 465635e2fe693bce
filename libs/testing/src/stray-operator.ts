import { setTimeout as sleep } from 'node:timers/promises';
import type { Chain as OurChain } from '@openimo/chain';
import { type Deployment, inferenceOracleAbi, operatorRegistryAbi, waitForReceipt } from '@openimo/contracts';
import {
  type Account,
  type Address,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  type HttpTransport,
  type Chain,
  parseEther,
  parseEventLogs,
  type PublicClient,
  type TransactionReceipt,
  type WalletClient,
  zeroHash,
} from 'viem';

/** Where a stray operator lives. */
export interface StrayHome {
  readonly client: OurChain['client'] | PublicClient<HttpTransport, Chain>;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
}

export interface StrayVersion {
  readonly versionId: bigint;
  /** As it attests it; zero for versions without one. */
  readonly modelRoot?: Hex;
}

const PATIENCE_MS = 120_000;

/** Enough for any move of a dispute. */
const GAS = 8_000_000n;

/** An account without a node, an operator where it enrols: it sends and answers what a test tells it to. */
export class StrayOperator {
  readonly #home: StrayHome;
  readonly #wallet: WalletClient<HttpTransport, Chain, Account>;

  /** @param account with money of its own */
  constructor(home: StrayHome, account: Account) {
    this.#home = home;
    this.#wallet = createWalletClient({ account, chain: home.client.chain, transport: http(home.rpcUrl) });
  }

  /** Registers with what a funded account can spare, and enrols for these versions. */
  static async enrol(
    home: StrayHome,
    account: Account,
    versions: readonly StrayVersion[],
    stake = parseEther('20'),
  ): Promise<StrayOperator> {
    const operator = new StrayOperator(home, account);
    await operator.enrol(versions, stake);
    return operator;
  }

  get address(): Address {
    return this.#wallet.account.address;
  }

  /** Registers with so much stake, in wei, and enrols. */
  async enrol(versions: readonly StrayVersion[], stake: bigint): Promise<void> {
    const to = this.#home.deployment.addresses.operatorRegistry;
    const abi = operatorRegistryAbi;
    await this.mustSend(to, encodeFunctionData({ abi, functionName: 'register', args: ['stray'] }), stake);
    for (const { versionId, modelRoot = zeroHash } of versions) {
      await this.mustSend(to, encodeFunctionData({ abi, functionName: 'enrol', args: [versionId, modelRoot] }));
    }
  }

  /** Answers as soon as it may. @throws what the oracle says when that is not within two minutes */
  async answer(
    requestId: bigint,
    outputs: readonly Hex[],
  ): Promise<{ readonly outputRoot: Hex; readonly blockNumber: bigint }> {
    const to = this.#home.deployment.addresses.inferenceOracle;
    const abi = inferenceOracleAbi;
    const data = encodeFunctionData({ abi, functionName: 'assertOutputs', args: [requestId, outputs] });
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await this.#home.client.call({ account: this.#wallet.account, to, data });
        const { logs, blockNumber } = await this.mustSend(to, data);
        const [asserted] = parseEventLogs({ abi, eventName: 'OutputAsserted', logs });
        return { outputRoot: asserted!.args.outputRoot, blockNumber };
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
        await sleep(50);
      }
    }
  }

  /** @throws where it is refused */
  async mustSend(to: Address, data: Hex, value = 0n): Promise<TransactionReceipt> {
    const receipt = await this.send(to, data, value);
    if (receipt.status !== 'success') throw new Error(`a call of ${to} was refused`);
    return receipt;
  }

  /** Sends without asking first: what a contract refuses is mined as a failure. */
  async send(to: Address, data: Hex, value = 0n): Promise<TransactionReceipt> {
    const hash = await this.#wallet.sendTransaction({ to, data, value, gas: GAS });
    return waitForReceipt(this.#home.client, hash);
  }
}
