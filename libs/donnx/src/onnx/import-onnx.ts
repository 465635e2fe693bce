import type { TensorSpec } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { datatypeOfCode, type Tensor } from '../tensor/tensor.js';
import { importDims, importTensor } from './import-tensor.js';
import { type Integer, type ModelMessage, ModelType, toBigInt } from './onnx-messages.js';
import type { AttributeProto, GraphProto, NodeProto, ValueInfoProto } from './onnx-schema.js';
import type { Attribute, PlainGraph, PlainNode } from './plain-graph.js';
import { checkWire } from './strict-wire.js';
import { sortTopologically } from './topology.js';

/** Operator set versions whose operators mean what the profile says. */
export const MIN_OPSET = 13;
export const MAX_OPSET = 21;

export interface ImportOptions {
  /** Admit FP32 inputs, as models have before they are lowered to the profile. */
  readonly floatInputs?: boolean;
}

/** Operators outside the standard that the profile has, with the version of their domain. */
const ADMITTED_CUSTOM: Readonly<Record<string, bigint>> = { 'com.microsoft.QGemm': 1n };

const STANDARD_DOMAINS: readonly (string | undefined)[] = [undefined, '', 'ai.onnx'];
const INPUT_DATATYPES = ['UINT8', 'INT32', 'INT64'];

/**
 * Reads an ONNX file into a plain graph: decoded strictly, in topological order, every input of fixed integer shape.
 * What the operators allow is checked when the graph is lowered.
 */
export function importOnnx(bytes: Uint8Array, { floatInputs = false }: ImportOptions = {}): PlainGraph {
  const model = decode(bytes);
  const { graph } = model;
  if (!graph) refuse('ModelMalformed', 'The file holds no graph. Export the model again.');
  if (model.functions.length > 0) {
    refuse('OperatorNotAllowed', 'The file defines functions of its own. Inline them before export.');
  }
  if (model.trainingInfo.length > 0 || graph.sparseInitializer.length > 0) {
    refuse(
      'ModelMalformed',
      'The file holds training parts or sparse weights. Export for inference, with dense weights.',
    );
  }
  const opset = standardOpset(model);
  const initializers = importInitializers(graph);
  const nodes = graph.node.map((node, index) => importNode(node, index, model));
  const inputs = graph.input
    .filter(({ name = '' }) => !initializers.has(name))
    .map((value) => importInput(value, floatInputs));
  const constants = nodes.filter(({ operator }) => operator === 'Constant');
  for (const node of constants) addInitializer(initializers, node.outputs[0] ?? '', constantOf(node));
  const rest = nodes.filter(({ operator }) => operator !== 'Constant');
  const outputs = graph.output.map(({ name = '' }) => name);
  if (inputs.length === 0 || outputs.length === 0) {
    refuse('ModelMalformed', 'The graph needs at least one input and one output.');
  }
  return { opset, inputs, outputs, nodes: sortTopologically(rest, inputs, initializers, outputs), initializers };
}

function decode(bytes: Uint8Array): ModelMessage {
  try {
    checkWire(ModelType, bytes);
    return ModelType.decode(bytes) as unknown as ModelMessage;
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && error.name !== 'DomainError')) {
      refuse('ModelMalformed', `The file is not an ONNX model: ${error.message}. Export it again.`);
    }
    throw error;
  }
}

function standardOpset({ opsetImport }: ModelMessage): number {
  const versions = opsetImport.filter(({ domain }) => STANDARD_DOMAINS.includes(domain)).map(({ version }) => version);
  const version = versions.length === 1 && versions[0] ? Number(toBigInt(versions[0])) : 0;
  if (version < MIN_OPSET || version > MAX_OPSET) {
    refuse(
      'OpsetNotSupported',
      `The model uses operator set ${version || 'none or several'}. Convert it to one from ${MIN_OPSET} to ${MAX_OPSET}.`,
      { version },
    );
  }
  return version;
}

