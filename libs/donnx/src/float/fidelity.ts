/** How near a lowered model is to its float original, over held-back examples. */
export interface FidelityReport {
  readonly examples: number;
  /** Share of rows whose greatest element is at the same place. */
  readonly top1Agreement: number;
  readonly meanCosine: number;
  readonly worstCosine: number;
  readonly largestError: number;
  /** The class of the original that the lowered model misses most often, with its agreement. */
  readonly worstClass: { readonly label: number; readonly agreement: number } | undefined;
}

/** Compares outputs row by row; a row is `width` scores, such as the classes of one image or the tokens of one position. */
export function compareOutputs(
  originals: readonly ArrayLike<number>[],
  lowered: readonly ArrayLike<number>[],
  width: number,
): FidelityReport {
  const cosines: number[] = [];
  const classes = new Map<number, { agreed: number; total: number }>();
  let largestError = 0;
  originals.forEach((original, example) => {
    const other = lowered[example] as ArrayLike<number>;
    for (let row = 0; row < original.length; row += width) {
      const [a, b] = [rowOf(original, row, width), rowOf(other, row, width)];
      cosines.push(cosine(a, b));
      a.forEach((value, at) => (largestError = Math.max(largestError, Math.abs(value - (b[at] as number)))));
      const label = greatest(a);
      const seen = classes.get(label) ?? { agreed: 0, total: 0 };
      classes.set(label, { agreed: seen.agreed + (greatest(b) === label ? 1 : 0), total: seen.total + 1 });
    }
  });
  const agreed = [...classes.values()].reduce((sum, entry) => sum + entry.agreed, 0);
  const [worst] = [...classes]
    .map(([label, entry]) => ({ label, agreement: entry.agreed / entry.total }))
    .sort((a, b) => a.agreement - b.agreement);
  return {
    examples: originals.length,
    top1Agreement: agreed / cosines.length,
    meanCosine: cosines.reduce((sum, value) => sum + value, 0) / cosines.length,
    worstCosine: Math.min(...cosines),
    largestError,
    worstClass: worst,
  };
}

function rowOf(values: ArrayLike<number>, from: number, width: number): number[] {
  return Array.from({ length: width }, (_, at) => values[from + at] as number);
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, at) => sum + value * (y[at] as number), 0);
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms === 0 ? 1 : dot(a, b) / norms;
}

/** The position of the first greatest. */
function greatest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
