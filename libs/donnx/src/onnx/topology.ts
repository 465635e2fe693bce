import type { TensorSpec } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import type { Tensor } from '../tensor/tensor.js';
import type { PlainNode } from './plain-graph.js';

/**
 * The nodes such that each comes after those it reads from; among those that are free to go, the first in the file goes
 * first, so a sorted file keeps its order. Refuses values that nobody or two nodes make, and cycles.
 */
export function sortTopologically(
  nodes: readonly PlainNode[],
  inputs: readonly TensorSpec[],
  initializers: ReadonlyMap<string, Tensor>,
  outputs: readonly string[],
): PlainNode[] {
  const known = new Set(initializers.keys());
  for (const { name } of inputs) define(known, name, `Input "${name}"`);
  const makers = new Map<string, PlainNode>();
  const made = new Set(known);
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      define(made, output, node.where);
      makers.set(output, node);
    }
  }
  const missing = outputs.find((output) => !made.has(output));
  if (missing !== undefined) refuse('ModelMalformed', `Nothing makes the output "${missing}".`, { name: missing });

  const sorted: PlainNode[] = [];
  const state = new Map<PlainNode, 'open' | 'done'>();
  // A stack of our own: graphs are deeper than JavaScript's.
  for (const first of nodes) {
    const stack = [first];
    while (stack.length > 0) {
      const node = stack.at(-1) as PlainNode;
      if (state.get(node) === 'done') {
        stack.pop();
        continue;
      }
      state.set(node, 'open');
      const before = node.inputs
        .filter((input) => input !== '' && !known.has(input))
        .map((input) => maker(makers, input, node));
      const waiting = before.filter((other) => state.get(other) !== 'done');
      if (waiting.some((other) => state.get(other) === 'open')) {
        refuse('ModelMalformed', `${node.where} depends on itself.`, { where: node.where });
      }
      if (waiting.length > 0) {
        stack.push(...waiting.reverse());
        continue;
      }
      state.set(node, 'done');
      sorted.push(node);
      stack.pop();
    }
  }
  return sorted;
}

function define(names: Set<string>, name: string, where: string): void {
  if (name === '' || names.has(name)) {
    refuse('ModelMalformed', `${where} makes "${name}", which has no name or exists already.`, { where, name });
  }
  names.add(name);
}

function maker(makers: ReadonlyMap<string, PlainNode>, input: string, node: PlainNode): PlainNode {
  const found = makers.get(input);
  if (found === undefined) {
    refuse('ModelMalformed', `${node.where} reads "${input}", which nothing makes.`, { where: node.where, input });
  }
  return found;
}
