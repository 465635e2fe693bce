import { inferenceOracleAbi, operatorRegistryAbi, waitForReceipt } from '@openimo/contracts';
import {
  type Address,
  createWalletClient,
  type Hex,
  http,
  parseEther,
  type PrivateKeyAccount,
  type TransactionReceipt,
  zeroHash,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { eventually } from './eventually.js';
import type { TestChain } from './test-chain.js';

/** An operator without a node: it answers what a test tells it to. */
export class StrayOperator {
  private constructor(
    private readonly chain: TestChain,
    private readonly account: PrivateKeyAccount,
  ) {}

  /** Registers, and enrols for these versions. */
  static async enrol(
    chain: TestChain,
    versions: readonly { versionId: bigint; modelRoot?: Hex }[],
  ): Promise<StrayOperator> {
    const operator = new StrayOperator(chain, privateKeyToAccount(generatePrivateKey()));
    await chain.fund(operator.address, '100');
    const registry = { address: chain.deployment.addresses.operatorRegistry, abi: operatorRegistryAbi } as const;
    await operator.#mined(
      await operator.#wallet.writeContract({
        ...registry,
        functionName: 'register',
        args: ['stray'],
        value: parseEther('20'),
      }),
    );
    for (const { versionId, modelRoot = zeroHash } of versions) {
      await operator.#mined(
        await operator.#wallet.writeContract({ ...registry, functionName: 'enrol', args: [versionId, modelRoot] }),
      );
    }
    return operator;
  }

  get address(): Address {
    return this.account.address;
  }

  /** Answers as soon as the oracle lets it. */
  async answer(requestId: bigint, outputs: readonly Hex[]): Promise<TransactionReceipt> {
    const call = {
      address: this.chain.deployment.addresses.inferenceOracle,
      abi: inferenceOracleAbi,
      functionName: 'assertOutputs',
      args: [requestId, outputs],
      account: this.account,
    } as const;
    await eventually(
      () => this.chain.client.simulateContract(call),
      () => true,
      { what: 'its turn to answer' },
    );
    return this.#mined(await this.#wallet.writeContract(call));
  }

  async #mined(hash: Hex): Promise<TransactionReceipt> {
    const receipt = await waitForReceipt(this.chain.client, hash);
    if (receipt.status !== 'success') throw new Error(`transaction ${hash} reverted`);
    return receipt;
  }

  get #wallet() {
    const { chain } = this.chain.client;
    return createWalletClient({ account: this.account, chain, transport: http(this.chain.anvil.rpcUrl) });
  }
}
