export {
  claimOf,
  claimsOf,
  type Answer,
  type AnswerErrorCode,
  type Claim,
  type TensorsAnswer,
  type TextAnswer,
} from './answer.js';
export { auditCommitment, auditReveal, type Audit } from './encode-audit.js';
export { encodeChallenge } from './encode-challenge.js';
export { encodeMove, modelOf, type DisputeContext, type PostedTrace } from './encode-move.js';
export {
  disputesOf,
  turnOf,
  type Clocks,
  type DisputeRecord,
  type Outcome,
  type Ply,
  type Side,
} from './follow/dispute-record.js';
export { followDispute, type FollowedDispute } from './follow/follow-dispute.js';
export { readGameLog, type GameEvent, type GameEventPlace } from './follow/game-event.js';
export type { PlayerErrorCode } from './player/player.js';
export type { EncodedMove, ModelFile, MoveTask, TimeoutTask, TraceSummary, TraceTask } from './player/player-task.js';
export {
  TraceService,
  type TraceErrorCode,
  type TraceOptions,
  type TraceServiceOptions,
} from './player/trace-service.js';
export { disputeId, subjectId, type Subject } from './subject.js';
export { firstDifference, type ElementDifference } from './replay/first-difference.js';
export { judgeAnswer, type JudgeErrorCode, type Judgement } from './replay/judge-answer.js';
export { locateFault, type Fault } from './replay/locate-fault.js';
export {
  readAnswer,
  subjectOf,
  type AssertedAnswer,
  type DisputedVersion,
  type ReadAnswerErrorCode,
  type WhichAnswer,
} from './replay/read-answer.js';
