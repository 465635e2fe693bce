import { parseArgs } from 'node:util';
import { DomainError } from '@openimo/domain';

/**
 * - `follow`: keep the read model at the head of the chain, for ever
 * - `rebuild`: read again from a block on, up to another, and end
 */
export type Command =
  | { readonly kind: 'follow' }
  | { readonly kind: 'rebuild'; readonly from: bigint | undefined; readonly to: bigint | undefined };

const USAGE = 'Usage: indexer [follow] | indexer rebuild [--from <block>] [--to <block>]';

/** @throws DomainError `BadCommand` */
export function readCommand(args: readonly string[]): Command {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { from: { type: 'string' }, to: { type: 'string' } },
    });
    const [kind = 'follow', ...rest] = positionals;
    const [from, to] = [blockOf(values.from), blockOf(values.to)];
    if (rest.length === 0 && kind === 'rebuild') return { kind, from, to };
    if (rest.length === 0 && kind === 'follow' && from === undefined && to === undefined) return { kind };
  } catch {
    // Reported below.
  }
  throw new DomainError('BadCommand', USAGE);
}

function blockOf(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new RangeError('not a block number');
  return BigInt(text);
}
