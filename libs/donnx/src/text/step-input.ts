import { refuse } from '../error/refuse.js';

/** The byte that ends a text, and that fills up what a model reads. */
export const END_OF_TEXT = 0;

/**
 * What a text model reads in step t: the prompt, its own output so far, zeros up to the context. Whoever generates and
 * whoever judges packs it alike, so a dispute about one byte is a dispute about one run of the graph.
 */
export function stepInput(context: number, prompt: Uint8Array, output: Uint8Array): Uint8Array {
  const length = prompt.length + output.length;
  if (length > context) {
    refuse('InputLengthWrong', `The text has ${length} bytes and the model reads ${context}. Shorten the prompt.`, {
      expected: context,
      actual: length,
    });
  }
  const input = new Uint8Array(context);
  input.set(prompt);
  input.set(output, prompt.length);
  return input;
}
