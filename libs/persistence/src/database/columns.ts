import type { ColumnType, QueryDeepPartialEntity, ValueTransformer } from 'typeorm';
import type { Hex } from '@openimo/domain';

/** Column options for the few kinds of values we store. Null passes through every one of them. */

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly precision?: number;
  readonly scale?: number;
  readonly transformer?: ValueTransformer;
}

type Bytes = Uint8Array;

function transformer<Stored, Value>(to: (value: Value) => Stored, from: (stored: Stored) => Value): ValueTransformer {
  return {
    // TypeORM also passes operators (In, LessThan) and undefined through here.
    to: (value: unknown) => (isPlain(value) ? to(value as Value) : value),
    from: (stored: unknown) => (stored === null || stored === undefined ? stored : from(stored as Stored)),
  };
}

function isPlain(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || value instanceof Uint8Array;
}

const bigints = transformer<string, bigint>(
  (value) => value.toString(),
  (stored) => BigInt(stored),
);
const numbers = transformer<string, number>(
  (value) => value.toString(),
  (stored) => Number(stored),
);
const lowerCase = transformer<string, string>(
  (value) => value.toLowerCase(),
  (stored) => stored,
);
const hexBytes = transformer<Bytes, Hex>(
  (value) => Buffer.from(value.slice(2), 'hex'),
  (stored) => `0x${Buffer.from(stored).toString('hex')}`,
);

/** Wei, ids and everything else that is a uint256. */
export const uint256 = (name: string): Column => ({
  name,
  type: 'numeric',
  precision: 78,
  scale: 0,
  transformer: bigints,
});

/** A block number or another uint64, as bigint. */
export const uint64 = (name: string): Column => ({
  name,
  type: 'bigint',
  transformer: bigints,
});

/** A number that stays below 2^53: chain ids, nonces, counts. */
export const integer = (name: string): Column => ({
  name,
  type: 'bigint',
  transformer: numbers,
});

/** Addresses and hashes, lower case, so that they compare and join. */
export const hexText = (name: string): Column => ({
  name,
  type: 'text',
  transformer: lowerCase,
});

/** Bytes of any length, hexadecimal in code. */
export const hexData = (name: string): Column => ({
  name,
  type: 'bytea',
  transformer: hexBytes,
});

export const instant = (name: string): Column => ({
  name,
  type: 'timestamptz',
});

export const label = (name: string): Column => ({
  name,
  type: 'text',
});

export const flag = (name: string): Column => ({
  name,
  type: 'boolean',
});

export const json = (name: string): Column => ({
  name,
  type: 'jsonb',
});

/** A sum of uint256: hostile ERC-20s announce amounts whose sum no column of fixed width holds. */
export const sum = (name: string): Column => ({
  name,
  type: 'numeric',
  transformer: bigints,
});

export const nullable = (column: Column): Column & { readonly nullable: true } => ({ ...column, nullable: true });

/** TypeORM's type for values to write does not get along with `unknown` inside JSON columns. */
export function toRow<Entity>(values: Partial<Entity>): QueryDeepPartialEntity<Entity> {
  return values as QueryDeepPartialEntity<Entity>;
}
