/**
 * PostgreSQL's binary format of a one-dimensional array (`array_send` in src/backend/utils/adt/arrayfuncs.c): half the bytes of
 * a literal where the elements are bytes, and nothing to quote or to parse.
 */
export class BinaryArray {
  #bytes: Buffer;
  #at: number;

  /** @param elementOid the type of the elements, from pg_type */
  constructor(elementOid: number, length: number, expectedElementBytes: number) {
    this.#bytes = Buffer.allocUnsafe(HEADER_BYTES + length * (4 + expectedElementBytes));
    this.#at = this.#bytes.writeInt32BE(length === 0 ? 0 : 1, 0);
    this.#int32(0);
    this.#int32(elementOid);
    this.#int32(length);
    this.#int32(1);
    if (length === 0) this.#at = 12;
  }

  null(): void {
    this.#bytes.writeInt32BE(1, 4);
    this.#reserve(4);
    this.#int32(-1);
  }

  int64(value: bigint): void {
    this.#reserve(12);
    this.#int32(8);
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
  }

  boolean(value: boolean): void {
    this.#reserve(5);
    this.#int32(1);
    this.#at = this.#bytes.writeUInt8(value ? 1 : 0, this.#at);
  }

  /** @param value 0x and two digits for each byte */
  hex(value: string): void {
    const length = (value.length - 2) >> 1;
    this.#reserve(4 + length);
    this.#int32(length);
    this.#at += this.#bytes.write(value.slice(2), this.#at, 'hex');
  }

  /** @param prefix a byte before the text, as jsonb has its version */
  text(value: string, prefix?: number): void {
    const most = value.length * 3 + (prefix === undefined ? 0 : 1);
    this.#reserve(4 + most);
    const lengthAt = this.#at;
    this.#at += 4;
    if (prefix !== undefined) this.#at = this.#bytes.writeUInt8(prefix, this.#at);
    this.#at += this.#bytes.write(value, this.#at, 'utf8');
    this.#bytes.writeInt32BE(this.#at - lengthAt - 4, lengthAt);
  }

  toBuffer(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

const HEADER_BYTES = 20;
