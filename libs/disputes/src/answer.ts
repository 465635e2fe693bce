import { DomainError } from '@openimo/domain';
import { END_OF_TEXT, stepInput } from '@openimo/donnx/text';
import { type Hex } from 'viem';

export type AnswerErrorCode = 'NoSuchClaim';

/** An answer as it is disputed: the request's input and the asserted output, as bytes. */
export type Answer = TensorsAnswer | TextAnswer;

/** Of a batch, item by item. */
export interface TensorsAnswer {
  readonly kind: 'tensors';
  readonly outputRoot: Hex;
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

export interface TextAnswer {
  readonly kind: 'text';
  readonly outputRoot: Hex;
  readonly prompt: Uint8Array;
  /** What the model is said to have written on, without the byte that ends it. */
  readonly output: Uint8Array;
  /** Most bytes that the version writes; what the prompt leaves of the context may be less. */
  readonly mostNewBytes: number;
  /** Bytes that the model reads. */
  readonly context: number;
}

/** What the graph reads and what the answer says it gives, for one item or step. */
export interface Claim {
  readonly item: number;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

/**
 * How many claims an answer makes: one per item of a batch; one per byte of a text, and one more, that the model ends there,
 * where there was room for more (SPEC.md, section 7). Each can be disputed by itself.
 */
export function claimsOf(answer: Answer): number {
  if (answer.kind === 'tensors') return answer.inputs.length;
  const { prompt, output, mostNewBytes, context } = answer;
  const room = Math.min(mostNewBytes, context - prompt.length);
  return Math.min(output.length + 1, room);
}

/**
 * One claim of an answer, from 0: of a text the byte at that place, or its end.
 *
 * @throws DomainError NoSuchClaim where the answer makes no such claim
 * @example
 * const { input, output } = claimOf(answer, 3);
 * const wrong = !equalBytes(await run(input), output);
 */
export function claimOf(answer: Answer, item: number): Claim {
  const claims = claimsOf(answer);
  if (!Number.isInteger(item) || item < 0 || item >= claims) {
    const message = `The answer makes ${claims} claims, from 0, and none numbered ${item}. Name one of them.`;
    throw new DomainError<AnswerErrorCode>('NoSuchClaim', message, { data: { item, claims } });
  }
  if (answer.kind === 'tensors') return { item, input: answer.inputs[item]!, output: answer.outputs[item]! };
  const { prompt, output, context } = answer;
  const input = stepInput(context, prompt, output.subarray(0, item));
  return { item, input, output: Uint8Array.of(output[item] ?? END_OF_TEXT) };
}
