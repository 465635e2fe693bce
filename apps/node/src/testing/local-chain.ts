import { type Anvil, type AnvilOptions, type Chain, startAnvil } from '@openimo/chain';
import { waitForReceipt } from '@openimo/contracts';
import {
  type Address,
  type Chain as ViemChain,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  type HttpTransport,
  parseEther,
  type PrivateKeyAccount,
  type WalletClient,
} from 'viem';
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';

const MNEMONIC = 'test test test test test test test test test test test junk';

export type Wallet = WalletClient<HttpTransport, ViemChain, PrivateKeyAccount>;

/** A chain whose blocks, time and state a test has in hand. */
export class LocalChain {
  protected constructor(
    public anvil: Anvil,
    private readonly options: AnvilOptions,
  ) {}

  get client(): Chain['client'] {
    return this.anvil.chain.client;
  }

  /** Starts the chain again on the same port, from the state file it was stopped with. */
  async restart(): Promise<void> {
    this.anvil = await startAnvil({ ...this.options, port: this.anvil.port });
  }

  /** Starts another chain on the same port, as somebody does who deletes the state. */
  async replace(): Promise<void> {
    await this.anvil.kill();
    this.anvil = await startAnvil({ ...this.options, statePath: undefined, port: this.anvil.port });
  }

  /** From here on blocks come only by `mine`. */
  async holdBlocks(): Promise<void> {
    await this.control.setAutomine(false);
    await this.control.setIntervalMining({ interval: 0 });
  }

  /** One block, with this base fee in wei, or whatever follows from the last. */
  async mine(baseFeePerGas?: bigint): Promise<void> {
    if (baseFeePerGas !== undefined) await this.control.setNextBlockBaseFeePerGas({ baseFeePerGas });
    await this.control.mine({ blocks: 1 });
  }

  /** Where `revert` goes back to. */
  snapshot(): Promise<Hex> {
    return this.control.snapshot();
  }

  async revert(id: Hex): Promise<void> {
    await this.control.revert({ id });
  }

  async passTime(seconds: number): Promise<void> {
    await this.control.increaseTime({ seconds });
    await this.control.mine({ blocks: 1 });
  }

  /** Puts empty blocks in the place of the newest `depth` ones. */
  async reorganise(depth: number): Promise<void> {
    await this.client.request({ method: 'anvil_reorg' as never, params: [depth, []] as never });
  }

  /** Takes back block `from` and all after it. */
  async reorganiseFrom(from: bigint): Promise<void> {
    // While the chain is put together again it may have none of that number.
    const find = () => this.client.getBlock({ blockNumber: from }).catch(() => undefined);
    const taken = await find();
    // A block that is mined meanwhile leaves the first one standing: once more, then.
    while (taken !== undefined && (await find())?.hash === taken.hash) {
      const head = await this.client.getBlockNumber({ cacheTime: 0 });
      await this.reorganise(Number(head - from + 1n));
    }
  }

  /** Lets every call to a contract fail until told to stop. @returns what ends it */
  async breakContract(address: Address): Promise<() => Promise<void>> {
    const code = await this.client.getCode({ address });
    await this.control.setCode({ address, bytecode: '0xfe' });
    return () => this.control.setCode({ address, bytecode: code! });
  }

  async broadcast(serializedTransaction: Hex) {
    return waitForReceipt(this.client, await this.client.sendRawTransaction({ serializedTransaction }));
  }

  async fund(address: Address, ether: string): Promise<void> {
    await this.control.setBalance({ address, value: parseEther(ether) });
  }

  protected get control() {
    return createTestClient({ mode: 'anvil', chain: this.client.chain, transport: http(this.anvil.rpcUrl) });
  }
}

/** A new account with money; deploying wants one that has done nothing yet. */
export async function fundedWallet(anvil: Anvil): Promise<Wallet> {
  const account = privateKeyToAccount(generatePrivateKey());
  const { client } = anvil.chain;
  const chain = client.chain;
  const transport = http(anvil.rpcUrl);
  const rich = createWalletClient({ account: mnemonicToAccount(MNEMONIC), chain, transport });
  const hash = await rich.sendTransaction({ to: account.address, value: parseEther('100') });
  await waitForReceipt(client, hash);
  return createWalletClient({ account, chain, transport });
}
