import { encodeAbiParameters, keccak256, type Address, type Hex } from 'viem';

/** What is disputed: an item of an answer, as `IDisputeGame.Subject`. */
export interface Subject {
  readonly requestId: bigint;
  /** Convictions of the request's answers before this one. */
  readonly round: number;
  /** Of the batch, from 0. */
  readonly item: number;
}

const SUBJECT = [{ type: 'uint256' }, { type: 'uint32' }, { type: 'uint32' }] as const;

/** The key of the trace that an operator posts for all disputes of the subject. */
export function subjectId({ requestId, round, item }: Subject): Hex {
  return keccak256(encodeAbiParameters(SUBJECT, [requestId, round, item]));
}

/** The id of one challenger's dispute. */
export function disputeId(subject: Subject, challenger: Address): Hex {
  return keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'address' }], [subjectId(subject), challenger]));
}
