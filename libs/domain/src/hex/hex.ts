/** `0x` and hexadecimal digits. The same type as viem's, without depending on it. */
export type Hex = `0x${string}`;

/** 20 bytes: an account or a contract. */
export type Address = Hex;

/** 32 bytes, lower case: the sha256 of some content. Compares with `===`. */
export type Sha256 = Hex;

const SHA256 = /^0x[0-9a-f]{64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** Whether `value` is a sha256 as we write it: `0x` and 64 lower-case digits. Safe to use as a file name after this. */
export function isSha256(value: unknown): value is Sha256 {
  return typeof value === 'string' && SHA256.test(value);
}

/** Whether `value` has the form of an address. The checksum in its letter case is not looked at. */
export function isAddress(value: unknown): value is Address {
  return typeof value === 'string' && ADDRESS.test(value);
}