function importInitializers(graph: GraphProto<Integer>): Map<string, Tensor> {
  const initializers = new Map<string, Tensor>();
  for (const tensor of graph.initializer) {
    const name = tensor.name ?? '';
    addInitializer(initializers, name, importTensor(tensor, `Tensor "${name}"`));
  }
  return initializers;
}

function addInitializer(initializers: Map<string, Tensor>, name: string, tensor: Tensor): void {
  if (name === '' || initializers.has(name)) {
    refuse('ModelMalformed', `Two tensors are called "${name}", or one has no name. Export the model again.`, { name });
  }
  initializers.set(name, tensor);
}

function importInput(value: ValueInfoProto<Integer>, floatInputs: boolean): TensorSpec {
  const name = value.name ?? '';
  const where = `Input "${name}"`;
  const type = value.type?.tensorType;
  const datatype = datatypeOfCode(type?.elemType);
  if (datatype === undefined || !(INPUT_DATATYPES.includes(datatype) || (floatInputs && datatype === 'FP32'))) {
    refuse(
      'DatatypeNotAllowed',
      `${where} is ${datatype ?? 'no plain tensor'}. Inputs are UINT8, INT32 or INT64: move scaling and tables into the graph.`,
      { where },
    );
  }
  const dims = type?.shape?.dim;
  if (dims === undefined || dims.some((dim) => !Object.hasOwn(dim, 'dimValue'))) {
    refuse('ShapeNotStatic', `${where} has an open dimension. Export the model with fixed input shapes.`, { where });
  }
  return {
    name,
    datatype,
    shape: importDims(
      dims.map(({ dimValue }) => dimValue as never),
      where,
    ),
  };
}

function importNode(node: NodeProto<Integer>, index: number, { opsetImport }: ModelMessage): PlainNode {
  const { name = '', domain, opType = '' } = node;
  const standard = STANDARD_DOMAINS.includes(domain);
  const operator = standard ? opType : `${domain}.${opType}`;
  const where = `Node ${name ? `"${name}"` : index} (${operator})`;
  const imported = opsetImport.filter((entry) => entry.domain === domain);
  const version = imported.length === 1 && imported[0]?.version ? toBigInt(imported[0].version) : undefined;
  if (
    !standard &&
    (ADMITTED_CUSTOM[operator] === undefined || ADMITTED_CUSTOM[operator] !== version || node.overload)
  ) {
    const admitted = Object.entries(ADMITTED_CUSTOM).map(([custom, at]) => `${custom} version ${at}`);
    refuse('DomainNotAllowed', `${where} is not a standard operator. Use standard ones, or ${admitted.join(', ')}.`, {
      where,
      domain,
    });
  }
  const attributes = new Map<string, Attribute>();
  for (const attribute of node.attribute) {
    const key = attribute.name ?? '';
    if (attributes.has(key)) refuse('ModelMalformed', `${where} has its attribute "${key}" twice.`, { where });
    attributes.set(key, importAttribute(attribute, where));
  }
  return { where, name, operator, inputs: node.input, outputs: node.output, attributes };
}

function importAttribute(attribute: AttributeProto<Integer>, where: string): Attribute {
  switch (attribute.type) {
    case 1:
      return attribute.f ?? 0;
    case 2:
      return attribute.i ? Number(toBigInt(attribute.i)) : 0;
    case 3:
      return new TextDecoder().decode(attribute.s);
    case 4:
      if (attribute.t) return importTensor(attribute.t, `The tensor of ${where}`);
      break;
    case 6:
      return attribute.floats;
    case 7:
      return attribute.ints.map((value) => Number(toBigInt(value)));
  }
  refuse(
    'AttributeNotAllowed',
    `${where} has an attribute "${attribute.name}" of a kind the profile does not have: no subgraphs, sparse tensors or lists of texts.`,
    { where },
  );
}

function constantOf(node: PlainNode): Tensor {
  const value = node.attributes.get('value');
  if (typeof value !== 'object' || !('datatype' in value)) {
    refuse('AttributeNotAllowed', `${node.where} has no dense tensor as its value. Make it an initializer.`, {
      where: node.where,
    });
  }
  return value;
}
