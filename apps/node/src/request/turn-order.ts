import { type Address, concatHex, keccak256, numberToHex, pad } from 'viem';

/**
 * The place of `me` among `operators` for one request; 0 is first. Every node computes the same order, which differs from
 * request to request, so that they take turns instead of racing.
 */
export function placeOf(me: Address, operators: readonly Address[], requestId: bigint, drawn?: Address): number {
  const mine = lotOf(me, requestId);
  return operators.filter(
    (other) => !isSame(other, me) && !(drawn && isSame(other, drawn)) && lotOf(other, requestId) < mine,
  ).length;
}

function lotOf(operator: Address, requestId: bigint): string {
  return keccak256(concatHex([numberToHex(requestId, { size: 32 }), pad(operator, { size: 32 })]));
}

function isSame(a: Address, b: Address): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
