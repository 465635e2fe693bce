/** What tells a runtime that computes as the specification does from one that does not. */
export {
  conformanceVectors,
  disagreements,
  hashOfOutput,
  type ConformanceVector,
  type Disagreement,
  type RunVector,
} from './conformance.js';
export { goldenHash, goldenInput } from './golden.js';
