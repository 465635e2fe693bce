import { datatypeBytes } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { compileModel, type CheckedGraph } from '../model/compile-model.js';
import { execute, outputOf } from '../model/execute.js';
import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { ancestorsOf } from './ancestors.js';
import { CausalFacts } from './causal/causal-facts.js';
import { kindOf } from './causal/kind-of.js';
import { type Kind, LAST } from './causal/kind.js';

/**
 * Proves that a text model computes every position from those before it, for every text without a byte 0 in it, whatever the
 * weights: then `decodeGraph` answers as the whole graph does. Columns of later positions may hold anything until they are
 * masked; where a row is summed or weighed they must have become one number that adds nothing. Whoever publishes a model
 * could otherwise make one that decodes differently on an input of its choosing, and have honest operators convicted.
 *
 * @param last name of the value that says where the text ends
 * @throws DomainError naming the node where the proof ends
 */
export function proveCausal(whole: PlainGraph, last: string, compiled: CheckedGraph = compileModel(whole)): void {
  new Proof(new CausalFacts(whole, last, compiled)).run();
}

class Proof {
  readonly #kinds = new Map<string, Kind>();

  constructor(private readonly facts: CausalFacts) {
    const { whole } = facts;
    for (const name of whole.initializers.keys()) this.#kinds.set(name, { of: 'constant' });
    this.#kinds.set(whole.inputs[0]!.name, { of: 'rows', axis: 0 });
  }

  run(): void {
    const { whole, last, context } = this.facts;
    proveLast(whole, last, context);
    const before = ancestorsOf(whole, last);
    for (const node of whole.nodes) {
      if (node.outputs.includes(last)) this.#kinds.set(last, LAST);
      // What says where the text ends may look at all of it.
      else if (before.has(node) && !this.#isReadOutside(node, before)) continue;
      else this.#judge(node);
    }
    for (const name of whole.outputs) {
      const kind = this.#kinds.get(name);
      if (kind?.of !== 'last' || kind.spread) {
        refuse('ShapeMismatch', `Output "${name}" is not of the last position alone. Such a model is decoded whole.`);
      }
    }
  }

  #isReadOutside({ outputs }: PlainNode, before: ReadonlySet<PlainNode>): boolean {
    return this.facts.whole.nodes.some(
      (node) => !before.has(node) && node.inputs.some((name) => outputs.includes(name)),
    );
  }

  #judge(node: PlainNode): void {
    const kinds = node.inputs.map((name) => (name === '' ? ({ of: 'constant' } as const) : this.#kinds.get(name)));
    if (kinds.some((kind) => kind === undefined)) return this.facts.refuse(node);
    const kind = kindOf(this.facts, node, kinds as Kind[]);
    if (kind.of === 'rows' && !kind.flat) {
      for (const name of node.outputs)
        if (this.facts.dims(name)[kind.axis] !== this.facts.context) this.facts.refuse(node);
    }
    for (const name of node.outputs) this.#kinds.set(name, kind);
  }
}

/** The end of the text is where its bytes end: tried for every length, which is all there is to it. */
function proveLast(whole: PlainGraph, last: string, context: number): void {
  const nodes = [...ancestorsOf(whole, last)];
  const [text] = whole.inputs as [PlainGraph['inputs'][number]];
  const asBits = (node: PlainNode) => node.operator === 'Cast' && node.attributes.get('to') === 9;
  if (nodes.length === 0 || nodes.some((node) => node.inputs.includes(text.name) && !asBits(node))) {
    refuse('NotConstant', `"${last}" depends on more than the length of the text. Such a model is decoded whole.`);
  }
  const graph = compileModel({ ...whole, outputs: [last], nodes });
  const [output] = graph.outputs;
  if (output?.datatype !== 'INT32' || output.shape.join() !== '1') {
    refuse('ShapeMismatch', `"${last}" is not INT32 [1]. Such a model is decoded whole.`);
  }
  for (let length = 0; length <= context; length++) {
    const input = new Uint8Array(context * datatypeBytes(text.datatype)).fill(1, 0, length);
    const answer = outputOf(graph, execute(graph, input));
    if (new DataView(answer.buffer, answer.byteOffset).getInt32(0, true) === Math.max(0, length - 1)) continue;
    refuse('ShapeMismatch', `"${last}" is not where a text of ${length} bytes ends. Such a model is decoded whole.`);
  }
}
