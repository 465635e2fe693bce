import { readFile } from 'node:fs/promises';
import * as Keystore from 'ox/Keystore';
import type { TransactionSerializableEIP1559, TypedDataDefinition } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { DomainError, type Address, type Hex } from '@openimo/domain';
import { accountOf } from './local-key-signer.js';
import type { Signer, SignerErrorCode } from './signer.js';

export interface KeystoreOptions {
  readonly password: string;
}

/** A key from a Web3 Secret Storage (V3) file. The key stays in this object's private field and in no message. */
export class KeystoreSigner implements Signer {
  readonly #account: PrivateKeyAccount;

  private constructor(account: PrivateKeyAccount) {
    this.#account = account;
  }

  /** @throws DomainError `KeystoreMalformed`, `KeystoreLocked` when the password is wrong. */
  static async open(json: string, { password }: KeystoreOptions): Promise<KeystoreSigner> {
    const keystore = parse(json);
    let privateKey: Hex;
    try {
      privateKey = Keystore.decrypt(keystore, await Keystore.toKeyAsync(keystore, { password }));
    } catch {
      // A wrong password and a damaged file look alike: the check value does not match.
      throw new DomainError<SignerErrorCode>('KeystoreLocked', 'The password does not open this keystore.', {
        data: { address: addressOf(keystore) },
      });
    }
    return new KeystoreSigner(accountOf(privateKey));
  }

  /** @throws as `open`, and what reading the file throws. */
  static async fromFile(path: string, options: KeystoreOptions): Promise<KeystoreSigner> {
    return KeystoreSigner.open(await readFile(path, 'utf8'), options);
  }

  get address(): Address {
    return this.#account.address;
  }

  signTransaction(transaction: TransactionSerializableEIP1559): Promise<Hex> {
    return this.#account.signTransaction(transaction);
  }

  signTypedData(typedData: TypedDataDefinition): Promise<Hex> {
    return this.#account.signTypedData(typedData);
  }
}

/** Encrypts a key for `KeystoreSigner`. `scryptN` is lowered by tests only. */
export async function createKeystore(
  privateKey: Hex,
  { password, scryptN = 262_144 }: KeystoreOptions & { readonly scryptN?: number },
): Promise<string> {
  const { address } = accountOf(privateKey);
  const [key, derivation] = await Keystore.scryptAsync({ password, n: scryptN });
  const keystore = Keystore.encrypt(privateKey, key, derivation);
  return JSON.stringify({ ...keystore, address: address.slice(2).toLowerCase() });
}

function parse(json: string): Keystore.Keystore {
  let keystore: unknown;
  try {
    keystore = JSON.parse(json);
  } catch {
    throw malformed('it is not JSON');
  }
  if (!(keystore instanceof Object) || (keystore as { version?: unknown }).version !== 3) {
    throw malformed('it is not a version 3 keystore');
  }
  const { crypto } = keystore as { crypto?: { kdf?: unknown } };
  if (crypto?.kdf !== 'scrypt' && crypto?.kdf !== 'pbkdf2') throw malformed('its key derivation is unknown');
  return keystore as Keystore.Keystore;
}

function malformed(why: string): DomainError<SignerErrorCode> {
  return new DomainError('KeystoreMalformed', `The keystore cannot be read: ${why}.`);
}

function addressOf(keystore: Keystore.Keystore): string | undefined {
  const { address } = keystore as { address?: unknown };
  return typeof address === 'string' ? address : undefined;
}
