import { restride } from '../lowering/value.js';
import { Opcode } from '../steps/step.js';
import type { Operator } from './operator.js';

const INDICES = ['INT32', 'INT64'] as const;

const gather: Operator = {
  inputs: [2, 2],
  attributes: ['axis'],
  lower(node) {
    const [table, indices] = [node.input(0), node.input(1)];
    node.requireDatatype(indices, INDICES, 'Cast the indices to INT64.');
    const axis = node.axis(node.integer('axis', 0), table.dims.length);
    const dims = [...table.dims.slice(0, axis), ...indices.dims, ...table.dims.slice(axis + 1)];
    const none = indices.dims.map(() => 0);
    const rows = restride(table, dims, [...table.strides.slice(0, axis), ...none, ...table.strides.slice(axis + 1)]);
    const before = table.dims.slice(0, axis).map(() => 0);
    const after = table.dims.slice(axis + 1).map(() => 0);
    const at = restride(indices, dims, [...before, ...indices.strides, ...after]);
    const params = [table.strides[axis] as number, table.dims[axis] as number, 0] as const;
    return [node.builder.emit(Opcode.Gather, table.datatype, dims, [at, rows], { params })];
  },
};

const gatherElements: Operator = {
  inputs: [2, 2],
  attributes: ['axis'],
  lower(node) {
    const [table, indices] = [node.input(0), node.input(1)];
    node.requireDatatype(indices, INDICES, 'Cast the indices to INT64.');
    const rank = table.dims.length;
    if (indices.dims.length !== rank) node.refuse('ShapeMismatch', 'has indices with other axes than its table.');
    const axis = node.axis(node.integer('axis', 0), rank);
    if (indices.dims.some((dim, at) => at !== axis && dim > (table.dims[at] as number))) {
      node.refuse(
        'ShapeMismatch',
        `looks up [${indices.dims.join(', ')}] indices in a table of [${table.dims.join(', ')}].`,
      );
    }
    const rows = restride(table, indices.dims, table.strides.with(axis, 0));
    const params = [table.strides[axis] as number, table.dims[axis] as number, 0] as const;
    return [node.builder.emit(Opcode.Gather, table.datatype, indices.dims, [indices, rows], { params })];
  },
};

export const LOOKUP: Readonly<Record<string, Operator>> = { Gather: gather, GatherElements: gatherElements };
