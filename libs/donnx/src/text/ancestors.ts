import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';

/** The nodes that a value is computed by, in their order. */
export function ancestorsOf({ nodes }: PlainGraph, value: string): ReadonlySet<PlainNode> {
  const wanted = new Set([value]);
  const found = nodes.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some((name) => wanted.has(name))) return false;
    for (const name of inputs) wanted.add(name);
    return true;
  });
  return new Set(found.toReversed());
}
