/** Tensor datatypes that cross our borders, as the Open Inference Protocol (v2) writes them. */
export type TensorDatatype = 'BOOL' | 'UINT8' | 'INT8' | 'INT32' | 'INT64' | 'FP32';

/** A tensor of fixed shape, in the terms of the Open Inference Protocol (v2) model metadata. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: TensorDatatype;
  /** Every dimension is a positive integer; `[]` is a scalar. */
  readonly shape: readonly number[];
}

const DATATYPE_BYTES: Readonly<Record<TensorDatatype, number>> = {
  BOOL: 1,
  UINT8: 1,
  INT8: 1,
  INT32: 4,
  INT64: 8,
  FP32: 4,
};

/** Bytes of one element in canonical form. */
export function datatypeBytes(datatype: TensorDatatype): number {
  return DATATYPE_BYTES[datatype];
}

/** Number of elements; 1 for a scalar. */
export function tensorElements(spec: Pick<TensorSpec, 'shape'>): number {
  return spec.shape.reduce((product, dimension) => product * dimension, 1);
}

/** Length of the tensor's canonical bytes: row-major, little-endian, no padding. */
export function tensorBytes(spec: Pick<TensorSpec, 'datatype' | 'shape'>): number {
  return tensorElements(spec) * datatypeBytes(spec.datatype);
}

/** Length of several tensors written one after another. */
export function totalTensorBytes(specs: readonly Pick<TensorSpec, 'datatype' | 'shape'>[]): number {
  return specs.reduce((sum, spec) => sum + tensorBytes(spec), 0);
}
