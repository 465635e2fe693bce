import type { GameEvent } from '@openimo/disputes';
import type { GameEventRow } from '@openimo/persistence';

/** What JSON has no numbers for. */
const BIGINTS: ReadonlySet<string> = new Set(['requestId', 'bond', 'gasShare', 'reward']);

export function toEventRow({ blockNumber, logIndex, at, name, ...args }: GameEvent): GameEventRow {
  const plain = Object.entries(args).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value]);
  return { blockNumber, logIndex, blockTime: new Date(at * 1_000), name, args: Object.fromEntries(plain) };
}

export function fromEventRow({ blockNumber, logIndex, blockTime, name, args }: GameEventRow): GameEvent {
  const read = Object.entries(args).map(([key, value]) => [key, BIGINTS.has(key) ? BigInt(value as string) : value]);
  return { blockNumber, logIndex, at: blockTime.getTime() / 1_000, name, ...Object.fromEntries(read) } as GameEvent;
}
