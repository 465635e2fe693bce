/** The last moment that fits everything we store times in. */
const LAST_SECOND = 253_402_300_799n; // 9999-12-31T23:59:59Z

/** Seconds since 1970 as a contract gives them; anybody can write any number, so what is too late is the end of time. */
export function safeDate(seconds: bigint | number): Date {
  const value = BigInt(seconds);
  return new Date(Number(value > LAST_SECOND ? LAST_SECOND : value) * 1_000);
}

/** Text from the chain without what PostgreSQL does not store. */
export function safeText(text: string): string {
  return text.replaceAll('\u0000', '\ufffd');
}

const MAX_COUNT = BigInt(Number.MAX_SAFE_INTEGER);

/** A uint256 that means a small number. */
export function safeCount(value: bigint | number): number {
  return Number(BigInt(value) > MAX_COUNT ? MAX_COUNT : value);
}

/** Null for zero: for ids, roots and addresses where zero means none. */
export function orNull<Value extends bigint | string>(value: Value): Value | null {
  if (typeof value === 'bigint') return value === 0n ? null : value;
  return /^0x0*$/.test(value) ? null : value;
}
