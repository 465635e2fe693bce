import type { StepGraph } from '../model/step-graph.js';
import { MEANINGS } from '../steps/meanings.js';
import type { Step, StepInput } from '../steps/step.js';
import type { TensorDatatype } from '@openimo/domain';
import { boundsOf, intervalOf, type Interval } from './interval.js';

/**
 * Proves, for every input, that no integer overflows, every float stays finite, every float sum is exact, nothing is
 * divided by zero and every table index exists. Refuses otherwise, naming the node and the remedy: where an honest run
 * could leave the domain, fraud would be unprovable. Returns the bounds of every step's elements.
 */
export function analyseRanges({ steps, constants }: Pick<StepGraph, 'steps' | 'constants'>): Interval[] {
  const ofConstants = constants.map(({ tensor }) => intervalOf(tensor));
  const ofSteps: Interval[] = [];
  const operandOf = ({ source, datatype }: StepInput): Interval => {
    const committed =
      source.kind === 'step' ? (steps[source.id] as Step).datatype : constants[source.id]!.tensor.datatype;
    // Bytes read as another type than they were made as can be anything of that type. Only integers are.
    if (committed !== datatype || (source.kind === 'step' && source.id === 0)) return boundsOf(datatype as IntegerType);
    return (source.kind === 'step' ? ofSteps[source.id] : ofConstants[source.id]) as Interval;
  };
  for (const step of steps) {
    const constant = (input: number) => {
      const { source } = step.inputs[input] as StepInput;
      return source.kind === 'constant' ? constants[source.id]!.tensor : undefined;
    };
    ofSteps.push(MEANINGS[step.op].range(step, step.inputs.map(operandOf), { constant }));
  }
  return ofSteps;
}

type IntegerType = Exclude<TensorDatatype, 'FP32'>;
