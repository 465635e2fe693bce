import { keccak256, type Hex } from 'viem';

/** Bits of one address or topic: 3 of 2,048 (Yellow Paper, section 4.3.1). */
type Bits = readonly [number, number, number];

const MOST_REMEMBERED = 200_000;
const BLOOM_DIGITS = 512;
const remembered = new Map<string, Bits>();

function bitsOf(item: string): Bits {
  const known = remembered.get(item);
  if (known !== undefined) return known;
  const hash = keccak256(item as Hex);
  const bit = (at: number) => Number.parseInt(hash.slice(at, at + 4), 16) & 2_047;
  const bits: Bits = [bit(2), bit(6), bit(10)];
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(item, bits);
  return bits;
}

/** The filter in a block's header over the addresses and topics of its logs: says "certainly not" or "maybe". */
export class Bloom {
  readonly #words = new Uint32Array(64);

  static parse(hex: string): Bloom {
    const bloom = new Bloom();
    const digits = hex.slice(2).padStart(BLOOM_DIGITS, '0');
    for (let i = 0; i < 64; i++) bloom.#words[63 - i] = Number.parseInt(digits.slice(i * 8, i * 8 + 8), 16);
    return bloom;
  }

  add(item: string): void {
    for (const bit of bitsOf(item)) this.#words[bit >> 5]! |= 1 << (bit & 31);
  }

  mayHave(item: string): boolean {
    return bitsOf(item).every((bit) => (this.#words[bit >> 5]! & (1 << (bit & 31))) !== 0);
  }

  equals(other: Bloom): boolean {
    return this.#words.every((word, i) => word === other.#words[i]);
  }
}

export const EMPTY_BLOOM = `0x${'0'.repeat(BLOOM_DIGITS)}`;
