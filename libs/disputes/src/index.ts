export { encodeMove, modelOf, type DisputeContext, type PostedTrace } from './encode-move.js';
export { disputeId, subjectId, type Subject } from './subject.js';
