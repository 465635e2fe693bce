import { tensorBytes, type TensorDatatype, type TensorSpec } from '@openimo/domain';
import type { GraphProto, ValueInfoProto } from '@openimo/donnx/onnx';
import { refuse } from './model-refusal.js';
import { DATATYPES, refuseTooLarge } from './tensor-data.js';

const INPUT_DATATYPES: Readonly<Record<number, TensorDatatype>> = { 2: 'UINT8', 6: 'INT32', 7: 'INT64' };
const OUTPUT_DATATYPES: Readonly<Record<number, TensorDatatype>> = {
  ...INPUT_DATATYPES,
  1: 'FP32',
  3: 'INT8',
  9: 'BOOL',
};

/** Inputs and outputs in graph order. Inputs must be integers, and every shape fixed, so that bytes have one meaning. */
export function signatureOf(graph: GraphProto, maxIoBytes: number): { inputs: TensorSpec[]; outputs: TensorSpec[] } {
  const initialized = new Set(graph.initializer.map(({ name = '' }) => name));
  const inputs = graph.input.filter(({ name = '' }) => !initialized.has(name)).map(inputSpec);
  const outputs = graph.output.map(outputSpec);
  if (inputs.length === 0) refuse('NoInputs', 'The graph takes no input. Declare what it computes on as an input.');
  if (outputs.length === 0) refuse('NoOutputs', 'The graph gives no output. Declare its result as an output.');
  checkNames(inputs, 'Input');
  checkNames(outputs, 'Output');
  checkTotal(inputs, 'All inputs together', maxIoBytes);
  checkTotal(outputs, 'All outputs together', maxIoBytes);
  return { inputs, outputs };
}

function inputSpec(value: ValueInfoProto): TensorSpec {
  const where = `Input "${value.name ?? ''}"`;
  const datatype = INPUT_DATATYPES[elementTypeOf(value)];
  if (datatype === undefined) {
    refuse(
      'InputNotInteger',
      `${where} is ${datatypeNameOf(value)}. Inputs must be UINT8, INT32 or INT64: take integers and put the scaling ` +
        '(Cast, Mul, Sub) into the graph.',
      { input: value.name ?? '', datatype: datatypeNameOf(value) },
    );
  }
  const shape = fixedShape(value);
  if (shape === undefined) {
    refuse(
      'InputShapeNotFixed',
      `${where} has the shape ${shapeText(value)}. Give every dimension a number: export without dynamic axes, or fix ` +
        'them with python -m onnxruntime.tools.make_dynamic_shape_fixed.',
      { input: value.name ?? '', shape: shapeText(value) },
    );
  }
  return { name: value.name ?? '', datatype, shape };
}

function outputSpec(value: ValueInfoProto): TensorSpec {
  const where = `Output "${value.name ?? ''}"`;
  const datatype = OUTPUT_DATATYPES[elementTypeOf(value)];
  if (datatype === undefined) {
    refuse(
      'OutputDatatypeNotAllowed',
      `${where} is ${datatypeNameOf(value)}. Cast it to one of ${Object.values(OUTPUT_DATATYPES).join(', ')}.`,
      { output: value.name ?? '', datatype: datatypeNameOf(value) },
    );
  }
  const shape = fixedShape(value);
  if (shape === undefined) {
    refuse(
      'OutputShapeNotFixed',
      `${where} has the shape ${shapeText(value)}. Give every dimension a number: fix the inputs' shapes and run ` +
        'onnx.shape_inference.infer_shapes.',
      { output: value.name ?? '', shape: shapeText(value) },
    );
  }
  return { name: value.name ?? '', datatype, shape };
}

/** The element type's number, or 0 for what is not a tensor. */
function elementTypeOf({ type }: ValueInfoProto): number {
  const others = [type?.sequenceType, type?.mapType, type?.opaqueType, type?.sparseTensorType, type?.optionalType];
  return others.some((other) => other !== undefined) ? 0 : (type?.tensorType?.elemType ?? 0);
}

function datatypeNameOf(value: ValueInfoProto): string {
  return DATATYPES[elementTypeOf(value)]?.name ?? 'not a plain tensor of numbers';
}

/** The shape if every dimension is a positive number and nothing else. */
function fixedShape({ type }: ValueInfoProto): number[] | undefined {
  const dims = type?.tensorType?.shape?.dim;
  const fixed = dims?.every(
    ({ dimValue = 0n, dimParam }) =>
      dimParam === undefined && dimValue > 0n && dimValue <= BigInt(Number.MAX_SAFE_INTEGER),
  );
  return fixed ? dims?.map(({ dimValue }) => Number(dimValue)) : undefined;
}

function shapeText({ type }: ValueInfoProto): string {
  const dims = type?.tensorType?.shape?.dim;
  if (dims === undefined) return 'unknown';
  return `[${dims.map(({ dimValue, dimParam }) => dimParam ?? dimValue ?? '?').join(', ')}]`;
}

function checkNames(specs: readonly TensorSpec[], kind: string): void {
  const seen = new Set<string>();
  for (const { name } of specs) {
    if (name === '') refuse('ModelMalformed', `${kind} without a name. Export the model again.`);
    if (seen.has(name)) refuse('DuplicateName', `${kind} "${name}" occurs twice. Rename one.`, { name });
    seen.add(name);
  }
}

function checkTotal(specs: readonly TensorSpec[], where: string, maxBytes: number): void {
  // Shapes may multiply beyond what a JS number holds.
  const total = specs.reduce((sum, spec) => {
    const width = BigInt(tensorBytes({ datatype: spec.datatype, shape: [] }));
    return sum + spec.shape.reduce((product, dim) => product * BigInt(dim), width);
  }, 0n);
  if (total > BigInt(maxBytes)) refuseTooLarge(where, total, maxBytes);
}
