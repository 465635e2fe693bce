import { DomainError } from '@openimo/domain';

export type QueryErrorCode = 'CursorInvalid' | 'FilterInvalid';

export const OPERATORS = ['eq', 'not', 'in', 'notIn', 'gt', 'gte', 'lt', 'lte', 'contains', 'startsWith'] as const;
export type Operator = (typeof OPERATORS)[number];

/** One thing that rows must satisfy. `null` goes with `eq` and `not` only. */
export interface Condition<Row> {
  readonly field: keyof Row & string;
  readonly operator: Operator;
  readonly value: unknown;
}

export type Direction = 'asc' | 'desc';

/** Which rows, in which order, how many. Rows with equal values are ordered by their key. */
export interface PageQuery<Row> {
  readonly where?: readonly Condition<Row>[];
  /** A column that is never null. */
  readonly orderBy: keyof Row & string;
  readonly direction?: Direction;
  readonly first: number;
  /** The cursor of an edge of the same order. */
  readonly after?: string;
}

export interface Page<Row> {
  readonly edges: readonly Edge<Row>[];
  readonly hasNextPage: boolean;
}

export interface Edge<Row> {
  readonly node: Row;
  /** Opaque: where this row stands in its order. */
  readonly cursor: string;
}

/** @param order what the position is in: name and direction of the column */
export function encodeCursor(order: string, position: readonly string[]): string {
  return Buffer.from(JSON.stringify([order, ...position])).toString('base64url');
}

/** @throws DomainError `CursorInvalid` */
export function decodeCursor(cursor: string, order: string, length: number): string[] {
  const [of, ...position] = parse(cursor);
  if (of === order && position.length === length) return position;
  throw new DomainError<QueryErrorCode>(
    'CursorInvalid',
    'This cursor does not come from a list in this order. Start without `after`, and pass on the `endCursor` of the page before.',
  );
}

function parse(cursor: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
  } catch {
    return [];
  }
}
