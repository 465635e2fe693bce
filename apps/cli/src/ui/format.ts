import { formatUnits } from '@openimo/domain';

const ETHER = 18;
const SHOWN_DECIMALS = 6;

/** '1.25 ETH'; amounts too small for six decimals are given in wei, so that nothing shown is a rounded zero. */
export function eth(wei: bigint): string {
  const shown = shorten(wei);
  return shown === undefined ? `${wei} wei` : `${shown} ETH`;
}

/** Whole tokens of 18 decimals, grouped: '500,000,000'. */
export function tokens(amount: bigint): string {
  const [whole = '0', fraction] = formatUnits(amount, ETHER).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction ? `${grouped}.${fraction.slice(0, 2)}` : grouped;
}

export function gas(units: bigint): string {
  return `${units.toString().replace(/\B(?=(\d{3})+$)/g, ',')} gas`;
}

export function percent(bps: number | bigint): string {
  return `${formatUnits(BigInt(bps), 2)} %`;
}

/** '0x1234…cdef' */
export function short(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** A stranger's text for a terminal: line ends stay, other control characters are written out, so that none is obeyed. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\n' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Rounded to the nearest shown decimal; undefined where that would show zero for something. */
function shorten(wei: bigint): string | undefined {
  const unit = 10n ** BigInt(ETHER - SHOWN_DECIMALS);
  const rounded = (wei + (wei < 0n ? -unit : unit) / 2n) / unit;
  return rounded === 0n && wei !== 0n ? undefined : formatUnits(rounded, SHOWN_DECIMALS);
}
