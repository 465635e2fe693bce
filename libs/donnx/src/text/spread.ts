import type { Tensor } from '../tensor/tensor.js';

/** Least and greatest that a number can be. */
export interface Range {
  readonly lo: number;
  readonly hi: number;
}

/**
 * What the elements of a value can be that has a column for every position of the text: those of positions that a row has
 * `seen`, up to its own, and those of `later` ones.
 */
export interface Spread {
  readonly seen: Range;
  readonly later: Range;
}

/** Applies a function that never decreases. */
export function mapSpread({ seen, later }: Spread, rising: (value: number) => number): Spread {
  const map = ({ lo, hi }: Range) => ({ lo: rising(lo), hi: rising(hi) });
  return { seen: map(seen), later: map(later) };
}

/** Combines both with another by a function that is monotone in each operand. */
export function combineSpread(a: Spread, b: Spread, combine: (x: number, y: number) => number): Spread {
  return { seen: corners(a.seen, b.seen, combine), later: corners(a.later, b.later, combine) };
}

function corners(a: Range, b: Range, combine: (x: number, y: number) => number): Range {
  const values = [combine(a.lo, b.lo), combine(a.lo, b.hi), combine(a.hi, b.lo), combine(a.hi, b.hi)];
  return { lo: Math.min(...values), hi: Math.max(...values) };
}

/** The same whatever the column. */
export function everywhere(range: Range): Spread {
  return { seen: range, later: range };
}

/** What a constant adds to each class, where its last two axes are rows and columns; everywhere the same otherwise. */
export function spreadOf({ dims, data }: Tensor, context: number): Spread {
  const isSquare = dims.length >= 2 && dims.at(-1) === context && dims.at(-2) === context;
  const found = { seen: { lo: Infinity, hi: -Infinity }, later: { lo: Infinity, hi: -Infinity } };
  data.forEach((element: number | bigint, at: number) => {
    const value = Number(element);
    const [row, column] = [Math.floor(at / context) % context, at % context];
    for (const name of ['seen', 'later'] as const) {
      if (isSquare && column > row !== (name === 'later')) continue;
      found[name] = { lo: Math.min(found[name].lo, value), hi: Math.max(found[name].hi, value) };
    }
  });
  // A text of one position has no later ones.
  return found.later.lo > found.later.hi ? { ...found, later: found.seen } : found;
}

/** The entries of a table between two indices. */
export function entriesOf({ data }: Tensor, { lo, hi }: Range): Range {
  const entries = Array.from(data.slice(Math.max(0, Math.floor(lo)), Math.ceil(hi) + 1), Number);
  return { lo: Math.min(...entries), hi: Math.max(...entries) };
}

export function isPoint({ lo, hi }: Range): boolean {
  return lo === hi;
}
