import type { CachedDecoding } from '@openimo/donnx';
import { generateText } from '@openimo/donnx/text';
import { openStepSession, type RunModel } from './model-session.js';

/** What a text model writes on from a prompt. */
export type Writer = (prompt: Uint8Array, mostNewBytes: number) => Promise<Uint8Array>;

/** How much is written both ways before the caches are relied on. */
const TRIED_BYTES = 4;

/**
 * Writes with keys and values in caches where it is proven that this gives the same bytes, and by running the whole graph for
 * every byte otherwise: models of which that is not known, prompts with a byte 0 in them, and long prompts that little is to be
 * added to, where the caches would take longer to fill.
 */
export async function openWriter(file: Uint8Array, context: number, run: RunModel): Promise<Writer> {
  const recompute: Writer = (prompt, maxNewBytes) => generateText({ context, run }, prompt, { maxNewBytes });
  // Imported late: models that write no text need none of it.
  const { cachedDecoding } = await import('@openimo/donnx');
  const decoding = cachedDecoding(file);
  if (decoding === undefined) return recompute;
  try {
    const cached = await openCached(decoding);
    const costs = await tryBoth(cached, recompute, context);
    if (costs === undefined) return recompute;
    return (prompt, most) => {
      const written = Math.min(most, context - prompt.length);
      const isDearer = (prompt.length + written) * costs.stepMs > written * costs.runMs;
      return (isDearer || prompt.includes(0) ? recompute : cached)(prompt, most);
    };
  } catch {
    // What a decode graph does wrong here, the whole graph need not do.
    return recompute;
  }
}

async function openCached({ file, inputs, outputs, caches, context, next }: CachedDecoding): Promise<Writer> {
  const { generateCached } = await import('@openimo/donnx');
  const run = await openStepSession(file, { inputs, outputs });
  return (prompt, maxNewBytes) => generateCached({ context, next, caches, run }, prompt, { maxNewBytes });
}

/** What a step of either takes on this machine; undefined where they do not write the same. */
async function tryBoth(cached: Writer, recompute: Writer, context: number) {
  const prompt = Uint8Array.from({ length: Math.ceil(context / 2) }, (_, at) => 32 + ((at * 37) % 90));
  const time = async (write: Writer) => {
    await write(prompt, 1);
    const startedAt = performance.now();
    const text = await write(prompt, TRIED_BYTES);
    return { text, ms: performance.now() - startedAt };
  };
  const [one, other] = [await time(cached), await time(recompute)];
  if (Buffer.compare(one.text, other.text) !== 0) return undefined;
  const written = Math.max(1, one.text.length);
  return { stepMs: one.ms / (prompt.length + written), runMs: other.ms / written };
}
