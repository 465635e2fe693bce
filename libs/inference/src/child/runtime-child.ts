import { conformanceVectors, disagreements, type ConformanceVector, type RunVector } from '@openimo/donnx/conformance';
import type { RuntimeFault } from '../conformance/test-runtime.js';
import { openSession } from './model-session.js';
import { reply, startChild } from './start-child.js';

export interface RuntimeRequest {
  /** Undefined: all that there are. */
  readonly vectors: readonly ConformanceVector[] | null;
}

export interface RuntimeReply {
  readonly faults: readonly RuntimeFault[];
}

// The settings with which models are served.
const run: RunVector = async ({ model, inputs, outputs, input }) =>
  (await openSession(model, { inputs, outputs }))(input);

startChild<RuntimeRequest>(async ({ vectors }) => {
  const found = await disagreements(run, vectors ?? conformanceVectors());
  const faults = found.map(({ vector: { name, operator }, error }): RuntimeFault => {
    return { operator, vector: name, error: error === undefined ? null : String(error).slice(0, 500) };
  });
  reply({ faults } satisfies RuntimeReply);
});
