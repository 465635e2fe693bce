import { Inject, Injectable } from '@nestjs/common';
import { type Chain, toChainError } from '@openimo/chain';
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
} from 'viem';
import type { Loaders } from '../graphql/loaders.js';
import { CHAIN } from '../platform/tokens.js';

type View = 'view' | 'pure';

export interface Read<
  abi extends Abi,
  name extends ContractFunctionName<abi, View>,
  args extends ContractFunctionArgs<abi, View, name>,
> {
  readonly address: Address;
  readonly abi: abi;
  readonly functionName: name;
  readonly args?: args;
}

interface Call {
  readonly to: Address;
  readonly data: Hex;
}

/**
 * Asks contracts at the chain's latest block: for what must be exact now, such as what streams by the second. All reads of a
 * request are of one block, and travel together.
 */
@Injectable()
export class HeadReader {
  constructor(@Inject(CHAIN) private readonly chain: Chain) {}

  /** @throws DomainError `RpcUnavailable` */
  async read<
    const abi extends Abi,
    name extends ContractFunctionName<abi, View>,
    const args extends ContractFunctionArgs<abi, View, name>,
  >(
    { address, abi, functionName, args }: Read<abi, name, args>,
    loaders: Loaders,
  ): Promise<ContractFunctionReturnType<abi, View, name, args>> {
    const data = encodeFunctionData({ abi, functionName, args } as never);
    const result = await this.#calls(loaders).load(`${address} ${data}`);
    return decodeFunctionResult({ abi, functionName, args, data: result } as never) as never;
  }

  /** Of the reads of this request. */
  async blockNumber(loaders: Loaders): Promise<bigint> {
    return loaders.each('chain head', () => this.#head()).load('head');
  }

  #calls(loaders: Loaders) {
    return loaders.each('chain calls', async (keys: readonly string[]): Promise<Hex[]> => {
      const blockNumber = await this.blockNumber(loaders);
      const calls = keys.map((key) => key.split(' ') as [Address, Hex]).map(([to, data]): Call => ({ to, data }));
      return this.#classified(() => Promise.all(calls.map((call) => this.#call(call, blockNumber))));
    });
  }

  async #call(call: Call, blockNumber: bigint): Promise<Hex> {
    const { data } = await this.chain.client.call({ ...call, blockNumber });
    return data ?? '0x';
  }

  #head(): Promise<bigint[]> {
    return this.#classified(async () => [await this.chain.client.getBlockNumber()]);
  }

  async #classified<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toChainError(error);
    }
  }
}
