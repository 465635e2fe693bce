import { broadcastTo, permute, restride, type Value } from '../lowering/value.js';
import { productOf } from '../tensor/tensor.js';
import type { Operator } from './operator.js';
import { pad } from './window.js';

const reshape: Operator = {
  inputs: [2, 2],
  attributes: ['allowzero'],
  lower(node) {
    const value = node.input(0);
    node.requireAttribute('allowzero', 0, 'A tensor of the profile has elements.');
    const shape = node.integers(1) as number[];
    const known = shape.map((dim, axis) => (dim === 0 ? (value.dims[axis] ?? 0) : dim));
    const elements = productOf(value.dims);
    const rest = elements / productOf(known.filter((dim) => dim !== -1));
    const dims = known.map((dim) => (dim === -1 ? rest : dim));
    if (dims.some((dim) => !Number.isInteger(dim) || dim < 1) || productOf(dims) !== elements) {
      node.refuse('ShapeMismatch', `reshapes [${value.dims.join(', ')}] to [${shape.join(', ')}].`);
    }
    return [node.builder.reshape(value, dims)];
  },
};

const transpose: Operator = {
  inputs: [1, 1],
  attributes: ['perm'],
  lower(node) {
    const value = node.input(0);
    const axes = value.dims.map((_, axis) => axis);
    const permutation = node.list('perm') ?? axes.toReversed();
    if (String(permutation.toSorted((a, b) => a - b)) !== String(axes)) {
      node.refuse('ShapeMismatch', `permutes ${axes.length} axes by [${permutation.join(', ')}].`);
    }
    return [permute(value, permutation)];
  },
};

/** The part of `value` from `start` on along `axis`, every `step`-th element of `size`. */
function part(value: Value, axis: number, start: number, size: number, step = 1): Value {
  const stride = value.strides[axis] as number;
  // The stride of a single element means nothing, and a step may be huge.
  const strides = value.strides.with(axis, size === 1 ? stride : stride * step);
  return restride(value, value.dims.with(axis, size), strides, value.offset + start * stride);
}

const split: Operator = {
  inputs: [1, 2],
  attributes: ['axis', 'num_outputs'],
  lower(node) {
    const value = node.input(0);
    const axis = node.axis(node.integer('axis', 0), value.dims.length);
    const dim = value.dims[axis] as number;
    const outputs = node.plain.outputs.length;
    // Without sizes all parts are equal but the last, which may be smaller.
    const even = Math.ceil(dim / outputs);
    const sizes = node.integers(1) ?? Array.from({ length: outputs }, (_, at) => Math.min(even, dim - at * even));
    if (
      sizes.length !== outputs ||
      sizes.some((size) => size < 1) ||
      sizes.reduce((sum, size) => sum + size, 0) !== dim
    ) {
      node.refuse('ShapeMismatch', `splits an axis of ${dim} into [${sizes.join(', ')}].`);
    }
    let start = 0;
    return sizes.map((size) => {
      start += size;
      return part(value, axis, start - size, size);
    });
  },
};

const slice: Operator = {
  inputs: [3, 5],
  attributes: [],
  lower(node) {
    const value = node.input(0);
    const [starts, ends] = [node.integers(1) as number[], node.integers(2) as number[]];
    const axes = node.integers(3) ?? starts.map((_, axis) => axis);
    const steps = node.integers(4) ?? starts.map(() => 1);
    if ([ends, axes, steps].some(({ length }) => length !== starts.length)) {
      node.refuse('ShapeMismatch', 'has starts, ends, axes and steps of different lengths.');
    }
    const sliced = axes.reduce((so, given, at) => {
      const axis = node.axis(given, so.dims.length);
      const dim = so.dims[axis] as number;
      const step = steps[at] as number;
      if (step === 0) node.refuse('ShapeMismatch', 'has a step of 0.');
      // Backwards, the first is at most the last element and the end may be before the first.
      const [least, most] = step > 0 ? [0, dim] : [-1, dim - 1];
      const clamp = (index: number, low: number) => Math.min(Math.max(index < 0 ? index + dim : index, low), most);
      const start = clamp(starts[at] as number, 0);
      const end = clamp(ends[at] as number, least);
      const size = Math.ceil((end - start) / step);
      if (size < 1) node.refuse('ShapeMismatch', `takes nothing of axis ${axis}.`);
      return part(so, axis, start, size, step);
    }, value);
    return [sliced];
  },
};

