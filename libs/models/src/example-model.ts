import { fileURLToPath } from 'node:url';
import type { TensorSpec } from '@openimo/domain';

/** A model that comes with the project. `Example` is one held-back case, `Answer` what its output bytes say. */
export interface ExampleModel<Example, Answer> {
  readonly name: string;
  /** Absolute path of the ONNX file. */
  readonly modelPath: string;
  /** Absolute path of the model card, in Markdown. */
  readonly cardPath: string;
  /** SPDX identifier. */
  readonly license: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Cases that training never saw, read from disk once. */
  heldBack(): readonly Example[];
  /** Reads the canonical output bytes. */
  decode(output: Uint8Array): Answer;
}

/** Absolute path of a file that comes with a model. The package is one folder up, from `src` as from `dist`. */
export function modelFile(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}
