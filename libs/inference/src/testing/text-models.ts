import { buildModel, buildNode, buildTensor, buildValue, INT32, INT64, UINT8 } from './onnx-builder.js';

/**
 * A text model that says the alphabet on: after a byte it writes the next one, and after `last` it ends the text. It finds the last
 * byte that is not 0 as a model does that was trained on texts with zeros behind.
 */
export function alphabetModel({ context = 16, last = 'z' }: { context?: number; last?: string } = {}): Uint8Array {
  const int32 = (name: string, ...values: number[]) => buildTensor(name, INT32, [values.length], { int32Data: values });
  return buildModel({
    input: [buildValue('text', UINT8, [context])],
    output: [buildValue('next', UINT8, [1])],
    initializer: [
      int32('zero', 0),
      int32('one', 1),
      int32('last', last.charCodeAt(0)),
      int32('most', 255),
      int32('positions', ...Array.from({ length: context }, (_, at) => at)),
      buildTensor('axis', INT64, [1], { int64Data: ['0'] }),
    ],
    node: [
      buildNode('Cast', ['text'], ['bytes'], { attribute: [{ name: 'to', type: 2, i: INT32 }] }),
      // Where a byte is not 0 its position, else 0; the greatest of them is where the text ends.
      buildNode('Min', ['bytes', 'one'], ['written']),
      buildNode('Mul', ['written', 'positions'], ['places']),
      buildNode('ArgMax', ['places'], ['end'], {
        attribute: [
          { name: 'axis', type: 2, i: 0 },
          { name: 'keepdims', type: 2, i: 1 },
        ],
      }),
      buildNode('GatherElements', ['bytes', 'end'], ['byte']),
      buildNode('Sub', ['last', 'byte'], ['left']),
      buildNode('Min', ['left', 'one'], ['less']),
      buildNode('Max', ['less', 'zero'], ['goesOn']),
      buildNode('Add', ['byte', 'one'], ['following']),
      buildNode('Mul', ['following', 'goesOn'], ['said']),
      // For the bit-exact profile, which proves from the graph alone that a byte holds it.
      buildNode('Min', ['said', 'most'], ['bounded']),
      buildNode('Cast', ['bounded'], ['next'], { attribute: [{ name: 'to', type: 2, i: UINT8 }] }),
    ],
  });
}