const concat: Operator = {
  inputs: [1, 256],
  attributes: ['axis'],
  lower(node) {
    const values = Array.from({ length: node.count }, (_, position) => node.input(position));
    const [first] = values as [Value];
    const axis = node.axis(node.integer('axis', 0), first.dims.length);
    const fits = ({ dims, datatype }: Value) =>
      datatype === first.datatype && String(dims.with(axis, 0)) === String(first.dims.with(axis, 0));
    if (values.some(({ dims }) => dims.length !== first.dims.length) || !values.every(fits)) {
      node.refuse('ShapeMismatch', 'joins tensors of different types or shapes.');
    }
    const total = values.reduce((sum, { dims }) => sum + (dims[axis] as number), 0);
    return [node.builder.concat(first.dims.with(axis, total), axis, values)];
  },
};

const expand: Operator = {
  inputs: [2, 2],
  attributes: [],
  lower(node) {
    const value = node.input(0);
    const shape = node.integers(1) as number[];
    const dims = node.broadcast([value, { ...value, dims: shape }]);
    return [broadcastTo(value, dims)];
  },
};

const squeeze: Operator = {
  inputs: [1, 2],
  attributes: [],
  lower(node) {
    const value = node.input(0);
    const given = node.integers(1)?.map((axis) => node.axis(axis, value.dims.length));
    if (given?.some((axis) => value.dims[axis] !== 1)) node.refuse('ShapeMismatch', 'squeezes an axis larger than 1.');
    const keep = value.dims
      .map((_, axis) => axis)
      .filter((axis) => (given ? !given.includes(axis) : value.dims[axis] !== 1));
    return [permute(value, keep)];
  },
};

const unsqueeze: Operator = {
  inputs: [2, 2],
  attributes: [],
  lower(node) {
    const value = node.input(0);
    const given = node.integers(1) as number[];
    const rank = value.dims.length + given.length;
    const axes = new Set(given.map((axis) => node.axis(axis, rank)));
    if (axes.size !== given.length) node.refuse('ShapeMismatch', 'names an axis twice.');
    let next = 0;
    const from = Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? -1 : next++));
    return [
      restride(
        value,
        from.map((axis) => value.dims[axis] ?? 1),
        from.map((axis) => value.strides[axis] ?? 0),
      ),
    ];
  },
};

const identity: Operator = { inputs: [1, 1], attributes: [], lower: (node) => [node.input(0)] };

const padOperator: Operator = {
  inputs: [2, 4],
  attributes: ['mode'],
  lower(node) {
    const value = node.input(0);
    node.requireAttribute('mode', 'constant', 'Pad with a constant.');
    const rank = value.dims.length;
    const pads = node.integers(1) as number[];
    const axes = (node.integers(3) ?? value.dims.map((_, axis) => axis)).map((axis) => node.axis(axis, rank));
    if (pads.length !== 2 * axes.length || pads.some((size) => size < 0)) {
      node.refuse(
        'ShapeMismatch',
        `has pads [${pads.join(', ')}] for ${axes.length} axes. Slice instead of negative pads.`,
      );
    }
    const margin = (from: number) =>
      value.dims.map((_, axis) => (axes.includes(axis) ? (pads[from + axes.indexOf(axis)] as number) : 0));
    const fill = node.optionalConstant(2);
    if (fill && (fill.data.length !== 1 || fill.datatype !== value.datatype)) {
      node.refuse('ShapeMismatch', `needs a single ${value.datatype} to pad with.`);
    }
    return [pad(node, value, margin(0), margin(axes.length), fill?.data[0] ?? 0)];
  },
};

export const MOVEMENT: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Transpose: transpose,
  Split: split,
  Slice: slice,
  Concat: concat,
  Expand: expand,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Identity: identity,
  Pad: padOperator,
};
