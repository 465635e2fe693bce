import type { Step, StepGraph } from '@openimo/donnx';
import { datatypeBytes, type TensorDatatype, tensorElements } from '@openimo/domain';
import { bytesToHex, type Hex } from 'viem';

/** The first element in which two tensors differ, with its bytes on either side. */
export interface ElementDifference {
  readonly node: number;
  /** What the model's author calls it. */
  readonly where: string;
  readonly datatype: TensorDatatype;
  /** Of the node's tensor, in row-major order. */
  readonly element: number;
  readonly asserted: Hex;
  readonly expected: Hex;
}

/**
 * The first difference between what is claimed of a node's tensor and what it is. The tensor of the answer is bytes; of it, the
 * model's own output and element are named.
 *
 * @param from where the bytes begin in the node's tensor
 */
export function firstDifference(
  graph: StepGraph,
  node: number,
  asserted: Uint8Array,
  expected: Uint8Array,
  from = 0,
): ElementDifference | undefined {
  const end = Math.max(asserted.length, expected.length);
  let at = 0;
  while (at < end && asserted[at] === expected[at]) at++;
  if (at === end) return undefined;
  const { start, size, ...place } =
    node === graph.outNode ? outputAt(graph, from + at) : elementAt(graph, node, from + at);
  const cut = (bytes: Uint8Array) => bytesToHex(bytes.subarray(Math.max(0, start - from), start - from + size));
  return { node, ...place, asserted: cut(asserted), expected: cut(expected) };
}

interface Place extends Pick<ElementDifference, 'where' | 'datatype' | 'element'> {
  /** Of the element's bytes in the node's tensor. */
  readonly start: number;
  readonly size: number;
}

function elementAt({ steps }: StepGraph, node: number, byte: number): Place {
  const { datatype, where } = steps[node] as Step;
  const size = datatypeBytes(datatype);
  const element = Math.floor(byte / size);
  return { where, datatype, element, start: element * size, size };
}

/** The outputs lie one behind the other. */
function outputAt({ outputs }: StepGraph, byte: number): Place {
  let offset = 0;
  for (const output of outputs) {
    const size = datatypeBytes(output.datatype);
    const bytes = tensorElements(output) * size;
    if (byte < offset + bytes) {
      const element = Math.floor((byte - offset) / size);
      const { datatype, name } = output;
      return { where: `output "${name}"`, datatype, element, start: offset + element * size, size };
    }
    offset += bytes;
  }
  return { where: 'behind the outputs', datatype: 'UINT8', element: byte, start: byte, size: 1 };
}
