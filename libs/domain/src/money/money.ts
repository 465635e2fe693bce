import { DomainError } from '../error/domain-error.js';

export type MoneyErrorCode = 'AmountMalformed' | 'AmountTooPrecise' | 'SharesInvalid';

/** One hundred percent, in basis points. */
export const BPS_ONE = 10_000n;

/** `amount × bps / 10,000`, rounded down: the payer of the share loses no more than the share. */
export function bpsOfDown(amount: bigint, bps: bigint): bigint {
  return floorDiv(amount * bps, BPS_ONE);
}

/** `amount × bps / 10,000`, rounded up. */
export function bpsOfUp(amount: bigint, bps: bigint): bigint {
  return -floorDiv(-amount * bps, BPS_ONE);
}

/**
 * Splits a non-negative `amount` by `shares` in basis points that add up to 10,000. Every part is rounded down and
 * `remainderTo` receives what the rounding left, so the parts always add up to the amount.
 *
 * @example
 * splitBpsDown(101n, { operator: 5_000n, holders: 5_000n }, 'holders'); // { operator: 50n, holders: 51n }
 */
export function splitBpsDown<Part extends string>(
  amount: bigint,
  shares: Readonly<Record<Part, bigint>>,
  remainderTo: NoInfer<Part>,
): Record<Part, bigint> {
  const entries = Object.entries(shares) as [Part, bigint][];
  const total = entries.reduce((sum, [, bps]) => sum + bps, 0n);
  if (amount < 0n || total !== BPS_ONE || entries.some(([, bps]) => bps < 0n) || !Object.hasOwn(shares, remainderTo)) {
    throw new DomainError<MoneyErrorCode>(
      'SharesInvalid',
      `Shares must be non-negative, add up to ${BPS_ONE} basis points (they add up to ${total}) and name who takes the ` +
        'remainder; the amount must not be negative.',
      { data: { amount, total, remainderTo } },
    );
  }
  const parts = Object.fromEntries(entries.map(([part, bps]) => [part, bpsOfDown(amount, bps)])) as Record<
    Part,
    bigint
  >;
  const paid = entries.reduce((sum, [part]) => sum + parts[part], 0n);
  parts[remainderTo] += amount - paid;
  return parts;
}

/** Exact decimal string of `amount` units of 10^-decimals, without trailing zeros: (1_500_000n, 6) is '1.5'. */
export function formatUnits(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return sign + (fraction === '' ? whole : `${whole}.${fraction}`);
}

/** Reads what `formatUnits` writes. Refuses digits beyond `decimals` instead of rounding them. */
export function parseUnits(text: string, decimals: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) {
    throw new DomainError<MoneyErrorCode>('AmountMalformed', 'An amount is written like 12 or 12.5.', {
      data: { text },
    });
  }
  const [, sign, whole = '', fraction = ''] = match;
  if (fraction.length > decimals) {
    throw new DomainError<MoneyErrorCode>('AmountTooPrecise', `At most ${decimals} digits after the point.`, {
      data: { text, decimals },
    });
  }
  const amount = BigInt(whole + fraction.padEnd(decimals, '0'));
  return sign === '-' ? -amount : amount;
}

function floorDiv(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}
