import { DomainError } from '@openimo/domain';

/**
 * What the chain would refuse, in words, and the one thing it would take and nobody means: byte 0 ends a text, so a model reads
 * nothing of what comes behind it.
 *
 * @param context bytes that the model reads, prompt and answer together
 */
export function requirePrompt(prompt: Uint8Array, context: number): void {
  if (prompt.length === 0) {
    throw new DomainError('PromptEmpty', 'The prompt is empty. Give the model a byte at least to write on from.');
  }
  if (prompt.length >= context) {
    throw new DomainError(
      'PromptTooLong',
      `The prompt has ${prompt.length} bytes; the model reads ${context} and needs one to write. Shorten it to ${context - 1}.`,
      { data: { bytes: prompt.length, most: context - 1 } },
    );
  }
  const end = prompt.indexOf(0);
  if (end < 0) return;
  throw new DomainError('PromptEnds', `Byte ${end} of the prompt is 0, which ends a text. Take it out.`, {
    data: { position: end },
  });
}

/** What a model wrote, as text; bytes that are no UTF-8 are shown as U+FFFD. */
export function textOf(output: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(output);
}
