import { sha256 as nobleSha256 } from '@noble/hashes/sha2';
import { keccak_256 } from '@noble/hashes/sha3';
import type { Hex } from '@openimo/domain';

/** 32 bytes. */
export type Hash = Uint8Array;

export const ZERO_HASH: Hash = new Uint8Array(32);

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function keccak(bytes: Uint8Array): Hash {
  return keccak_256(bytes);
}

export function sha256(bytes: Uint8Array): Hash {
  return nobleSha256(bytes);
}

/** keccak256(0x00 ‖ bytes). */
export function hashLeaf(bytes: Uint8Array): Hash {
  return keccak_256.create().update(LEAF).update(bytes).digest();
}

/** keccak256(0x01 ‖ left ‖ right). */
export function hashNode(left: Hash, right: Hash): Hash {
  return keccak_256.create().update(NODE).update(left).update(right).digest();
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

export function fromHex(hex: Hex): Uint8Array {
  return Uint8Array.from({ length: (hex.length - 2) / 2 }, (_, at) => parseInt(hex.slice(2 + 2 * at, 4 + 2 * at), 16));
}
