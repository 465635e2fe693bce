import type { TensorSpec } from '../tensor/tensor.js';
import { textContextOf } from './text-model.js';

const tensor = (datatype: TensorSpec['datatype'], ...shape: number[]): TensorSpec => ({ name: 't', datatype, shape });
const text = tensor('UINT8', 64);
const next = tensor('UINT8', 1);

describe('textContextOf', () => {
  it('is the length of the bytes that a model reads to say the next', () => {
    expect(textContextOf({ inputs: [text], outputs: [next] })).toBe(64);
  });

  it.each([
    ['reads something else than bytes', [tensor('INT32', 64)], [next]],
    ['reads a table', [tensor('UINT8', 1, 64)], [next]],
    ['reads two tensors', [text, text], [next]],
    ['reads nothing', [], [next]],
    ['answers several bytes', [text], [tensor('UINT8', 2)]],
    ['answers something else than a byte', [text], [tensor('INT64', 1)]],
    ['answers a scalar', [text], [tensor('UINT8')]],
    ['answers two tensors', [text], [next, next]],
  ])('is undefined for a model that %s', (_, inputs, outputs) => {
    expect(textContextOf({ inputs, outputs })).toBeUndefined();
  });
});
