import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';
import type { TransactionSerializableEIP1559, TypedDataDefinition } from 'viem';
import { DomainError, type Address, type Hex } from '@openimo/domain';
import { LOCAL_CHAIN_ID } from '../chain/create-chain.js';
import type { Signer, SignerErrorCode } from './signer.js';

/** A bare private key. Signs for the local chain only: whoever has a real key has a keystore. */
export class LocalKeySigner implements Signer {
  readonly #account: PrivateKeyAccount;

  /** @throws DomainError `LocalKeyRefused` on any chain but 31337, `KeyMalformed`. */
  constructor(privateKey: Hex, chainId: number) {
    requireLocal(chainId);
    this.#account = accountOf(privateKey);
  }

  get address(): Address {
    return this.#account.address;
  }

  async signTransaction(transaction: TransactionSerializableEIP1559): Promise<Hex> {
    requireLocal(transaction.chainId);
    return this.#account.signTransaction(transaction);
  }

  async signTypedData(typedData: TypedDataDefinition): Promise<Hex> {
    requireLocal(Number(typedData.domain?.chainId));
    return this.#account.signTypedData(typedData);
  }
}

/** viem's own error would print the key. */
export function accountOf(privateKey: Hex): PrivateKeyAccount {
  try {
    return privateKeyToAccount(privateKey);
  } catch {
    throw new DomainError<SignerErrorCode>('KeyMalformed', 'The private key is not 32 bytes of hexadecimal.');
  }
}

function requireLocal(chainId: number): void {
  if (chainId === LOCAL_CHAIN_ID) return;
  throw new DomainError<SignerErrorCode>(
    'LocalKeyRefused',
    `A bare private key signs for the local chain ${LOCAL_CHAIN_ID} only, not for ${chainId}. Use a keystore.`,
    { data: { chainId } },
  );
}
