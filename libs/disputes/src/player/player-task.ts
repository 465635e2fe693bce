import type { ErrorMessage } from '@openimo/inference';
import type { Move } from '@openimo/donnx';
import type { Hex } from 'viem';
import type { Answer } from '../answer.js';
import type { ModelArgument } from '../encode-move.js';
import type { DisputeRecord, Side } from '../follow/dispute-record.js';

/** A model by the file that it is, and the root that the registry knows it by. */
export interface ModelFile {
  readonly modelPath: string;
  readonly modelRoot: Hex;
}

export interface TraceTask extends ModelFile {
  /** Canonical bytes of one item or step. */
  readonly input: Uint8Array;
}

/** What the bit-exact profile says of one run. */
export interface TraceSummary {
  readonly root: Hex;
  readonly output: Uint8Array;
  readonly model: ModelArgument;
  /** From the input's root, leaf 0, to `root`; `outputPath` from the output's, leaf `outNode`. */
  readonly inputPath: readonly Hex[];
  readonly outputPath: readonly Hex[];
}

export interface MoveTask extends ModelFile {
  readonly answer: Answer;
  readonly record: DisputeRecord;
  readonly side: Side;
}

export interface TimeoutTask extends ModelFile {
  readonly record: DisputeRecord;
}

/** A move as calldata of `DisputeGame`. */
export interface EncodedMove {
  readonly kind: Move['kind'] | 'timeout';
  readonly data: Hex;
}

export type PlayerRequest =
  | ({ readonly type: 'trace' } & TraceTask)
  | ({ readonly type: 'run' } & TraceTask)
  | ({ readonly type: 'move' } & MoveTask)
  | ({ readonly type: 'timeout' } & TimeoutTask);

export type PlayerReply =
  | { readonly type: 'trace'; readonly trace: TraceSummary }
  | { readonly type: 'output'; readonly output: Uint8Array }
  | { readonly type: 'move'; readonly move: EncodedMove | undefined }
  | { readonly type: 'failed'; readonly error: ErrorMessage };
