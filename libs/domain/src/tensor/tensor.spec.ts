import { tensorBytes, totalTensorBytes } from './tensor.js';

describe('tensorBytes', () => {
  it('is elements times element size, with a scalar as one element', () => {
    expect(tensorBytes({ datatype: 'UINT8', shape: [1, 64] })).toBe(64);
    expect(tensorBytes({ datatype: 'INT64', shape: [] })).toBe(8);
    expect(tensorBytes({ datatype: 'FP32', shape: [2, 3] })).toBe(24);
  });

  it('adds up over the tensors of a signature', () => {
    expect(
      totalTensorBytes([
        { datatype: 'INT64', shape: [1] },
        { datatype: 'INT32', shape: [1, 10] },
      ]),
    ).toBe(48);
  });
});
