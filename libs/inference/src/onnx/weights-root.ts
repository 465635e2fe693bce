import { createHash } from 'node:crypto';
import type { Sha256 } from '@openimo/domain';
import type { TensorProto } from '@openimo/donnx/onnx';
import { canonicalTensorBytes } from './tensor-data.js';

/**
 * One hash over all weights, equal for two files that hold the same weights whatever their graphs, texts, encoding or
 * order. Two levels of sha256:
 *
 *     leaf = sha256(0x00 ‖ u32 name length ‖ name ‖ u32 datatype ‖ u32 rank ‖ u64 dims… ‖ canonical elements)
 *     root = sha256(0x01 ‖ leaves in order of their names' UTF-8 bytes)
 *
 * with little-endian integers and ONNX datatype numbers. Weights are the initializers and the tensors of Constant
 * nodes, the latter under the name of the node's output.
 */
export function weightsRootOf(weights: ReadonlyMap<string, TensorProto>): Sha256 {
  const leaves = [...weights]
    .map(([name, tensor]) => ({ name: Buffer.from(name), tensor }))
    .sort((a, b) => Buffer.compare(a.name, b.name))
    .map(({ name, tensor }) => leafOf(name, tensor));
  const root = createHash('sha256').update(Uint8Array.of(1));
  for (const leaf of leaves) root.update(leaf);
  return `0x${root.digest('hex')}`;
}

function leafOf(name: Buffer, tensor: TensorProto): Buffer {
  const dims = Buffer.alloc(8 * tensor.dims.length);
  tensor.dims.forEach((dim, index) => dims.writeBigUInt64LE(dim, 8 * index));
  return createHash('sha256')
    .update(Uint8Array.of(0))
    .update(uint32(name.length))
    .update(name)
    .update(uint32(tensor.dataType ?? 0))
    .update(uint32(tensor.dims.length))
    .update(dims)
    .update(canonicalTensorBytes(tensor))
    .digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
