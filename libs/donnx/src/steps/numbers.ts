import type { TensorDatatype } from '@openimo/domain';

/** To the nearest integer, halves to the even one. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

export function saturate(value: number, datatype: TensorDatatype): number {
  const [least, most] = datatype === 'INT8' ? [-128, 127] : [0, 255];
  return value < least ? least : value > most ? most : value;
}
