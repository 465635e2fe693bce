import { parseEther, parseGwei } from 'viem';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every window, share and bond of a deployment. Set in constructors, immutable, published in the deployment record. */
export interface Parameters {
  registry: {
    /** Seconds between the announcement of a price or share and its effect. */
    priceDelay: number;
    /** Seconds in which a price moves at most ×2 or ÷2. */
    priceBoundPeriod: number;
    maxOperatorBps: number;
    maxLineageBps: number;
    minHoldersBps: number;
    /** Operators, none of them the publisher, that must attest to a version's roots before it counts as disputable. */
    attestingOperators: number;
  };
  /** Basis points of every fee. */
  protocolBps: number;
  /** Seconds, as `IOfferingFactory.Limits`. */
  offering: {
    minStreamPeriod: number;
    snapshotInterval: number;
    minLiquidityLock: number;
    uncommitCutoff: number;
    exitWindow: number;
    revenueHold: number;
    minDuration: number;
    maxDuration: number;
  };
  /** `IInferenceOracle.Parameters`: seconds, bytes, wei. */
  oracle: {
    safeWindow: number;
    fastWindow: number;
    requestDeadline: number;
    exclusiveWindow: number;
    maxOutputBytes: number;
    maxBatchSize: number;
    gasPriceFloor: bigint;
    minBond: bigint;
    winnerGas: bigint;
  };
  /** `IOperatorRegistry.Parameters`: wei, seconds. */
  operators: {
    minStake: bigint;
    exitDelay: number;
    epochLength: number;
  };
  /** `IAudits.Parameters`: one answer in `rate`, basis points of every fee within `protocolBps`. */
  audits: {
    rate: number;
    auditBps: number;
  };
}

export const production: Parameters = {
  registry: {
    priceDelay: 48 * HOUR,
    priceBoundPeriod: 7 * DAY,
    maxOperatorBps: 5_000,
    maxLineageBps: 5_000,
    minHoldersBps: 2_000,
    attestingOperators: 3,
  },
  protocolBps: 200,
  offering: {
    minStreamPeriod: DAY,
    snapshotInterval: DAY,
    minLiquidityLock: 180 * DAY,
    uncommitCutoff: DAY,
    exitWindow: 7 * DAY,
    revenueHold: DAY,
    minDuration: 3 * DAY,
    maxDuration: 90 * DAY,
  },
  oracle: {
    safeWindow: 26 * HOUR,
    fastWindow: HOUR,
    requestDeadline: 30 * MINUTE,
    exclusiveWindow: 2 * MINUTE,
    maxOutputBytes: 8_192,
    maxBatchSize: 64,
    gasPriceFloor: parseGwei('0.01'),
    minBond: parseEther('0.01'),
    winnerGas: 850_000n,
  },
  operators: { minStake: parseEther('1'), exitDelay: 14 * DAY, epochLength: HOUR },
  audits: { rate: 100, auditBps: 50 },
};

/** What `npm start` uses, so that a whole story fits in minutes. */
export const local: Parameters = {
  registry: { ...production.registry, priceDelay: 5, priceBoundPeriod: MINUTE, attestingOperators: 2 },
  protocolBps: 200,
  offering: {
    minStreamPeriod: 120,
    snapshotInterval: 10,
    minLiquidityLock: 300,
    uncommitCutoff: 5,
    exitWindow: 10,
    revenueHold: 10,
    minDuration: 10,
    maxDuration: 7 * DAY,
  },
  oracle: {
    ...production.oracle,
    safeWindow: 60,
    fastWindow: 20,
    requestDeadline: 60,
    exclusiveWindow: 5,
  },
  operators: { minStake: parseEther('1'), exitDelay: 120, epochLength: 5 },
  audits: { rate: 5, auditBps: 50 },
};
