import { datatypeBytes, type TensorSpec } from '@openimo/domain';
import { refuse } from '../error/refuse.js';
import { StepBuilder } from '../lowering/step-builder.js';
import { isContiguous, restride, wholeOf, type Value } from '../lowering/value.js';
import type { PlainGraph, PlainNode } from '../onnx/plain-graph.js';
import { NodeInLowering } from '../operators/operator.js';
import { OPERATORS, remedyFor } from '../operators/operators.js';
import type { Constant, Source } from '../steps/step.js';
import { productOf } from '../tensor/tensor.js';
import { checkSteps } from './check-steps.js';
import { checkPatterns } from './patterns.js';
import { stepBytes, type StepGraph } from './step-graph.js';

/**
 * Lowers a plain graph to steps: infers every shape, refuses what the profile does not admit by node and remedy, and turns
 * operators that only move data into strided views. Deterministic: the same graph gives the same steps everywhere.
 */
export function lowerGraph(graph: PlainGraph): StepGraph {
  checkPatterns(graph);
  const builder = new StepBuilder();
  const values = new Map<string, Value>();
  builder.inputs(graph.inputs).forEach((value, at) => values.set(graph.inputs[at]!.name, value));
  const valueOf = (name: string): Value | undefined => {
    const tensor = graph.initializers.get(name);
    return tensor ? builder.constant(name, tensor) : values.get(name);
  };
  for (const node of graph.nodes) {
    builder.where = node.where;
    lowerNode(node, graph.opset, builder, valueOf).forEach((value, at) => {
      const name = node.outputs[at];
      if (name) values.set(name, value);
    });
  }
  const outputs = graph.outputs.map((name) => ({ name, value: valueOf(name) as Value }));
  const outNode = packOutputs(
    builder,
    outputs.map(({ value }) => value),
  );
  const { steps, constants } = keepUsed(builder, values);
  checkSteps(steps, constants);
  const specs = outputs.map(({ name, value: { datatype, dims } }): TensorSpec => ({ name, datatype, shape: dims }));
  return { steps, constants, outNode, inputs: graph.inputs, outputs: specs, values };
}

/**
 * Only constants that a step reads are committed, in the order in which steps first read them: shapes, axes and weights
 * that were rearranged or combined drop out.
 */
function keepUsed(
  { steps, constants }: StepBuilder,
  values: Map<string, Value>,
): Pick<StepGraph, 'steps' | 'constants'> {
  const ids = new Map<number, number>();
  for (const { source } of steps.flatMap(({ inputs }) => inputs)) {
    if (source.kind === 'constant' && !ids.has(source.id)) ids.set(source.id, ids.size);
  }
  const moved = (source: Source): Source =>
    source.kind === 'step' ? source : { ...source, id: ids.get(source.id) as number };
  for (const [name, value] of values) {
    if (value.source.kind === 'constant' && !ids.has(value.source.id)) values.delete(name);
    else values.set(name, { ...value, source: moved(value.source) });
  }
  return {
    steps: steps.map((step) => ({
      ...step,
      inputs: step.inputs.map((input) => ({ ...input, source: moved(input.source) })),
    })),
    constants: [...ids.keys()].map((id) => constants[id] as Constant),
  };
}

function lowerNode(
  node: PlainNode,
  opset: number,
  builder: StepBuilder,
  valueOf: (name: string) => Value | undefined,
): Value[] {
  const { where } = node;
  const operator = Object.hasOwn(OPERATORS, node.operator) ? OPERATORS[node.operator] : undefined;
  if (operator === undefined) {
    refuse('OperatorNotAllowed', `${where} is not in the profile. ${remedyFor(node.operator)}`, {
      where,
      operator: node.operator,
    });
  }
  const [least, most] = operator.inputs;
  if (node.inputs.length < least || node.inputs.length > most) {
    refuse('ModelMalformed', `${where} has ${node.inputs.length} inputs instead of ${least} to ${most}.`, { where });
  }
  const unknown = [...node.attributes.keys()].find((name) => !operator.attributes.includes(name));
  if (unknown !== undefined) {
    refuse(
      'AttributeNotAllowed',
      `${where} has an attribute "${unknown}" that the profile does not have. Leave it out.`,
      {
        where,
      },
    );
  }
  return operator.lower(new NodeInLowering(node, opset, builder, node.inputs.map(valueOf)));
}

/**
 * The step that holds the answer's bytes. A single output that is a whole step is its own; otherwise a step copies the
 * outputs' bytes one after another.
 */
function packOutputs(builder: StepBuilder, outputs: readonly Value[]): number {
  builder.where = 'The output';
  const [first] = outputs as [Value];
  const step = first.source.kind === 'step' && first.source.id > 0 ? builder.steps[first.source.id] : undefined;
  const whole = step && first.offset === 0 && isContiguous(first) && first.datatype === step.datatype;
  if (outputs.length === 1 && whole && productOf(first.dims) * datatypeBytes(first.datatype) === stepBytes(step)) {
    return first.source.id;
  }
  const parts = outputs.map((output) => {
    const { source, offset, datatype, dims } = builder.contiguous(output);
    const bytes = productOf(dims) * datatypeBytes(datatype);
    return restride(wholeOf(source, 'UINT8', [bytes]), [bytes], [1], offset);
  });
  const total = parts.reduce((sum, { dims }) => sum + (dims[0] as number), 0);
  const packed = parts.length === 1 ? builder.copyOf(parts[0] as Value) : builder.concat([total], 0, parts);
  return packed.source.id;
}
