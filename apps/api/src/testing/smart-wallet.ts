import { createRequire } from 'node:module';
import type { TestChain } from '@openimo/testing';
import { type Abi, type Address, concatHex, encodeAbiParameters, encodeFunctionData, type Hex, zeroHash } from 'viem';

/** A wallet that is a contract, the least that ERC-1271 asks for, and a factory that deploys it where one can foresee (CREATE2). */
const SOURCE = `
  pragma solidity ^0.8.34;
  contract Wallet {
    address private immutable owner;
    constructor(address owner_) { owner = owner_; }
    function isValidSignature(bytes32 hash, bytes calldata s) external view returns (bytes4) {
      address signer = ecrecover(hash, uint8(s[64]), bytes32(s[0:32]), bytes32(s[32:64]));
      return signer == owner ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
  }
  contract WalletFactory {
    function create(address owner, bytes32 salt) external returns (address) {
      return address(new Wallet{salt: salt}(owner));
    }
  }`;

interface Compiled {
  readonly abi: Abi;
  readonly code: Hex;
}

export class SmartWallets {
  private constructor(
    private readonly chain: TestChain,
    readonly factory: Address,
    private readonly contracts: Readonly<Record<'Wallet' | 'WalletFactory', Compiled>>,
  ) {}

  static async deploy(chain: TestChain): Promise<SmartWallets> {
    const contracts = compile();
    const { contractAddress } = await chain.send('deployer', null, contracts.WalletFactory.code);
    return new SmartWallets(chain, contractAddress!, contracts);
  }

  async deployWallet(owner: Address): Promise<Address> {
    const data = concatHex([this.contracts.Wallet.code, encodeAbiParameters([{ type: 'address' }], [owner])]);
    return (await this.chain.send('deployer', null, data)).contractAddress!;
  }

  /** Where the factory will deploy the owner's wallet, and what makes it do so. Nothing is deployed yet. */
  async foresee(owner: Address): Promise<{ address: Address; factoryData: Hex }> {
    const call = { abi: this.contracts.WalletFactory.abi, functionName: 'create', args: [owner, zeroHash] } as const;
    const { result } = await this.chain.client.simulateContract({ address: this.factory, ...call });
    return { address: result as Address, factoryData: encodeFunctionData(call) };
  }
}

function compile(): SmartWallets['contracts'] {
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string };
  const { contracts } = JSON.parse(
    solc.compile(
      JSON.stringify({
        language: 'Solidity',
        sources: { wallet: { content: SOURCE } },
        settings: { evmVersion: 'cancun', outputSelection: { wallet: { '*': ['abi', 'evm.bytecode.object'] } } },
      }),
    ),
  ) as { contracts: { wallet: Record<string, { abi: Abi; evm: { bytecode: { object: string } } }> } };
  const compiled = (name: string): Compiled => {
    const { abi, evm } = contracts.wallet[name]!;
    return { abi, code: `0x${evm.bytecode.object}` };
  };
  return { Wallet: compiled('Wallet'), WalletFactory: compiled('WalletFactory') };
}
