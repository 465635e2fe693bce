import { isDomainError } from '@openimo/domain';
import { commitModel, type CommittedModel } from '../commit/commit-model.js';
import { commitTrace, type CommittedTrace } from '../commit/commit-trace.js';
import { sha256 } from '../commit/hash.js';
import type { CheckedGraph } from '../model/compile-model.js';
import { bytesOf, execute, runStep, type Trace } from '../model/execute.js';
import { stepBytes, type StepGraph } from '../model/step-graph.js';
import { randomGraph } from './random-graph.js';
import type { Random } from './random.js';

export interface DisputeCase {
  readonly model: CommittedModel;
  readonly honest: CommittedTrace;
}

/** A random model and an honest run of it; undefined where no node found a place in the graph. */
export function randomCase(random: Random): DisputeCase | undefined {
  const { compiled } = randomGraph(random);
  return compiled && caseOf(compiled, random);
}

export function caseOf(graph: CheckedGraph, random: Random): DisputeCase {
  const model = commitModel(graph, sha256(Uint8Array.of(1)));
  const input = random.bytes(stepBytes(graph.steps[0]!));
  return { model, honest: commitTrace(execute(graph, input)) };
}

/**
 * The trace of an operator that got one element of step `id` wrong: one bit of it is flipped. With `goOn`, it computed
 * everything after from the wrong value, as a faulty machine would; otherwise the rest is honest.
 */
export function faultyTrace({ model, honest }: DisputeCase, random: Random, id: number, goOn: boolean): CommittedTrace {
  const { graph } = model;
  const trace = [...honest.trace];
  const wrong = Uint8Array.from(trace[id]!);
  const byte = random.integer(0, wrong.length - 1);
  wrong[byte] = wrong[byte]! ^ (1 << random.integer(0, 7));
  trace[id] = wrong;
  if (goOn) computeRest(graph, trace, id, model.constants);
  return commitTrace(trace);
}

function computeRest(graph: StepGraph, trace: Uint8Array[], id: number, constants: readonly Uint8Array[]): Trace {
  for (let next = id + 1; next < graph.steps.length; next++) {
    try {
      trace[next] = runStep(graph.steps[next]!, (source) => bytesOf(source, trace, constants));
    } catch (error) {
      // The wrong value left the domain of what follows, which then stays as it was.
      if (!isDomainError(error)) throw error;
    }
  }
  return trace;
}
