import fc from 'fast-check';
import type { TensorDatatype, TensorSpec } from '@openimo/domain';
import { decodeTensors, encodeTensors } from './tensor-codec.js';

const spec = (name: string, datatype: TensorDatatype, shape: number[]): TensorSpec => ({ name, datatype, shape });
const bitsOf = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);

describe('encodeTensors', () => {
  it('writes tensors one after another, little-endian, without padding', () => {
    const bytes = encodeTensors(
      [Uint8Array.of(7), Int32Array.of(-2), BigInt64Array.of(1n), Int8Array.of(-1)],
      [spec('a', 'UINT8', [1]), spec('b', 'INT32', []), spec('c', 'INT64', [1, 1]), spec('d', 'INT8', [1])],
    );

    expect(Buffer.from(bytes).toString('hex')).toBe('07' + 'feffffff' + '0100000000000000' + 'ff');
  });

  it('writes -0 as +0 and leaves the smallest numbers around it', () => {
    const bytes = encodeTensors([Float32Array.of(-0, 0, -1e-45, 1e-45)], [spec('f', 'FP32', [4])]);

    expect(Buffer.from(bytes)).toEqual(bitsOf(0, 0, 0x80000001, 0x00000001));
  });

  it('writes every NaN as the same one and leaves infinities', () => {
    const floats = new Float32Array(Uint32Array.of(0x7f800001, 0xffc00000, 0xffffffff, 0x7f800000, 0xff800000).buffer);

    const bytes = encodeTensors([floats], [spec('f', 'FP32', [5])]);

    expect(Buffer.from(bytes)).toEqual(bitsOf(0x7fc00000, 0x7fc00000, 0x7fc00000, 0x7f800000, 0xff800000));
  });

  it('writes a BOOL as 0 or 1', () => {
    expect([...encodeTensors([Uint8Array.of(0, 1, 255)], [spec('b', 'BOOL', [3])])]).toEqual([0, 1, 1]);
  });

  it('changes none of the arrays it is given', () => {
    const floats = Float32Array.of(-0);
    encodeTensors([floats], [spec('f', 'FP32', [1])]);
    expect(Object.is(floats[0], -0)).toBe(true);
  });

  it('reads arrays that are windows on a larger buffer', () => {
    const window = Int32Array.of(1, 2, 3).subarray(1, 2);
    expect([...encodeTensors([window], [spec('w', 'INT32', [1])])]).toEqual([2, 0, 0, 0]);
  });

  it('refuses an array that has not the elements of its tensor', () => {
    const refusal = expect.objectContaining({
      code: 'WrongTensorLength',
      data: { tensor: 'a', expected: 2, actual: 1 },
    });
    expect(() => encodeTensors([Uint8Array.of(1)], [spec('a', 'UINT8', [2])])).toThrow(refusal);
  });
});

describe('decodeTensors', () => {
  it('undoes encodeTensors for canonical bytes of any signature', () => {
    const datatypes = ['UINT8', 'INT8', 'INT32', 'INT64'] as const;
    const specs = fc.array(
      fc.record({
        name: fc.string(),
        datatype: fc.constantFrom(...datatypes),
        shape: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
      }),
    );
    fc.assert(
      fc.property(specs, fc.infiniteStream(fc.nat(255)), (signature, stream) => {
        const length = signature.reduce((sum, { datatype, shape }) => {
          const width = { UINT8: 1, INT8: 1, INT32: 4, INT64: 8 }[datatype];
          return sum + shape.reduce((product, dim) => product * dim, width);
        }, 0);
        const bytes = Uint8Array.from({ length }, () => stream.next().value as number);

        expect(encodeTensors(decodeTensors(bytes, signature), signature)).toEqual(bytes);
      }),
    );
  });

  it('reads bytes at any offset of a larger buffer, into copies', () => {
    for (const bytes of [Uint8Array.of(9, 1, 0, 0, 0, 9), Buffer.from([9, 1, 0, 0, 0, 9])]) {
      const [tensor] = decodeTensors(bytes.subarray(1, 5), [spec('a', 'INT32', [1])]);
      bytes[1] = 5;

      expect(tensor).toEqual(Int32Array.of(1));
    }
  });

  it('refuses another length and says what the model takes', () => {
    const specs = [spec('pixels', 'UINT8', [1, 64])];
    expect(() => decodeTensors(new Uint8Array(63), specs)).toThrow('The model takes 64 bytes (pixels UINT8 [1, 64])');
    expect(() => decodeTensors(new Uint8Array(65), specs)).toThrow(
      expect.objectContaining({ code: 'WrongInputLength', data: { expected: 64, actual: 65 } }),
    );
  });
});
