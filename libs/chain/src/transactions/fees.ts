/** Fees per gas of an EIP-1559 transaction, in wei. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** Room for six full blocks of rising base fee. */
const BASE_FEE_HEADROOM = 2n;

/** What a transaction should offer now, never more than `cap`. */
export function marketFees(baseFeePerGas: bigint, priorityFeePerGas: bigint, cap: bigint): Fees {
  return capped(
    { maxFeePerGas: baseFeePerGas * BASE_FEE_HEADROOM + priorityFeePerGas, maxPriorityFeePerGas: priorityFeePerGas },
    cap,
  );
}

/**
 * What a replacement must offer: nodes ask for a tenth more of both fees, some for an eighth. At least the market's price.
 *
 * @returns undefined when `cap` leaves no room for a replacement that a node would take.
 */
export function replacementFees(previous: Fees, market: Fees, cap: bigint): Fees | undefined {
  const fees = {
    maxFeePerGas: max(eighthMoreUp(previous.maxFeePerGas), market.maxFeePerGas),
    maxPriorityFeePerGas: max(eighthMoreUp(previous.maxPriorityFeePerGas), market.maxPriorityFeePerGas),
  };
  if (eighthMoreUp(previous.maxFeePerGas) > cap) return undefined;
  return capped(fees, cap);
}

function eighthMoreUp(fee: bigint): bigint {
  // A fee of zero must rise as well.
  return max(fee + (fee + 7n) / 8n, fee + 1n);
}

function capped(fees: Fees, cap: bigint): Fees {
  const maxFeePerGas = min(fees.maxFeePerGas, cap);
  return { maxFeePerGas, maxPriorityFeePerGas: min(fees.maxPriorityFeePerGas, maxFeePerGas) };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
