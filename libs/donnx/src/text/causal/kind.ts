import type { Tensor } from '../../tensor/tensor.js';
import type { Range, Spread } from '../spread.js';

/**
 * What a value is made of. `rows`: row r of `axis` of positions up to r alone. `last`: of positions up to the last one of the
 * text. With `spread` the last axis has a column for every position, and nothing that counts depends on later ones yet.
 */
export type Kind =
  | { readonly of: 'constant' }
  | {
      readonly of: 'rows' | 'last';
      /** Of rows: which axis counts them. */
      readonly axis: number;
      /** Merged to one axis; what its axes were. */
      readonly flat?: readonly number[];
      readonly spread?: Spread;
      /** Of a maximum over columns: what it can be. */
      readonly peak?: Range;
      /** One row of this constant. */
      readonly rowOf?: Tensor;
    };
export type Made = Exclude<Kind, { of: 'constant' }>;

/** Nothing of positions is left. */
export const LAST: Made = { of: 'last', axis: -1 };
