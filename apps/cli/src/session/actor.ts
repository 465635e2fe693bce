import { decodeRevert } from '@openimo/chain';
import { DomainError } from '@openimo/domain';
import { allAbis, waitForReceipt } from '@openimo/contracts';
import {
  type Abi,
  type Account,
  type Address,
  BaseError,
  type Chain,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createWalletClient,
  type Hash,
  type Hex,
  http,
  InsufficientFundsError,
  type PublicClient,
  type SimulateContractParameters,
  type TransactionReceipt,
  type WalletClient,
} from 'viem';
import { eth } from '../ui/format.js';

type Write = 'nonpayable' | 'payable';

/** What one actor asks of one contract. */
export type Call<
  abi extends Abi | readonly unknown[],
  name extends ContractFunctionName<abi, Write>,
  args extends ContractFunctionArgs<abi, Write, name>,
> = Pick<SimulateContractParameters<abi, name, args>, 'address' | 'abi' | 'functionName' | 'args'> & { value?: bigint };

/** Someone with a key: sends transactions one after another and waits for each. */
export class Actor {
  readonly #wallet: WalletClient;

  constructor(
    readonly name: string,
    readonly account: Account,
    private readonly client: PublicClient,
    rpcUrl: string,
    chain: Chain,
  ) {
    this.#wallet = createWalletClient({ account, chain, transport: http(rpcUrl) });
  }

  get address(): Address {
    return this.account.address;
  }

  balance(): Promise<bigint> {
    return this.client.getBalance({ address: this.address });
  }

  /**
   * Simulates, sends, waits for the receipt.
   * @throws DomainError with the contract's own error, in words, when the call would revert, and `InsufficientFunds`; nothing is
   * sent then
   */
  async write<
    const abi extends Abi | readonly unknown[],
    name extends ContractFunctionName<abi, Write>,
    const args extends ContractFunctionArgs<abi, Write, name>,
  >(call: Call<abi, name, args>): Promise<TransactionReceipt> {
    const parameters = { ...call, account: this.account } as unknown as SimulateContractParameters;
    try {
      await this.client.simulateContract(parameters);
      return await this.#mined(await this.#wallet.writeContract(parameters as never));
    } catch (error) {
      throw await this.#inWords(error);
    }
  }

  /** Sends a call that is encoded already and waits for the receipt. Throws as `write`. */
  async send(call: { to: Address; data: Hex; value?: bigint }): Promise<TransactionReceipt> {
    try {
      return await this.#mined(await this.#wallet.sendTransaction({ ...call, account: this.account, chain: null }));
    } catch (error) {
      throw await this.#inWords(error);
    }
  }

  /** Deploys a contract; the receipt has its address. */
  async deploy(creationCode: `0x${string}`): Promise<Address> {
    const receipt = await this.#mined(
      await this.#wallet.sendTransaction({ data: creationCode, account: this.account, chain: null }),
    );
    return receipt.contractAddress!;
  }

  async #inWords(error: unknown): Promise<unknown> {
    const isPoor = error instanceof BaseError && error.walk((at) => at instanceof InsufficientFundsError) !== null;
    if (!isPoor) return decodeRevert(error, [allAbis]) ?? error;
    const balance = await this.balance();
    return new DomainError(
      'InsufficientFunds',
      `${this.name} (${this.address}) has ${eth(balance)}, too little for the transaction and its gas. Name another account with --as, or send it ETH.`,
      { data: { account: this.address, balance } },
    );
  }

  async #mined(hash: Hash): Promise<TransactionReceipt> {
    const receipt = await waitForReceipt(this.client, hash);
    if (receipt.status !== 'success') {
      throw new DomainError('TransactionReverted', `Transaction ${hash} reverted in block ${receipt.blockNumber}.`, {
        data: { hash },
      });
    }
    return receipt;
  }
}
