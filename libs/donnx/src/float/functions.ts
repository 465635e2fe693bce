import type { FloatLowering, Quantised, Recipe } from './float-lowering.js';

const ENTRIES = 4096;

/** Abramowitz and Stegun 7.1.26, to 1.5e-7: the table's own step is coarser. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * A function of one number as a table: of 256 entries where its operand exists in 8 bits only, else of 4,096 over the
 * range that its operand had in the calibration data.
 */
function byTable(lowering: FloatLowering, value: string, compute: (x: number) => number, output: string): void {
  const operand = lowering.only8Bits(value);
  if (operand) byteTable(lowering, operand, lowering.dims(value), compute, output);
  else fineTable(lowering, value, compute, output);
}

function byteTable(
  lowering: FloatLowering,
  { name, scale, zeroPoint }: Quantised,
  dims: readonly number[],
  compute: (x: number) => number,
  output: string,
): void {
  const table = Array.from({ length: 256 }, (_, at) => compute((at - zeroPoint) * scale));
  const index = lowering.cast(name, 'INT32');
  if (!lowering.isWantedIn8Bits(output)) {
    lowering.lookUp(index, dims, table, output);
    return;
  }
  const encoding = lowering.encodingOf(output);
  const bytes = table.map((real) => Math.min(255, Math.max(0, Math.round(real / encoding.scale) + encoding.zeroPoint)));
  lowering.remember(output, { ...encoding, name: lowering.lookUp(index, dims, bytes, undefined, 'UINT8') });
}

function fineTable(lowering: FloatLowering, value: string, compute: (x: number) => number, output: string): void {
  const { lo, hi, dims } = lowering.observation(value);
  const step = (hi - lo || 1) / (ENTRIES - 1);
  const shifted = lowering.emit('Sub', [value, lowering.float(lo)]);
  const index = lowering.cast(lowering.rounded(shifted, step, 0, ENTRIES - 1), 'INT32');
  const table = Array.from({ length: ENTRIES }, (_, at) => compute(lo + at * step));
  lowering.lookUp(index, dims, table, output);
}

function unary(compute: (x: number) => number): Recipe {
  return (lowering, { inputs: [value = ''], outputs: [output = ''] }) => byTable(lowering, value, compute, output);
}

const gelu: Recipe = (lowering, node) => {
  const rough = node.attributes.get('approximate') === 'tanh';
  const compute = rough
    ? (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
    : (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2));
  byTable(lowering, node.inputs[0] as string, compute, node.outputs[0] as string);
};

const pow: Recipe = (lowering, { inputs: [value = '', by = ''], outputs: [output = ''] }) => {
  const exponent = lowering.weight(by) ?? lowering.refuse('NotConstant', 'raises to a computed power.');
  const power = Number(exponent.data[0]);
  if (power === 2) lowering.emit('Mul', [value, value], {}, output);
  else byTable(lowering, value, (x) => x ** power, output);
};

export const FUNCTIONS: Readonly<Record<string, Recipe>> = {
  Erf: unary(erf),
  Exp: unary(Math.exp),
  Sigmoid: unary(sigmoid),
  Sqrt: unary((x) => Math.sqrt(Math.max(0, x))),
  Tanh: unary(Math.tanh),
  Gelu: gelu,
  Pow: pow,
};
