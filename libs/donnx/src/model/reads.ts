import { readScalar } from '../tensor/canonical.js';
import type { OperandReads, Step, StepInput } from '../steps/step.js';
import { bytesOf, type Trace } from './execute.js';

/** Reads operands straight from a whole trace. */
export function traceReads(step: Step, trace: Trace, constants: readonly Uint8Array[]): OperandReads {
  const views = step.inputs.map(({ source }) => {
    const bytes = bytesOf(source, trace, constants);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  });
  return {
    scalar: (input, address) =>
      readScalar(views[input] as DataView, address, (step.inputs[input] as StepInput).datatype),
    bytes(input, address, length) {
      const { buffer, byteOffset } = views[input] as DataView;
      return new DataView(buffer, byteOffset + address, length);
    },
  };
}
