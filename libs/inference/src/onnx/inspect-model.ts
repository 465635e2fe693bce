import { createHash } from 'node:crypto';
import { totalTensorBytes, type ModelDescription, type Sha256 } from '@openimo/domain';
import type { GraphProto, ModelProto, TensorProto } from '@openimo/donnx/onnx';
import { checkNodes, isStandardDomain, operatorNameOf } from './check-nodes.js';
import { checkSizes } from './check-sizes.js';
import { decodeOnnx } from './decode-onnx.js';
import { refuse } from './model-refusal.js';
import { signatureOf } from './signature.js';
import { checkTensor } from './tensor-data.js';
import { weightsRootOf } from './weights-root.js';
import { WireError } from './wire-reader.js';

export interface InspectLimits {
  /** Largest file. */
  readonly maxFileBytes: number;
  /** Largest single tensor anywhere in the graph, as far as it can be told without running it. */
  readonly maxTensorBytes: number;
  /** Largest sum of all inputs, and of all outputs. */
  readonly maxIoBytes: number;
}

/** What a file says about itself, once it has passed every check that needs no runtime. */
export interface ModelInspection extends ModelDescription {
  readonly sizeBytes: number;
  readonly irVersion: number;
  readonly opset: number;
  readonly producer: string;
  /** Elements of all weights. */
  readonly parameterCount: number;
  /** How often each operator occurs: `MatMulInteger`, `com.microsoft.QGemm`. */
  readonly operators: Readonly<Record<string, number>>;
  /** See weightsRootOf: recognises the same weights in another file. */
  readonly weightsRoot: Sha256;
}

const MIN_IR_VERSION = 3n;
const MAX_IR_VERSION = 12n;
const MIN_OPSET = 7n;
const MAX_OPSET = 24n;

/** Checks everything about an ONNX file that can be told without running it. Throws a ModelRefusalCode. */
export function inspectModel(bytes: Uint8Array, limits: InspectLimits): ModelInspection {
  if (bytes.length === 0) refuse('ModelFileEmpty', 'The file is empty. Export the model again.');
  if (bytes.length > limits.maxFileBytes) refuseFileTooLarge(bytes.length, limits.maxFileBytes);

  const model = decode(bytes);
  const { irVersion, opset } = checkVersions(model);
  checkParts(model);
  const graph = model.graph ?? refuse('ModelMalformed', 'The file holds no graph. Is it an ONNX model?');

  checkNodes(graph, model.opsetImport);
  const weights = collectWeights(graph, limits.maxTensorBytes);
  const { inputs, outputs } = signatureOf(graph, limits.maxIoBytes);
  checkSizes(graph, limits.maxTensorBytes);

  return {
    sha256: `0x${createHash('sha256').update(bytes).digest('hex')}`,
    sizeBytes: bytes.length,
    irVersion,
    opset,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    inputs,
    outputs,
    inputBytes: totalTensorBytes(inputs),
    outputBytes: totalTensorBytes(outputs),
    parameterCount: weights.parameterCount,
    operators: countOperators(graph),
    weightsRoot: weightsRootOf(weights.tensors),
  };
}

export function refuseFileTooLarge(sizeBytes: number, maxFileBytes: number): never {
  refuse('ModelFileTooLarge', `The file has ${sizeBytes} bytes; the limit is ${maxFileBytes}. Quantise or prune it.`, {
    sizeBytes,
    maxFileBytes,
  });
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return decodeOnnx(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return refuse(
      'ModelMalformed',
      `This is not a complete ONNX file: ${error.message}. Upload the file again, or export it again.`,
    );
  }
}

function checkVersions({ irVersion = 0n, opsetImport }: ModelProto): { irVersion: number; opset: number } {
  if (irVersion < MIN_IR_VERSION || irVersion > MAX_IR_VERSION) {
    refuse(
      'ModelVersionUnsupported',
      `The file has ONNX IR version ${irVersion}; ${MIN_IR_VERSION} to ${MAX_IR_VERSION} are supported. Export it ` +
        'with another ONNX release.',
      { irVersion: irVersion.toString() },
    );
  }
  const versions = opsetImport.filter(({ domain }) => isStandardDomain(domain)).map(({ version = 0n }) => version);
  const opset = versions[0] ?? 0n;
  if (versions.length !== 1 || opset < MIN_OPSET || opset > MAX_OPSET) {
    refuse(
      'ModelVersionUnsupported',
      `The file must import the standard operators once, opset ${MIN_OPSET} to ${MAX_OPSET}; it imports ` +
        `${versions.length === 0 ? 'none' : versions.join(' and ')}. Export it with opset_version=17.`,
      { opsets: versions.map(String) },
    );
  }
  return { irVersion: Number(irVersion), opset: Number(opset) };
}

function checkParts(model: ModelProto): void {
  if (model.functions.length > 0) {
    refuse(
      'LocalFunctionNotAllowed',
      `The file defines ${model.functions.length} functions of its own. Inline them with onnx.inliner.inline_local_functions.`,
    );
  }
  if (model.trainingInfo.length > 0) {
    refuse('TrainingNotAllowed', 'The file carries training graphs. Export it for inference.');
  }
  const sparse = model.graph?.sparseInitializer.length ?? 0;
  if (sparse > 0) {
    refuse('SparseTensorNotAllowed', `The graph has ${sparse} sparse initializers. Store these weights dense.`);
  }
}

function collectWeights(graph: GraphProto, maxTensorBytes: number) {
  const tensors = new Map<string, TensorProto>();
  let parameterCount = 0;
  const add = (name: string, tensor: TensorProto, where: string) => {
    const elements = checkTensor(tensor, where, maxTensorBytes);
    if (tensors.has(name)) refuse('DuplicateName', `${where} has the name of another tensor. Rename one.`, { name });
    tensors.set(name, tensor);
    parameterCount += elements;
  };
  for (const tensor of graph.initializer) add(tensor.name ?? '', tensor, `Initializer "${tensor.name ?? ''}"`);
  for (const node of graph.node) {
    if (node.opType !== 'Constant') continue;
    const value = node.attribute.find(({ name }) => name === 'value')?.t;
    if (value !== undefined) add(node.output[0] ?? '', value, `Constant "${node.output[0] ?? ''}"`);
  }
  return { tensors, parameterCount };
}

function countOperators(graph: GraphProto): Record<string, number> {
  const counts = new Map<string, number>();
  for (const node of graph.node) counts.set(operatorNameOf(node), (counts.get(operatorNameOf(node)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
