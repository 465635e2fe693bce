import type { ModelDescription, TensorDatatype } from '@openimo/domain';

/** The model metadata response of the Open Inference Protocol, version 2. */
export interface IoSchema {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: 'onnx_onnxruntime';
  readonly inputs: readonly IoTensor[];
  readonly outputs: readonly IoTensor[];
}

export interface IoTensor {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
}

/**
 * A model's signature as the Open Inference Protocol answers `GET /v2/models/{name}`.
 *
 * @example
 * ioSchema('digits', ['1'], await pool.describe(sha256));
 */
export function ioSchema(
  name: string,
  versions: readonly string[],
  { inputs, outputs }: Pick<ModelDescription, 'inputs' | 'outputs'>,
): IoSchema {
  const tensor = (spec: IoTensor): IoTensor => ({ name: spec.name, datatype: spec.datatype, shape: [...spec.shape] });
  return { name, versions, platform: 'onnx_onnxruntime', inputs: inputs.map(tensor), outputs: outputs.map(tensor) };
}
