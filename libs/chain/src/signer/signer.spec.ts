import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { parseTransaction, recoverTransactionAddress, recoverTypedDataAddress } from 'viem';
import type { Hex } from '@openimo/domain';
import { createKeystore, KeystoreSigner } from './keystore-signer.js';
import { LocalKeySigner } from './local-key-signer.js';

const KEY: Hex = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
/** Cheap, for tests. */
const scryptN = 2;

const transaction = (chainId: number) => ({ type: 'eip1559', chainId, nonce: 0, to: ADDRESS, gas: 21_000n }) as const;
const typedData = (chainId: number) => ({
  domain: { name: 'test', chainId },
  types: { Mail: [{ name: 'text', type: 'string' }] },
  primaryType: 'Mail' as const,
  message: { text: 'hello' },
});

describe('LocalKeySigner', () => {
  const signer = new LocalKeySigner(KEY, 31_337);

  it('signs for the local chain', async () => {
    const signed = await signer.signTransaction(transaction(31_337));
    expect(await recoverTransactionAddress({ serializedTransaction: signed as `0x02${string}` })).toBe(ADDRESS);

    const signature = await signer.signTypedData(typedData(31_337));
    expect(await recoverTypedDataAddress({ ...typedData(31_337), signature })).toBe(ADDRESS);
  });

  it('refuses every other chain, when made and when used', async () => {
    expect(() => new LocalKeySigner(KEY, 1)).toThrow(expect.objectContaining({ code: 'LocalKeyRefused' }));
    await expect(signer.signTransaction(transaction(1))).rejects.toMatchObject({ code: 'LocalKeyRefused' });
    await expect(signer.signTypedData(typedData(1))).rejects.toMatchObject({ code: 'LocalKeyRefused' });
  });

  it('does not show the key, nor a malformed one', () => {
    expect(inspect(signer, { depth: 9, showHidden: true })).not.toContain(KEY.slice(2));
    const malformed = `${KEY}00` as Hex;
    expect(() => new LocalKeySigner(malformed, 31_337)).toThrow(
      expect.objectContaining({ code: 'KeyMalformed', message: expect.not.stringContaining(KEY.slice(2, 20)) }),
    );
  });
});

describe('KeystoreSigner', () => {
  it('opens what createKeystore made and signs for any chain', async () => {
    const signer = await KeystoreSigner.open(await createKeystore(KEY, { password: 'secret', scryptN }), {
      password: 'secret',
    });

    expect(signer.address).toBe(ADDRESS);
    const signed = await signer.signTransaction(transaction(1));
    expect(parseTransaction(signed).chainId).toBe(1);
    expect(inspect(signer, { depth: 9, showHidden: true })).not.toContain(KEY.slice(2));
  });

  it('opens the test vectors of the Web3 Secret Storage definition', async () => {
    for (const vector of [SCRYPT_VECTOR, PBKDF2_VECTOR]) {
      const signer = await KeystoreSigner.open(JSON.stringify(vector), { password: 'testpassword' });
      expect(signer.address).toBe('0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b');
    }
  });

  it('names the account, and neither password nor key, when the password is wrong', async () => {
    const json = await createKeystore(KEY, { password: 'secret', scryptN });

    const error = await KeystoreSigner.open(json, { password: 'hunter2' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KeystoreLocked', data: { address: ADDRESS.slice(2).toLowerCase() } });
    expect(inspect(error)).not.toMatch(/hunter2|ac0974/);
  });

  it.each([
    ['not JSON', 'not json', 'it is not JSON'],
    ['another version', '{"version":1}', 'it is not a version 3 keystore'],
    ['another derivation', '{"version":3,"crypto":{"kdf":"argon2"}}', 'its key derivation is unknown'],
    ['null', 'null', 'it is not a version 3 keystore'],
  ])('says what is wrong with a file that is %s', async (_, json, why) => {
    await expect(KeystoreSigner.open(json, { password: '' })).rejects.toMatchObject({
      code: 'KeystoreMalformed',
      message: `The keystore cannot be read: ${why}.`,
    });
  });

  it('reads a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'openimo-keystore-'));
    const path = join(folder, 'key.json');
    await writeFile(path, await createKeystore(KEY, { password: 'secret', scryptN }));

    expect((await KeystoreSigner.fromFile(path, { password: 'secret' })).address).toBe(ADDRESS);
    await rm(folder, { recursive: true });
  });
});

// Source: Web3 Secret Storage Definition, "Test Vectors".
const PBKDF2_VECTOR = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262_144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
const SCRYPT_VECTOR = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262_144,
      p: 8,
      r: 1,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
