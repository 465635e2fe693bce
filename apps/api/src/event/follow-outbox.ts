import type { OutboxRow } from '@openimo/persistence';
import type { OutboxFeed } from './outbox-feed.js';

/**
 * Rows after a position, for ever: each once, in order. A plain async generator would not do: one that waits cannot be told
 * to stop.
 *
 * @param position the last one handled
 * @param isWanted rows it refuses are passed over
 */
export function followOutbox(
  feed: OutboxFeed,
  position: bigint,
  isWanted: (row: OutboxRow) => boolean,
): AsyncIterableIterator<OutboxRow> {
  let at = position;
  let isOver = false;
  let buffer: readonly OutboxRow[] = [];
  let wake: () => void = () => undefined;

  async function next(): Promise<IteratorResult<OutboxRow, undefined>> {
    while (!isOver) {
      for (const [index, row] of buffer.entries()) {
        at = row.position;
        if (!isWanted(row)) continue;
        buffer = buffer.slice(index + 1);
        return { done: false, value: row };
      }
      buffer = await feed.after(at);
      if (buffer.length > 0 || isOver) continue;
      const waiting = feed.next(at);
      wake = waiting.wake;
      await waiting.news;
      if (feed.isClosed) break;
    }
    return { done: true, value: undefined };
  }

  async function end(): Promise<IteratorResult<OutboxRow, undefined>> {
    isOver = true;
    wake();
    return { done: true, value: undefined };
  }

  return {
    next,
    return: end,
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
