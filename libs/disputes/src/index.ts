export {
  claimOf,
  claimsOf,
  type Answer,
  type AnswerErrorCode,
  type Claim,
  type TensorsAnswer,
  type TextAnswer,
} from './answer.js';
export { encodeChallenge } from './encode-challenge.js';
export { encodeMove, modelOf, type DisputeContext, type PostedTrace } from './encode-move.js';
export { disputeId, subjectId, type Subject } from './subject.js';
