import type { TransactionSerializableEIP1559, TypedDataDefinition } from 'viem';
import type { Address, Hex } from '@openimo/domain';

/** Signs for one account. Where the key is, nobody else needs to know. */
export interface Signer {
  readonly address: Address;
  /** @returns the signed transaction, serialised. */
  signTransaction(transaction: TransactionSerializableEIP1559): Promise<Hex>;
  signTypedData(typedData: TypedDataDefinition): Promise<Hex>;
}

export type SignerErrorCode = 'LocalKeyRefused' | 'KeyMalformed' | 'KeystoreMalformed' | 'KeystoreLocked';
