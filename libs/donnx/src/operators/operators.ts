import { ELEMENTWISE } from './elementwise.js';
import { INTEGER_REDUCTION } from './integer-reduction.js';
import { LOOKUP } from './lookup.js';
import { MOVEMENT } from './movement.js';
import type { Operator } from './operator.js';
import { REDUCTION } from './reduction.js';
import { REQUANTISE } from './requantise.js';

/** Every operator of the profile, under its ONNX name. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  ...INTEGER_REDUCTION,
  ...REQUANTISE,
  ...ELEMENTWISE,
  ...REDUCTION,
  ...LOOKUP,
  ...MOVEMENT,
};

/** What to do about operators that a float model has. */
const REMEDIES: Readonly<Record<string, string>> = {
  MatMul: 'Quantise it to MatMulInteger.',
  Gemm: 'Quantise it to MatMulInteger or com.microsoft.QGemm.',
  Conv: 'Quantise it to QLinearConv.',
  Softmax: 'Replace it by ReduceMax, Sub, a table of exponentials, ReduceSum and Div.',
  LayerNormalization: 'Replace it by integer sums and a table of reciprocal roots.',
  Sqrt: 'Older builds do not round it correctly: use a table and one Newton step.',
  Sigmoid: 'Replace it by a table of 256 entries.',
  Tanh: 'Replace it by a table of 256 entries.',
  Erf: 'Replace it by a table of 256 entries.',
  Exp: 'Replace it by a table.',
  Gelu: 'Replace it by a table of 256 entries.',
  DynamicQuantizeLinear: 'Use QuantizeLinear with a calibrated scale.',
  GlobalAveragePool: 'Use ReduceSum on INT32 and a scale.',
  AveragePool: 'Use ReduceSum on INT32 and a scale.',
  Loop: 'Unroll it.',
  Scan: 'Unroll it.',
  If: 'Compute both sides and choose with Where.',
};

export function remedyFor(operator: string): string {
  return REMEDIES[operator] ?? `Use the operators of the profile: ${Object.keys(OPERATORS).join(', ')}.`;
}
