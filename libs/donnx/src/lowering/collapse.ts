/** Axes of an output and, per operand, its strides along them. */
export interface Axes {
  readonly dims: readonly number[];
  readonly strides: readonly (readonly number[])[];
  /** Where the kept axis went; -1 without one. */
  readonly kept: number;
}

/**
 * The same elements over fewer axes: axes of size 1 go, and neighbours merge where every operand steps through both as
 * through one. `keep` stays an axis of its own. At least one axis remains.
 */
export function collapseAxes(dims: readonly number[], strides: readonly (readonly number[])[], keep = -1): Axes {
  interface Axis {
    dim: number;
    readonly strides: number[];
    readonly kept: boolean;
  }
  const axes: Axis[] = [];
  dims.forEach((dim, position) => {
    if (dim === 1 && position !== keep) return;
    const axis: Axis = { dim, strides: strides.map((of) => of[position] as number), kept: position === keep };
    const outer = axes.at(-1);
    const merges =
      outer !== undefined &&
      !outer.kept &&
      !axis.kept &&
      outer.strides.every((stride, operand) => stride === (axis.strides[operand] as number) * dim);
    if (!merges) {
      axes.push(axis);
      return;
    }
    outer.dim *= dim;
    outer.strides.splice(0, outer.strides.length, ...axis.strides);
  });
  if (axes.length === 0) axes.push({ dim: 1, strides: strides.map(() => 0), kept: false });
  return {
    dims: axes.map(({ dim }) => dim),
    strides: strides.map((_, operand) => axes.map((axis) => axis.strides[operand] as number)),
    kept: axes.findIndex(({ kept }) => kept),
  };
}
