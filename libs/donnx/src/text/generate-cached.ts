import { totalTensorBytes } from '@openimo/domain';
import type { DecodeGraph } from './decode-graph.js';
import { stepOn, type GenerateOptions } from './generate-text.js';
import { stepInput } from './step-input.js';

export interface CachedTextModel extends Pick<DecodeGraph, 'caches'> {
  readonly context: number;
  /** Name of the output that holds the next byte. */
  readonly next: string;
  /** One run of the decode graph: canonical bytes of its outputs from those of its inputs, by name. */
  run(inputs: ReadonlyMap<string, Uint8Array>): Promise<ReadonlyMap<string, Uint8Array>>;
}

/**
 * Writes what `generateText` writes, with one position computed a step instead of all: for the honest path. Disputes are
 * about the whole graph.
 */
export async function generateCached(
  { context, next, caches, run }: CachedTextModel,
  prompt: Uint8Array,
  options: GenerateOptions = {},
): Promise<Uint8Array> {
  let state: (readonly [string, Uint8Array])[] = caches.map(({ input }) => {
    return [input.name, new Uint8Array(totalTensorBytes([input]))];
  });
  const decode = async (byte: number, position: number) => {
    const at = new Uint8Array(Int32Array.of(position).buffer);
    const answers = await run(new Map([['text', Uint8Array.of(byte)], ['position', at], ...state]));
    state = caches.map(({ input, output }) => [input.name, answers.get(output) as Uint8Array]);
    return answers.get(next) as Uint8Array;
  };
  let decoded = 0;
  return stepOn(context, prompt, options, async (output) => {
    const text = stepInput(context, prompt, output);
    const last = Math.max(1, prompt.length + output.length) - 1;
    for (; decoded < last; decoded++) await decode(text[decoded] as number, decoded);
    decoded = last + 1;
    return decode(text[last] as number, last);
  });
}
