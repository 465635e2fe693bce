import type { TensorSpec } from '@openimo/domain';
import { DATATYPE_CODES, type Tensor } from '../tensor/tensor.js';
import { ModelType } from './onnx-messages.js';
import type { Attribute, PlainGraph, PlainNode } from './plain-graph.js';

export interface EncodeOptions {
  readonly producer?: string;
  /** The outputs; without a type, a runtime infers it. */
  readonly outputs: readonly (TensorSpec | Pick<TensorSpec, 'name'>)[];
}

const CUSTOM_DOMAIN = 'com.microsoft';

/** Writes a plain graph as an ONNX file. The same graph gives the same bytes. */
export function encodeOnnx(graph: PlainGraph, { producer = 'openimo-donnx', outputs }: EncodeOptions): Uint8Array {
  const custom = graph.nodes.some(({ operator }) => operator.startsWith(`${CUSTOM_DOMAIN}.`));
  const message = ModelType.fromObject({
    irVersion: 8,
    producerName: producer,
    opsetImport: [{ domain: '', version: graph.opset }, ...(custom ? [{ domain: CUSTOM_DOMAIN, version: 1 }] : [])],
    graph: {
      name: 'donnx',
      node: graph.nodes.map(encodeNode),
      initializer: [...graph.initializers].map(([name, tensor]) => ({ name, ...encodeTensor(tensor) })),
      input: graph.inputs.map(encodeValue),
      output: outputs.map(encodeValue),
    },
  });
  return ModelType.encode(message).finish();
}

function encodeNode({ name, operator, inputs, outputs, attributes }: PlainNode): object {
  const custom = operator.startsWith(`${CUSTOM_DOMAIN}.`);
  return {
    name,
    opType: custom ? operator.slice(CUSTOM_DOMAIN.length + 1) : operator,
    ...(custom ? { domain: CUSTOM_DOMAIN } : {}),
    input: inputs,
    output: outputs,
    attribute: [...attributes].map(([key, value]) => ({ name: key, ...encodeAttribute(key, value) })),
  };
}

/** Attributes of the profile's operators that are floats; every other number is an integer. */
const FLOAT_ATTRIBUTES = new Set(['alpha']);

function encodeAttribute(name: string, value: Attribute): object {
  if (typeof value === 'string') return { type: 3, s: new TextEncoder().encode(value) };
  if (typeof value === 'number') return FLOAT_ATTRIBUTES.has(name) ? { type: 1, f: value } : { type: 2, i: value };
  if ('datatype' in value) return { type: 4, t: encodeTensor(value) };
  return { type: 7, ints: value };
}

function encodeTensor({ datatype, dims, data }: Tensor): object {
  return {
    dims,
    dataType: DATATYPE_CODES[datatype],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function encodeValue(value: TensorSpec | Pick<TensorSpec, 'name'>): object {
  if (!('datatype' in value)) return value;
  const { name, datatype, shape } = value;
  const dim = shape.map((size) => ({ dimValue: size }));
  return { name, type: { tensorType: { elemType: DATATYPE_CODES[datatype], shape: { dim } } } };
}
