import { type Anvil, type AnvilOptions, type Chain as OurChain, startAnvil } from '@openimo/chain';
import { deploy, type Deployment, local, waitForReceipt } from '@openimo/contracts';
import {
  type Abi,
  type Account,
  type Address,
  type Chain,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  type HttpTransport,
  type TestClient,
  type TransactionReceipt,
  type WalletClient,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';

const MNEMONIC = 'test test test test test test test test test test test junk';
/** Enough for deploying a token. */
const GAS = 12_000_000n;
const PEOPLE = ['deployer', 'publisher', 'alice', 'bob', 'carol', 'operator', 'idler', 'developer'] as const;

export type Person = (typeof PEOPLE)[number];
type Write = 'nonpayable' | 'payable';

/** A local chain with our contracts and people who use them; every transaction has a block of its own. */
export class TestChain {
  readonly #wallets = new Map<Person, WalletClient<HttpTransport, Chain, Account>>();

  private constructor(
    readonly anvil: Anvil,
    public deployment: Deployment,
  ) {}

  static async start(options: AnvilOptions = {}): Promise<TestChain> {
    const chain = new TestChain(await startAnvil(options), undefined as unknown as Deployment);
    const wallet = chain.#wallet('deployer');
    chain.deployment = await deploy({
      client: chain.client,
      wallet,
      parameters: local,
      protocolTreasury: chain.addressOf('carol'),
    });
    return chain;
  }

  get client(): OurChain['client'] {
    return this.anvil.chain.client;
  }

  get addresses() {
    return this.deployment.addresses;
  }

  addressOf(person: Person): Address {
    return this.#wallet(person).account.address;
  }

  /** Sends without asking first: what the contract refuses is mined as a failure. */
  async write<const abi extends Abi, name extends ContractFunctionName<abi, Write>>(
    person: Person,
    address: Address,
    abi: abi,
    functionName: name,
    args: ContractFunctionArgs<abi, Write, name>,
    value = 0n,
  ): Promise<TransactionReceipt> {
    return this.send(person, address, encodeFunctionData({ abi, functionName, args } as never), value);
  }

  async send(person: Person, to: Address | null, data: Hex, value = 0n): Promise<TransactionReceipt> {
    const hash = await this.#wallet(person).sendTransaction({ to, data, value, gas: GAS });
    return waitForReceipt(this.client, hash);
  }

  /** As `write`, for what must work. */
  async do<const abi extends Abi, name extends ContractFunctionName<abi, Write>>(
    ...call: Parameters<typeof this.write<abi, name>>
  ): Promise<TransactionReceipt> {
    const receipt = await this.write<abi, name>(...call);
    if (receipt.status !== 'success') throw new Error(`${String(call[3])} reverted`);
    return receipt;
  }

  async passSeconds(seconds: number): Promise<void> {
    await this.test.increaseTime({ seconds });
    await this.test.mine({ blocks: 1 });
  }

  async now(): Promise<number> {
    return Number((await this.client.getBlock()).timestamp);
  }

  get test(): TestClient<'anvil', HttpTransport, Chain> {
    return createTestClient({ mode: 'anvil', chain: this.client.chain, transport: http(this.anvil.rpcUrl) });
  }

  #wallet(person: Person): WalletClient<HttpTransport, Chain, Account> {
    let wallet = this.#wallets.get(person);
    if (wallet === undefined) {
      const account = mnemonicToAccount(MNEMONIC, { addressIndex: PEOPLE.indexOf(person) });
      wallet = createWalletClient({ account, chain: this.client.chain, transport: http(this.anvil.rpcUrl) });
      this.#wallets.set(person, wallet);
    }
    return wallet;
  }
}
