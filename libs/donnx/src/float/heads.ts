import type { PlainNode } from '../onnx/plain-graph.js';
import type { Tensor } from '../tensor/tensor.js';
import type { FloatLowering } from './float-lowering.js';
import { biasInUnits, columnsOf, sumOf } from './columns.js';

/** A product with weights that is cut into attention heads: MatMul, perhaps Add, Reshape, Transpose. */
interface Projection {
  readonly nodes: readonly PlainNode[];
  readonly weight: Tensor;
  readonly bias: readonly number[] | undefined;
  /** [rows, heads, size] before the axes change places. */
  readonly dims: readonly number[];
  readonly isTransposed: boolean;
  readonly output: string;
}

/** As QGemm's result when it holds parts of different encodings: each part's scale goes into its columns. */
const COMMON_ZERO_POINT = 128;

/**
 * Queries, keys and values as one product, one change of axes and one split, where all are cut into heads alike and only
 * needed in 8 bits. Each keeps an encoding of its own. @returns whether `x` was read like that, and its readers are lowered
 */
export function fuseHeads(lowering: FloatLowering, x: string): boolean {
  const found = lowering.consumersOf(x).map((node) => projectionOf(lowering, node, x));
  const parts = found.filter((part) => part !== undefined);
  const [first] = parts;
  if (first === undefined || parts.length < 2 || parts.length !== found.length) return false;
  if (parts.some(({ dims }) => dims.join() !== first.dims.join())) return false;

  const input = lowering.quantise(x);
  const [rows, heads, size] = first.dims as [number, number, number];
  const n = heads * size;
  const [k] = first.weight.dims as [number];
  const encodings = parts.map(({ output }) => lowering.encodingOf(output));
  const columns = parts.map(({ weight }) => columnsOf(lowering, x, weight));
  const scales = columns.flatMap((part, at) => part.scales.map((scale) => scale / encodings[at]!.scale));
  const sums = columns.flatMap((part, at) => {
    const { scale, zeroPoint } = encodings[at]!;
    const shift = new Array<number>(n).fill((zeroPoint - COMMON_ZERO_POINT) * scale);
    const total = sumOf([parts[at]!.bias, part.offsets, shift]) as number[];
    return biasInUnits(
      total,
      part.scales.map((one) => input.scale * one),
    );
  });
  const integers = Array.from({ length: k }, (_, row) =>
    columns.flatMap((part) => part.integers.slice(row * n, (row + 1) * n)),
  ).flat();
  const width = parts.length * n;
  const product = lowering.emit('com.microsoft.QGemm', [
    input.name,
    lowering.float(input.scale),
    lowering.zeroPoint(input),
    lowering.constant('INT8', [k, width], integers),
    lowering.constant('FP32', [width], scales.map(Math.fround)),
    lowering.constant('INT8', [width], new Array<number>(width).fill(0)),
    lowering.constant('INT32', [width], sums),
    lowering.float(1),
    lowering.zeroPoint({ zeroPoint: COMMON_ZERO_POINT }),
  ]);
  const cut = lowering.emit('Reshape', [product, lowering.shape([rows, parts.length * heads, size])]);
  const turned = lowering.emit('Transpose', [cut], { perm: [1, 0, 2] });
  const names = parts.map(({ output }) => `${output}_8bits`);
  const split = lowering.shape(parts.map(() => heads));
  lowering.copy({ operator: 'Split', inputs: [turned, split], outputs: names, attributes: new Map([['axis', 0]]) });
  parts.forEach(({ nodes, output, isTransposed }, at) => {
    const name = names[at] as string;
    const placed = isTransposed ? lowering.emit('Transpose', [name], { perm: [0, 2, 1] }) : name;
    lowering.remember(output, { ...encodings[at]!, name: placed });
    for (const node of nodes) lowering.absorbed.add(node);
  });
  return true;
}

function projectionOf(lowering: FloatLowering, product: PlainNode, x: string): Projection | undefined {
  const [a, b = ''] = product.inputs;
  const weight = lowering.weight(b);
  if (product.operator !== 'MatMul' || a !== x || weight?.dims.length !== 2 || lowering.dims(x).length !== 2) {
    return undefined;
  }
  const nodes = [product];
  const follow = () => {
    const [next, ...others] = lowering.consumersOf(nodes.at(-1)!.outputs[0] as string);
    return others.length === 0 ? next : undefined;
  };
  let bias: readonly number[] | undefined;
  const added = follow();
  if (added?.operator === 'Add') {
    const addend = added.inputs.map((name) => lowering.weight(name)).find((tensor) => tensor !== undefined);
    if (addend?.data.length !== weight.dims[1]) return undefined;
    bias = Array.from(addend?.data as ArrayLike<number>, Number);
    nodes.push(added);
  }
  const reshape = follow();
  if (reshape?.operator !== 'Reshape') return undefined;
  nodes.push(reshape);
  const dims = lowering.dims(reshape.outputs[0] as string);
  const transpose = follow();
  const order = String(transpose?.attributes.get('perm'));
  const [output = ''] = transpose?.outputs ?? [];
  if (dims.length !== 3 || dims[0] !== lowering.dims(x)[0] || transpose?.operator !== 'Transpose') return undefined;
  if (!['1,0,2', '1,2,0'].includes(order) || !lowering.isWantedIn8Bits(output)) return undefined;
  nodes.push(transpose);
  return { nodes, weight, bias, dims, isTransposed: order === '1,2,0', output };
}
