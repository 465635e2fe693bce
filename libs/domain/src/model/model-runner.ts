import type { Sha256 } from '../hex/hex.js';
import type { TensorSpec } from '../tensor/tensor.js';

/** A model's signature. The byte lengths are those of all canonical tensors written one after another. */
export interface ModelDescription {
  readonly sha256: Sha256;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly inputBytes: number;
  readonly outputBytes: number;
}

export type ModelRunnerErrorCode =
  /** The input has not the length the model takes; a prompt is longer than that. data: { expected, actual } */
  | 'WrongInputLength'
  /** The model was asked for text and does not write any. */
  | 'NotATextModel'
  /** Too many runs wait for this model. data: { queued, limit }; retryable */
  | 'QueueFull'
  /** Too many models are busy to load one more; retryable */
  | 'TooManyModels'
  /** The run took longer than its limit and was killed. data: { limitMs }; retryable */
  | 'RunTimedOut'
  /** The run took more memory than its limit and was killed. data: { limitBytes } */
  | 'RunOutOfMemory'
  /** The caller's signal aborted the run. */
  | 'RunAborted'
  /** The process that ran the model died; retryable */
  | 'RunnerCrashed'
  /** The process has died so often that runs are refused for a while. data: { retryAfterMs }; retryable */
  | 'RunnerUnavailable'
  /** The runtime refused the run. */
  | 'RunFailed'
  /** The model cannot be loaded: the runtime or our checks refuse it. data: { reason } */
  | 'ModelDoesNotLoad'
  /** The runner has been closed. */
  | 'RunnerClosed';

export interface RunOptions {
  readonly signal?: AbortSignal;
}

export interface GenerateTextOptions extends RunOptions {
  /** Most bytes to write. Default: what the context has left. */
  readonly mostNewBytes?: number;
}

/**
 * Runs models. Input and output are the canonical bytes (row-major, little-endian, -0 written as +0) of the graph's
 * inputs and outputs, one after another in graph order. Errors carry a `ModelRunnerErrorCode` or, when the model has
 * to be fetched first, a `ModelStoreErrorCode`.
 */
export interface ModelRunner {
  /** Gets the model ready to run. Does nothing when it already is. */
  load(model: Sha256): Promise<void>;
  /** The model's signature; loads it when needed. */
  describe(model: Sha256): Promise<ModelDescription>;
  run(model: Sha256, input: Uint8Array, options?: RunOptions): Promise<Uint8Array>;
  /**
   * What a text model writes on from a prompt, without the byte 0 that ends it. Counts as one run, whatever it takes: in the
   * queue and against the time limit.
   */
  generate(model: Sha256, prompt: Uint8Array, options?: GenerateTextOptions): Promise<Uint8Array>;
  /** Ends all runs with `RunnerClosed` and frees everything. */
  close(): Promise<void>;
}
