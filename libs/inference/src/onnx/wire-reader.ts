/** Thrown for bytes that are not the protobuf they should be. */
export class WireError extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export const WireType = { Varint: 0, Fixed64: 1, Bytes: 2, Fixed32: 5 } as const;

/** Reads protobuf primitives and never looks beyond its bytes. Byte strings are views, not copies. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  tag(): { field: number; wireType: number } {
    const tag = this.#shortVarint('a field tag');
    if (tag > 0xffff_ffff || tag < 8) throw new WireError('a field tag is out of range');
    return { field: Math.floor(tag / 8), wireType: tag % 8 };
  }

  /** 64 bits, unsigned. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('a number is longer than ten bytes');
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  bytes(): Uint8Array {
    const length = this.#shortVarint('a length');
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    try {
      return utf8.decode(this.bytes());
    } catch (error) {
      if (error instanceof WireError) throw error;
      throw new WireError('a text is not UTF-8');
    }
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  /** Tags and lengths: at most 2^35, far above any file. */
  #shortVarint(what: string): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 2 ** 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new WireError(`${what} is out of range`);
  }

  #take(length: number): number {
    const start = this.#position;
    if (length > this.#bytes.length - start) throw new WireError('the file ends inside a field');
    this.#position = start + length;
    return start;
  }
}
