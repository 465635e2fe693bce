import type { TensorDatatype } from '@openimo/domain';
import { MAX_DOT_LENGTH, MAX_REDUCE_LENGTH, Opcode, type Step } from './step.js';

/** Datatypes that a result or an operand may have; SAME is that of the result. */
type Datatypes = readonly TensorDatatype[] | typeof SAME;

interface Signature {
  readonly result: readonly TensorDatatype[];
  readonly operands: readonly Datatypes[];
}

const SAME = 'same';
/** A byte's zero point is no farther from zero. */
const MAX_ZERO_POINT = 255;
/** As many as a descriptor can count. */
const MAX_OPERANDS = 255;
const BYTES = ['UINT8', 'INT8'] as const;
const NUMBERS = ['INT32', 'FP32'] as const;
const COMPARED = [...NUMBERS, ...BYTES] as const;
const ORDERED = [...COMPARED, 'INT64'] as const;
const ANY = [...ORDERED, 'BOOL'] as const;

const ARITHMETIC: Signature = { result: NUMBERS, operands: [SAME, SAME] };
const ORDER: Signature = { result: ORDERED, operands: [SAME, SAME] };
const ROUNDING: Signature = { result: ['FP32'], operands: [SAME] };

/** The table of SPEC.md, section 5. The verifier refuses steps that are not in it, so no model may have one. */
const SIGNATURES: Readonly<Record<Opcode, Signature>> = {
  [Opcode.Input]: { result: ['UINT8'], operands: [] },
  // As many operands as it likes, but for none.
  [Opcode.Concat]: { result: ANY, operands: [SAME] },
  [Opcode.Dot]: { result: ['INT32'], operands: [BYTES, BYTES] },
  [Opcode.Sum]: { result: NUMBERS, operands: [SAME] },
  [Opcode.SumSquare]: { result: ['INT32'], operands: [SAME] },
  [Opcode.MaxOf]: { result: COMPARED, operands: [SAME] },
  [Opcode.ArgMax]: { result: ['INT64'], operands: [COMPARED] },
  [Opcode.Gather]: { result: ANY, operands: [['INT32', 'INT64'], SAME] },
  [Opcode.Select]: { result: ANY, operands: [['BOOL'], SAME, SAME] },
  [Opcode.Clip]: { result: ORDERED, operands: [SAME, SAME, SAME] },
  [Opcode.Add]: ARITHMETIC,
  [Opcode.Sub]: ARITHMETIC,
  [Opcode.Mul]: ARITHMETIC,
  [Opcode.Div]: ARITHMETIC,
  [Opcode.Min]: ORDER,
  [Opcode.Max]: ORDER,
  [Opcode.Round]: ROUNDING,
  [Opcode.Floor]: ROUNDING,
  [Opcode.Ceil]: ROUNDING,
  [Opcode.Cast]: { result: ANY, operands: [ANY] },
  [Opcode.Quantize]: { result: BYTES, operands: [['FP32'], ['FP32']] },
  [Opcode.Dequantize]: { result: ['FP32'], operands: [BYTES, ['FP32']] },
  [Opcode.Requantize]: { result: BYTES, operands: [['INT32'], ['FP32']] },
};

/** What of a step's operands, datatypes and length no verifier would take; undefined where it takes them all. */
export function signatureFault(
  step: Pick<Step, 'op' | 'datatype' | 'length' | 'params' | 'inputs'>,
): string | undefined {
  const { op, datatype, length, params, inputs } = step;
  const { result, operands } = SIGNATURES[op];
  const isCountable = inputs.length >= 1 && inputs.length <= MAX_OPERANDS;
  if (op === Opcode.Concat ? !isCountable : inputs.length !== operands.length) {
    return `has ${inputs.length} operands`;
  }
  if (!result.includes(datatype)) return `makes ${datatype}`;
  const wrong = inputs.find(({ datatype: read }, at) => {
    const allowed = operands[op === Opcode.Concat ? 0 : at] as Datatypes;
    return allowed === SAME ? read !== datatype : !allowed.includes(read);
  });
  if (wrong !== undefined) return `reads ${wrong.datatype} and makes ${datatype}`;
  const far = params.slice(0, 2).find((point) => Math.abs(point) > MAX_ZERO_POINT);
  if (op === Opcode.Dot && far !== undefined) return `has a zero point of ${far}`;
  const most = mostReduced(op);
  return most !== undefined && (length < 1 || length > most) ? `reduces ${length} elements at a time` : undefined;
}

/** The longest row that an element may reduce; undefined for operations that reduce nothing. */
function mostReduced(op: Opcode): number | undefined {
  switch (op) {
    case Opcode.Dot:
      return MAX_DOT_LENGTH;
    case Opcode.Sum:
    case Opcode.SumSquare:
    case Opcode.MaxOf:
      return MAX_REDUCE_LENGTH;
    case Opcode.ArgMax:
      return Infinity;
    default:
      return undefined;
  }
}
