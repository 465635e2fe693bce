import type { TensorSpec } from '@openimo/domain';
import { compileModel } from '../model/compile-model.js';
import { encodeOnnx } from '../onnx/encode-onnx.js';
import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { centreStreams } from './centre-streams.js';
import type { Tensor } from '../tensor/tensor.js';
import { CARRIERS, FloatLowering, type Recipe } from './float-lowering.js';
import { FUNCTIONS } from './functions.js';
import { LINEAR } from './linear.js';
import { NORMALISE } from './normalise.js';
import type { Observation } from './observation.js';
import { undoQdq } from './undo-qdq.js';

/** How an FP32 input of the float model is written in bytes: real = (byte - zeroPoint) · scale. */
export interface InputEncoding {
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface FloatModel {
  readonly graph: PlainGraph;
  /** What every value was over the calibration data, by name. */
  readonly observations: ReadonlyMap<string, Observation>;
  /** For every FP32 input. */
  readonly encodings: Readonly<Record<string, InputEncoding>>;
}

/** One rounding per element, or none: these mean the same in the profile. */
const SAME = [
  ...['Sub', 'Mul', 'Div', 'Max', 'Min', 'Clip', 'Round', 'Floor', 'Ceil', 'Where'],
  ...['Reshape', 'Transpose', 'Split', 'Slice', 'Concat', 'Expand', 'Squeeze', 'Unsqueeze', 'Identity', 'Pad'],
  ...['Cast', 'ArgMax', 'ReduceMax'],
];

/** Further than any score, and within INT32 even as a distance. */
const FAR = 2 ** 28;

const same: Recipe = (lowering, node) => lowering.copy(node);

/** Moves 8-bit values as 8-bit values, where they exist in no other form. */
function carried(move: Recipe): Recipe {
  return (lowering, node) => {
    const [value = '', ...rest] = node.inputs;
    const [output = ''] = node.outputs;
    const held = lowering.only8Bits(value);
    if (!held) return move(lowering, node);
    const name = `${output}_8bits`;
    move(lowering, { ...node, inputs: [held.name, ...rest], outputs: [name] });
    lowering.remember(output, { ...held, name });
  };
}

/** Indices that come from outside are clipped; of computed ones the range analysis has to see that they fit. */
const gather: Recipe = (lowering, node) => {
  const [table = '', indices = ''] = node.inputs;
  const datatype = lowering.graph.inputs.find(({ name }) => name === indices)?.datatype;
  if (datatype === undefined) return same(lowering, node);
  const { dims } = lowering.observation(table);
  const count = dims.at(Number(node.attributes.get('axis') ?? 0)) as number;
  const bounds = [0, count - 1].map((bound) => lowering.constant(datatype, [], [bound]));
  const safe = lowering.emit('Clip', [indices, ...bounds]);
  lowering.copy({ ...node, inputs: [table, safe] });
};

const flatten: Recipe = (lowering, node) => {
  const [value = ''] = node.inputs;
  const rows = lowering.dims(lowering.current?.inputs[0] ?? value).slice(0, Number(node.attributes.get('axis') ?? 1));
  const first = rows.reduce((product, dim) => product * dim, 1);
  lowering.emit('Reshape', [value, lowering.shape([first, -1])], {}, node.outputs[0]);
};

/** A mask on scores is counted in the scores' own unit. */
const add: Recipe = (lowering, node) => {
  const [a = '', b = ''] = node.inputs;
  const unit = lowering.units.get(a) ?? lowering.units.get(b);
  if (unit === undefined) return same(lowering, node);
  const [output = ''] = node.outputs;
  const [value, mask] = lowering.units.has(a) ? [a, b] : [b, a];
  const { dims, data } = lowering.weight(mask) as Tensor;
  const inUnits = Array.from(data as ArrayLike<number>, (one) => Math.max(-FAR, Math.min(FAR, Math.round(one / unit))));
  lowering.emit('Add', [value, lowering.constant('INT32', dims, inUnits)], {}, output);
  lowering.units.set(output, unit);
};

const relu: Recipe = (lowering, node) => {
  const [value = ''] = node.inputs;
  const [output = ''] = node.outputs;
  if (lowering.isWantedIn8Bits(output))
    lowering.remember(output, lowering.quantiseAs(value, lowering.encodingOf(output)));
  else same(lowering, node);
};

const maxPool: Recipe = (lowering, node) => {
  const [output = ''] = node.outputs;
  const input = lowering.quantise(node.inputs[0] as string);
  const pooled = lowering.emit('MaxPool', [input.name], Object.fromEntries(node.attributes));
  if (lowering.isWantedIn8Bits(output)) {
    lowering.remember(output, { ...input, name: pooled });
    return;
  }
  const shifted = lowering.emit('Sub', [lowering.cast(pooled, 'FP32'), lowering.float(input.zeroPoint)]);
  lowering.emit('Mul', [shifted, lowering.float(input.scale)], {}, output);
};

const dropout: Recipe = (lowering, node) =>
  void lowering.emit('Identity', node.inputs.slice(0, 1), {}, node.outputs[0]);

export const RECIPES: Readonly<Record<string, Recipe>> = {
  ...Object.fromEntries(SAME.map((operator) => [operator, same])),
  ...Object.fromEntries(CARRIERS.map((operator) => [operator, carried(operator === 'Flatten' ? flatten : same)])),
  ...LINEAR,
  ...FUNCTIONS,
  ...NORMALISE,
  Add: add,
  Gather: gather,
  MaxPool: maxPool,
  Relu: relu,
  Dropout: dropout,
};

/**
 * Lowers a float32 or QDQ model to the profile: 8-bit products with exact integer sums, tables for functions, one rounding for
 * everything else. Inputs in FP32 become UINT8. The result is an ONNX file that the profile admits; what it refuses is
 * refused with the node and the remedy. How faithful it is, `compareOutputs` tells on held-back data.
 */
export function lowerFloatModel({ encodings, ...model }: FloatModel): Uint8Array {
  const { graph, observations } = undoQdq(centreStreams(model.graph), withInputs(model, encodings));
  const lowering = new FloatLowering(graph, observations);
  const inputs = graph.inputs.map((input) => encodeInput(lowering, input, encodings));
  for (const node of graph.nodes) {
    if (lowering.absorbed.has(node)) continue;
    lowering.begin(node);
    recipeOf(lowering, node)(lowering, node);
  }
  const lowered = withoutUnused({
    opset: graph.opset,
    inputs,
    outputs: graph.outputs,
    nodes: lowering.nodes,
    initializers: lowering.initializers,
  });
  const { outputs } = compileModel(lowered);
  return encodeOnnx(lowered, { outputs });
}

/** What is known of FP32 inputs without calibration: bytes reach no further than their encoding. */
function withInputs({ graph, observations }: Omit<FloatModel, 'encodings'>, encodings: FloatModel['encodings']) {
  const known = new Map(observations);
  for (const { name, datatype, shape } of graph.inputs) {
    const encoding = encodings[name];
    if (datatype !== 'FP32' || encoding === undefined || known.has(name)) continue;
    const [lo, hi] = [-encoding.zeroPoint * encoding.scale, (255 - encoding.zeroPoint) * encoding.scale];
    const each = (bound: number) => new Array<number>(shape.at(-1) ?? 1).fill(bound);
    known.set(name, { dims: shape, lo, hi, channels: { lo: each(lo), hi: each(hi) }, rowMean: Math.max(-lo, hi) });
  }
  return known;
}

/** What no output needs goes, such as the FP32 form of a value that is only read in 8 bits. */
function withoutUnused(graph: PlainGraph): PlainGraph {
  const used = new Set(graph.outputs);
  const nodes = graph.nodes.toReversed().filter(({ inputs, outputs }) => {
    const needed = outputs.some((name) => used.has(name));
    if (needed) for (const input of inputs) used.add(input);
    return needed;
  });
  const initializers = new Map([...graph.initializers].filter(([name]) => used.has(name)));
  return { ...graph, nodes: nodes.toReversed(), initializers };
}

function recipeOf(lowering: FloatLowering, { operator }: PlainNode): Recipe {
  if (!Object.hasOwn(RECIPES, operator)) {
    lowering.refuse('OperatorNotAllowed', `has no recipe. There are recipes for ${Object.keys(RECIPES).join(', ')}.`);
  }
  return RECIPES[operator] as Recipe;
}

/** FP32 inputs come as bytes of another name; the old name is what they stand for. */
function encodeInput(lowering: FloatLowering, input: TensorSpec, encodings: FloatModel['encodings']): TensorSpec {
  if (input.datatype !== 'FP32') return input;
  const { scale, zeroPoint } =
    encodings[input.name] ??
    lowering.refuse('DatatypeNotAllowed', `has the FP32 input "${input.name}". Say how bytes encode it.`);
  const bytes: TensorSpec = { ...input, name: `${input.name}_bytes`, datatype: 'UINT8' };
  const shifted = lowering.emit('Sub', [lowering.cast(bytes.name, 'FP32'), lowering.float(zeroPoint)]);
  lowering.emit('Mul', [shifted, lowering.float(scale)], {}, input.name);
  lowering.remember(input.name, { name: bytes.name, scale: Math.fround(scale), zeroPoint });
  return bytes;
}
