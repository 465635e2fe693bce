import { refuse } from '../error/refuse.js';
import { END_OF_TEXT, stepInput } from './step-input.js';

export interface TextModel {
  /** Bytes that the model reads: UINT8 [context]. */
  readonly context: number;
  /** One run of the graph: the byte that follows what it is given, UINT8 [1]. */
  run(input: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

export interface GenerateOptions {
  /** Most bytes to write. Default: what the context has left. */
  readonly maxNewBytes?: number;
}

/**
 * Writes on from a prompt, byte by byte, until the model ends the text or its context is full. There is no chance in it: the
 * same prompt has one continuation, and every byte of it can be disputed by itself.
 *
 * @returns what was written, without the prompt and without the end
 * @example
 * const run = (input) => pool.run(sha256, input);
 * const text = await generateText({ context: 64, run }, new TextEncoder().encode('function '));
 */
export function generateText(
  { context, run }: TextModel,
  prompt: Uint8Array,
  options: GenerateOptions = {},
): Promise<Uint8Array> {
  return stepOn(context, prompt, options, async (output) => run(stepInput(context, prompt, output)));
}

/** Asks for one byte after another. */
export async function stepOn(
  context: number,
  prompt: Uint8Array,
  { maxNewBytes = context }: GenerateOptions,
  nextByte: (output: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  // Even where nothing is to be written: a prompt that is too long is refused.
  stepInput(context, prompt, new Uint8Array());
  const room = Math.min(maxNewBytes, context - prompt.length);
  const output: number[] = [];
  while (output.length < room) {
    const answer = await nextByte(Uint8Array.from(output));
    if (answer.length !== 1) {
      refuse('ShapeMismatch', `A text model answers one byte, this one ${answer.length}.`, { actual: answer.length });
    }
    const [next] = answer as unknown as [number];
    if (next === END_OF_TEXT) break;
    output.push(next);
  }
  return Uint8Array.from(output);
}
