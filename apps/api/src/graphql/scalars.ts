import { isAddress, type Address, type Hex } from '@openimo/domain';
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/** A uint256 has 78 digits. */
const INTEGER = /^-?\d{1,78}$/;
const HEX = /^0x([0-9a-fA-F]{2})*$/;
/** As `toISOString` writes it; the database can too. */
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** An amount in units of its asset, an id, a block number: decimal, because JSON numbers lose digits above 2^53. */
export const BigIntScalar = scalar<bigint>('BigInt', {
  description:
    'A whole number as a decimal string, e.g. "1000000000000000000". Amounts are in the smallest unit of their asset.',
  parse: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    if (typeof value === 'string' && INTEGER.test(value)) return BigInt(value);
    throw refused('BigInt', 'a whole number as a decimal string of at most 78 digits');
  },
  serialize: (value) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value.toString();
    throw new TypeError('Not a whole number.');
  },
});

export const AddressScalar = scalar<Address>('Address', {
  description:
    'An account or a contract: 0x and 40 hexadecimal digits. Given back in lower case. ETH as an asset is the zero address.',
  parse: (value) => {
    if (isAddress(value)) return value.toLowerCase() as Address;
    throw refused('Address', '0x and 40 hexadecimal digits');
  },
  serialize: String,
});

export const HexScalar = scalar<Hex>('Hex', {
  description: 'Bytes: 0x and an even number of hexadecimal digits, lower case when given back.',
  parse: (value) => {
    if (typeof value === 'string' && HEX.test(value)) return value.toLowerCase() as Hex;
    throw refused('Hex', '0x and an even number of hexadecimal digits');
  },
  serialize: String,
});

export const DateTimeScalar = scalar<Date>('DateTime', {
  description: 'An instant, e.g. "2026-01-31T12:00:00.000Z".',
  parse: (value) => {
    const date = typeof value === 'string' && INSTANT.test(value) ? new Date(value) : undefined;
    if (date !== undefined && !Number.isNaN(date.getTime())) return date;
    throw refused('DateTime', 'an instant such as 2026-01-31T12:00:00Z');
  },
  serialize: (value) => {
    if (typeof value === 'string' && CANONICAL.test(value)) return value;
    return (value instanceof Date ? value : new Date(value as string | number)).toISOString();
  },
});

interface Scalar<Internal> {
  readonly description: string;
  readonly parse: (value: unknown) => Internal;
  readonly serialize: (value: unknown) => string;
}

function scalar<Internal>(name: string, { description, parse, serialize }: Scalar<Internal>) {
  return new GraphQLScalarType<Internal, string>({
    name,
    description,
    serialize,
    parseValue: parse,
    parseLiteral: (node) => parse(literal(node)),
  });
}

function literal(node: ValueNode): unknown {
  if (node.kind === Kind.INT) return /^-?\d{1,15}$/.test(node.value) ? Number(node.value) : node.value;
  return node.kind === Kind.STRING ? node.value : undefined;
}

function refused(type: string, form: string): GraphQLError {
  return new GraphQLError(`${type} must be ${form}.`, { extensions: { code: 'BAD_USER_INPUT' } });
}
