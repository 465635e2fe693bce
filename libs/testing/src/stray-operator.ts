import { setTimeout as sleep } from 'node:timers/promises';
import type { Chain as OurChain } from '@openimo/chain';
import { type Deployment, inferenceOracleAbi, operatorRegistryAbi, waitForReceipt } from '@openimo/contracts';
import {
  type Account,
  type Address,
  createWalletClient,
  type Hex,
  http,
  type HttpTransport,
  type Chain,
  parseEther,
  type PublicClient,
  type TransactionReceipt,
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

/** An operator without a node: it answers what a test tells it to, when the oracle lets it. */
export class StrayOperator {
  private constructor(
    private readonly home: StrayHome,
    private readonly account: Account,
  ) {}

  /** Registers with what a funded account can spare, and enrols for these versions. */
  static async enrol(
    home: StrayHome,
    account: Account,
    versions: readonly StrayVersion[],
    stake = parseEther('20'),
  ): Promise<StrayOperator> {
    const operator = new StrayOperator(home, account);
    const registry = { address: home.deployment.addresses.operatorRegistry, abi: operatorRegistryAbi } as const;
    const wallet = operator.#wallet;
    await operator.#mined(
      await wallet.writeContract({ ...registry, functionName: 'register', args: ['stray'], value: stake }),
    );
    for (const { versionId, modelRoot = zeroHash } of versions) {
      await operator.#mined(
        await wallet.writeContract({ ...registry, functionName: 'enrol', args: [versionId, modelRoot] }),
      );
    }
    return operator;
  }

  get address(): Address {
    return this.account.address;
  }

  /** Answers as soon as it may. @throws what the oracle says when that is not within two minutes */
  async answer(requestId: bigint, outputs: readonly Hex[]): Promise<TransactionReceipt> {
    const call = {
      address: this.home.deployment.addresses.inferenceOracle,
      abi: inferenceOracleAbi,
      functionName: 'assertOutputs',
      args: [requestId, outputs],
      account: this.account,
    } as const;
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await this.home.client.simulateContract(call);
        return await this.#mined(await this.#wallet.writeContract(call));
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
        await sleep(50);
      }
    }
  }

  async #mined(hash: Hex): Promise<TransactionReceipt> {
    const receipt = await waitForReceipt(this.home.client, hash);
    if (receipt.status !== 'success') throw new Error(`transaction ${hash} reverted`);
    return receipt;
  }

  get #wallet() {
    const { client, rpcUrl } = this.home;
    return createWalletClient({ account: this.account, chain: client.chain, transport: http(rpcUrl) });
  }
}
