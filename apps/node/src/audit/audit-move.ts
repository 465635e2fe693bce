import type { Audit } from '@openimo/disputes';

export type Stance = 'None' | 'Committed' | 'Confirmed' | 'Denied';

/** What the chain says about an audit, read in one block. */
export interface AuditState {
  readonly open: boolean;
  readonly stances: readonly [Stance, Stance];
  /** The answer is final or convicted. */
  readonly decided: boolean;
}

export type AuditMove =
  /** `until`: seconds of chain time from which on the contract refuses it. */
  | { readonly do: 'commit' | 'reveal'; readonly until: number }
  | { readonly do: 'settle' }
  /** Others move now, or time does. */
  | { readonly do: 'wait' }
  /** It is settled. */
  | { readonly do: 'forget' };

/** Seconds that the second auditor leaves to the first for what either may do. */
export const TURN_SECONDS = 3;

/**
 * What an auditor does next. It never does what the contract would refuse on the same facts.
 *
 * @param place Among the auditors, from 0.
 * @param now Seconds of chain time.
 */
export function nextAuditMove(
  { assertedAt, quarter, auditors }: Pick<Audit, 'assertedAt' | 'quarter' | 'auditors'>,
  { open, stances, decided }: AuditState,
  place: 0 | 1,
  now: number,
): AuditMove {
  const commitUntil = assertedAt + 2 * quarter;
  const revealUntil = assertedAt + 3 * quarter;
  if (!open) return { do: 'forget' };
  if (now >= revealUntil) {
    return { do: decided && now >= revealUntil + place * TURN_SECONDS ? 'settle' : 'wait' };
  }
  if (stances[place] === 'None') return now < commitUntil ? { do: 'commit', until: commitUntil } : { do: 'wait' };
  if (stances[place] !== 'Committed') return { do: 'wait' };
  const alone = BigInt(auditors[1]) === 0n;
  const allCommitted = alone || stances.every((stance) => stance !== 'None');
  return allCommitted || now >= commitUntil ? { do: 'reveal', until: revealUntil } : { do: 'wait' };
}
