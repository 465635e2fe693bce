import type { Answer } from '@openimo/disputes';

/** An item or step of an answer that the watcher has found to be wrong. */
export interface Grievance {
  readonly requestId: bigint;
  /** Convictions of the request's answers before this one, as in `Subject`. */
  readonly round: number;
  readonly item: number;
  readonly versionId: bigint;
  /** Where the answer was seen. */
  readonly blockNumber: bigint;
  readonly answer: Answer;
}

/** Who takes a wrong answer to the judge. */
export interface Grievances {
  /** Once it returns, the grievance is written down; filed twice, it is one. */
  file(grievance: Grievance): Promise<void>;
}
