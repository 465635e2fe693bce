import type { TensorSpec } from '../tensor/tensor.js';

/**
 * How many bytes a text model reads: it takes UINT8 [context] and answers UINT8 [1], the byte that follows.
 *
 * @returns undefined where the signature is another
 */
export function textContextOf({
  inputs,
  outputs,
}: {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}): number | undefined {
  const [input, noInput] = inputs;
  const [output, noOutput] = outputs;
  if (!input || !output || noInput || noOutput) return undefined;
  const isText = isBytes(input) && isBytes(output) && output.shape[0] === 1;
  return isText ? input.shape[0] : undefined;
}

const isBytes = ({ datatype, shape }: TensorSpec) => datatype === 'UINT8' && shape.length === 1;
