import { restride, type Value } from '../lowering/value.js';
import type { NodeInLowering } from './operator.js';

/** A sliding window over the spatial axes of [N, C, spatial…]. */
export interface Windows {
  /** The padded input as a view [N, C, out…, kernel…]; windows overlap, so it repeats elements. */
  readonly view: Value;
  readonly out: readonly number[];
}

export const WINDOW_ATTRIBUTES = ['auto_pad', 'dilations', 'kernel_shape', 'pads', 'strides'];

/** Pads the input with the constant `fill`, then lays the windows of `kernel` over it. */
export function windowsOf(node: NodeInLowering, input: Value, kernel: readonly number[], fill: number): Windows {
  node.requireAttribute('auto_pad', 'NOTSET', 'Write its pads out.');
  const spatial = input.dims.length - 2;
  if (spatial < 1 || kernel.length !== spatial) {
    node.refuse('ShapeMismatch', `slides a window of ${kernel.length} axes over ${input.dims.length} axes.`);
  }
  const given = node.list('kernel_shape');
  if (given && given.some((size, axis) => size !== kernel[axis]))
    node.refuse('ShapeMismatch', 'has another kernel_shape than its weights.');
  const strides = node.list('strides') ?? kernel.map(() => 1);
  const dilations = node.list('dilations') ?? kernel.map(() => 1);
  const pads = node.list('pads') ?? [...kernel, ...kernel].map(() => 0);
  const positive = [...strides, ...dilations].every((value) => value > 0) && pads.every((value) => value >= 0);
  if (!positive || strides.length !== spatial || dilations.length !== spatial || pads.length !== 2 * spatial) {
    node.refuse('ShapeMismatch', 'has strides, dilations or pads that do not fit its input.');
  }
  const padded = pad(node, input, [0, 0, ...pads.slice(0, spatial)], [0, 0, ...pads.slice(spatial)], fill);
  const out = kernel.map((size, axis) => {
    const reach = (dilations[axis] as number) * (size - 1) + 1;
    return Math.floor(((padded.dims[axis + 2] as number) - reach) / (strides[axis] as number)) + 1;
  });
  if (out.some((size) => size < 1)) node.refuse('ShapeMismatch', 'has a window larger than its padded input.');
  const along = padded.strides.slice(2);
  const view = restride(
    padded,
    [...padded.dims.slice(0, 2), ...out, ...kernel],
    [
      ...padded.strides.slice(0, 2),
      ...along.map((stride, axis) => stride * (strides[axis] as number)),
      ...along.map((stride, axis) => stride * (dilations[axis] as number)),
    ],
  );
  return { view, out };
}

/** `value` with constant elements before and after it along each axis. */
export function pad(
  node: NodeInLowering,
  value: Value,
  before: readonly number[],
  after: readonly number[],
  fill: number | bigint,
): Value {
  const { builder } = node;
  return value.dims.reduce((padded, _, axis) => {
    const margins = [before[axis] as number, after[axis] as number];
    if (margins.every((size) => size === 0)) return padded;
    const constant = builder.derived('padding', value.datatype, [], [fill]);
    const [head, tail] = margins.map((size) => {
      const dims = padded.dims.with(axis, size);
      return restride(
        constant,
        dims,
        dims.map(() => 0),
      );
    }) as [Value, Value];
    const parts = [head, padded, tail].filter(({ dims }) => dims[axis] !== 0);
    const dims = padded.dims.with(
      axis,
      parts.reduce((sum, part) => sum + (part.dims[axis] as number), 0),
    );
    return builder.concat(dims, axis, parts);
  }, value);
}
