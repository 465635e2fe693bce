import { fixedPriceOfferingAbi, modelRegistryAbi, modelTokenAbi, vestingEscrowAbi } from '@openimo/contracts';
import type { Address, Hex } from '@openimo/domain';
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
} from 'viem';
import type { Deployed } from '../events/contracts.js';
import type { JsonRpc } from '../rpc/json-rpc.js';

/** What a contract was created with and no event tells. None of it can change, so it does not matter when it is read. */
export interface OfferingFacts {
  readonly terms: Returned<typeof fixedPriceOfferingAbi, 'terms'>;
  readonly offered: bigint;
  readonly name: string;
  readonly symbol: string;
  readonly claimableBps: bigint;
  readonly streamPeriod: bigint;
  readonly assets: readonly Address[];
  readonly grants: Returned<typeof vestingEscrowAbi, 'grants'>;
}

export type VersionFacts = Returned<typeof modelRegistryAbi, 'version'>;
export type FamilyAssets = readonly Address[];

type View = 'view' | 'pure';
type Returned<abi extends Abi, name extends ContractFunctionName<abi, View>> = ContractFunctionReturnType<
  abi,
  View,
  name
>;

/** Where to read: at a block that may still be replaced by its hash, so that the answer is that block's. */
export type At = { readonly blockHash: Hex } | 'latest';

export class FactReader {
  constructor(
    private readonly rpc: JsonRpc,
    private readonly registry: Address,
  ) {}

  async offering({ offering, token, escrow }: Deployed, at: At): Promise<OfferingFacts> {
    const sale = { address: offering, abi: fixedPriceOfferingAbi } as const;
    const erc20 = { address: token, abi: modelTokenAbi } as const;
    const [terms, offered, name, symbol, claimableBps, streamPeriod, assets, grants] = await Promise.all([
      this.#read({ ...sale, functionName: 'terms', at }),
      this.#read({ ...sale, functionName: 'offered', at }),
      this.#read({ ...erc20, functionName: 'name', at }),
      this.#read({ ...erc20, functionName: 'symbol', at }),
      this.#read({ ...erc20, functionName: 'claimableBps', at }),
      this.#read({ ...erc20, functionName: 'streamPeriod', at }),
      this.#read({ ...erc20, functionName: 'revenueAssets', at }),
      this.#read({ address: escrow, abi: vestingEscrowAbi, functionName: 'grants', at }),
    ]);
    return { terms, offered, name, symbol, claimableBps, streamPeriod, assets, grants };
  }

  version(versionId: bigint, at: At): Promise<VersionFacts> {
    return this.#read({ ...this.#registry, functionName: 'version', args: [versionId], at });
  }

  familyAssets(familyId: bigint, at: At): Promise<FamilyAssets> {
    return this.#read({ ...this.#registry, functionName: 'assetsOf', args: [familyId], at });
  }

  get #registry() {
    return { address: this.registry, abi: modelRegistryAbi } as const;
  }

  async #read<const abi extends Abi, name extends ContractFunctionName<abi, View>>(call: {
    readonly address: Address;
    readonly abi: abi;
    readonly functionName: name;
    readonly args?: ContractFunctionArgs<abi, View, name>;
    readonly at: At;
  }): Promise<Returned<abi, name>> {
    const { address: to, at, ...rest } = call;
    const data = encodeFunctionData(rest as never);
    const result = await this.rpc.call<Hex>('eth_call', { to, data }, at);
    return decodeFunctionResult({ ...rest, data: result } as never) as Returned<abi, name>;
  }
}
