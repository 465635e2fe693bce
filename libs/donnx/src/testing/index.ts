/** For tests of other workspaces that judge what this one says: random models in the profile, runs of them and faults in them. */
export { caseOf, faultyTrace, randomCase, type DisputeCase } from './disputes.js';
export { buildGraph } from '../onnx/build-graph.js';
export { Random } from './random.js';
