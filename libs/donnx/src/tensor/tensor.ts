import { datatypeBytes, type TensorDatatype } from '@openimo/domain';

export type TypedArray = Uint8Array | Int8Array | Int32Array | BigInt64Array | Float32Array;

/** One element as JavaScript holds it: INT64 as bigint, everything else as number. */
export type Scalar = number | bigint;

/** A tensor of fixed shape, row-major. `dims` of a scalar is `[]`. BOOL elements are 0 or 1. */
export interface Tensor {
  readonly datatype: TensorDatatype;
  readonly dims: readonly number[];
  readonly data: TypedArray;
}

/** A tensor of the profile is no larger; a small file cannot ask for more memory than this at a time. */
export const MAX_TENSOR_BYTES = 2 ** 28;

/** ONNX's numbers (TensorProto.DataType), also used in descriptors. */
export const DATATYPE_CODES: Readonly<Record<TensorDatatype, number>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  INT32: 6,
  INT64: 7,
  BOOL: 9,
};

const BY_CODE = new Map(Object.entries(DATATYPE_CODES).map(([name, code]) => [code, name as TensorDatatype]));

export function datatypeOfCode(code: number | undefined): TensorDatatype | undefined {
  return BY_CODE.get(code ?? 0);
}

export function allocate(datatype: TensorDatatype, elements: number): TypedArray {
  return typedView(datatype, new ArrayBuffer(elements * datatypeBytes(datatype)), 0, elements);
}

/** `elements` elements at `byteOffset`, which is a multiple of the element size. */
export function typedView(
  datatype: TensorDatatype,
  buffer: ArrayBufferLike,
  byteOffset: number,
  elements: number,
): TypedArray {
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return new Uint8Array(buffer, byteOffset, elements);
    case 'INT8':
      return new Int8Array(buffer, byteOffset, elements);
    case 'INT32':
      return new Int32Array(buffer, byteOffset, elements);
    case 'INT64':
      return new BigInt64Array(buffer, byteOffset, elements);
    case 'FP32':
      return new Float32Array(buffer, byteOffset, elements);
  }
}

/** `values` as a tensor's elements. */
export function tensorOf(datatype: TensorDatatype, dims: readonly number[], values: Iterable<Scalar>): Tensor {
  const data = allocate(datatype, productOf(dims));
  let index = 0;
  for (const value of values) data[index++] = (datatype === 'INT64' ? BigInt(value) : Number(value)) as never;
  return { datatype, dims, data };
}

export function productOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Strides of a row-major tensor, in units of `unit`. */
export function rowMajorStrides(dims: readonly number[], unit = 1): number[] {
  const strides = new Array<number>(dims.length);
  let stride = unit;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= dims[axis] as number;
  }
  return strides;
}
