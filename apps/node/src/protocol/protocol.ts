import {
  auditsAbi,
  disputeGameAbi,
  inferenceOracleAbi,
  modelRegistryAbi,
  operatorRegistryAbi,
  revenueRouterAbi,
  type Deployment,
} from '@openimo/contracts';
import { type Abi, type Address, type Hex, zeroAddress, zeroHash } from 'viem';
import type { Chain } from '@openimo/chain';
import { decodeRevert } from '@openimo/chain';
import type { RequestFacts } from '../request/move.js';
import { placeOf } from '../request/turn-order.js';

const STATUS = ['None', 'Open', 'Asserted', 'Final', 'Refunded'] as const satisfies RequestFacts['status'][];
const OPTIMISTIC = 1;

/** A transaction to one of our contracts, described before it is signed. */
export interface Call {
  readonly to: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
  /** Wei. */
  readonly value?: bigint;
  /** Gas that a later block may need more than the dry run. */
  readonly spareGas?: bigint;
}

/**
 * What writing a stake into the tree of a version costs more as the first of an epoch than after others: in each level, of which
 * 1,024 operators need five, one older word is new and another rewritten (StakeTree.sol).
 */
export const NEW_EPOCH_GAS = 5n * (22_100n + 5_000n);

/** What never changes about a version. */
export interface VersionFacts {
  readonly versionId: bigint;
  readonly familyId: bigint;
  /** Seconds of chain time. */
  readonly publishedAt: number;
  readonly fileHash: Hex;
  /** Undefined where the file was not lowered to the bit-exact profile. */
  readonly modelRoot?: Hex;
  /** In bytes. `context` is not zero where the version writes text; `IModelRegistry` says what that means. */
  readonly io: { minInput: number; maxInput: number; minOutput: number; maxOutput: number; context: number };
}

/** The block that facts were read in. */
export interface At {
  readonly blockNumber: bigint;
}

/** Reads the contracts, and describes the transactions an operator sends to them. Decides nothing. */
export class Protocol {
  readonly #versions = new Map<bigint, VersionFacts>();

  constructor(
    private readonly client: Chain['client'],
    readonly deployment: Deployment,
    readonly me: Address,
  ) {}

  get #oracle() {
    return { address: this.deployment.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
  }
  get #operators() {
    return { address: this.deployment.addresses.operatorRegistry, abi: operatorRegistryAbi } as const;
  }
  get #models() {
    return { address: this.deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;
  }
  get #audits() {
    return { address: this.deployment.addresses.audits, abi: auditsAbi } as const;
  }
  get #router() {
    return { address: this.deployment.addresses.revenueRouter, abi: revenueRouterAbi } as const;
  }

  /** All that a move on a request depends on, read in one block. */
  async requestFacts(requestId: bigint, { blockNumber }: At): Promise<RequestFacts> {
    const request = await this.client.readContract({
      ...this.#oracle,
      functionName: 'request',
      args: [requestId],
      blockNumber,
    });
    const read = { blockNumber } as const;
    const requestDeadline = this.deployment.parameters.oracle.requestDeadline;
    const [assertion, deadline, draw, enrolled, operators, bond, freeStake, feeHeld, disputed] = await Promise.all([
      this.client.readContract({ ...this.#oracle, ...read, functionName: 'assertion', args: [requestId] }),
      this.client.readContract({ ...this.#oracle, ...read, functionName: 'deadlineOf', args: [requestId] }),
      this.#draw(requestId, { blockNumber }),
      this.isEnrolled(request.versionId, { blockNumber }),
      this.enrolled(request.versionId, { blockNumber }),
      STATUS[request.status] === 'Open'
        ? this.client.readContract({ ...this.#oracle, ...read, functionName: 'bondOf', args: [requestId] })
        : 0n,
      this.client.readContract({ ...this.#operators, ...read, functionName: 'freeStake', args: [this.me] }),
      STATUS[request.status] === 'Final' && request.asset !== zeroAddress && this.#isFeeHeld(requestId, read),
      STATUS[request.status] === 'Asserted' && this.#isDisputed(requestId, read),
    ]);
    const openSince = Number(deadline) - requestDeadline;
    return {
      status: STATUS[request.status] ?? 'None',
      openSince,
      openToAllAt: openSince + this.deployment.parameters.oracle.exclusiveWindow,
      deadline: Number(deadline),
      hasCallback: request.callbackContract !== zeroAddress,
      optimistic: request.mode === OPTIMISTIC,
      round: assertion.round,
      assertion: assertion.operator === zeroAddress ? undefined : assertion,
      feeHeld,
      disputed,
      draw,
      place: placeOf(this.me, operators, requestId, draw?.operator),
      enrolled,
      bond,
      freeStake,
    };
  }

  async #draw(requestId: bigint, { blockNumber }: At): Promise<RequestFacts['draw']> {
    try {
      const [operator] = await this.client.readContract({
        ...this.#oracle,
        functionName: 'drawnOperator',
        args: [requestId],
        blockNumber,
      });
      return { operator: operator === zeroAddress ? undefined : operator };
    } catch (error) {
      // Not ready, or not open any more: there is nobody to wait for in either case.
      if (decodeRevert(error) !== undefined) return undefined;
      throw error;
    }
  }

  /** The contract says it only by refusing to try: `InferenceOracle_NoFeeHeld`. */
  async #isFeeHeld(requestId: bigint, { blockNumber }: At): Promise<boolean> {
    try {
      await this.client.simulateContract({
        ...this.#oracle,
        functionName: 'distributeFee',
        args: [requestId],
        account: this.me,
        blockNumber,
      });
      return true;
    } catch (error) {
      const refusal = decodeRevert(error, [inferenceOracleAbi]);
      if (refusal === undefined) throw error;
      return refusal.data['errorName'] !== 'InferenceOracle_NoFeeHeld';
    }
  }

  /** The answer that stands to a request; undefined while there is none. */
  async standing(requestId: bigint, at: Partial<At> = {}): Promise<{ round: number; finalAt: number } | undefined> {
    const { operator, round, finalAt } = await this.client.readContract({
      ...this.#oracle,
      ...at,
      functionName: 'assertion',
      args: [requestId],
    });
    return operator === zeroAddress ? undefined : { round, finalAt };
  }

  #isDisputed(requestId: bigint, { blockNumber }: At): Promise<boolean> {
    return this.client.readContract({
      address: this.deployment.addresses.disputeGame,
      abi: disputeGameAbi,
      functionName: 'hasOpenDispute',
      args: [requestId],
      blockNumber,
    });
  }

  async version(versionId: bigint): Promise<VersionFacts> {
    const known = this.#versions.get(versionId);
    if (known) return known;
    const read = await this.client.readContract({ ...this.#models, functionName: 'version', args: [versionId] });
    const facts: VersionFacts = {
      versionId,
      familyId: read.familyId,
      publishedAt: read.publishedAt,
      fileHash: read.fileHash.toLowerCase() as Hex,
      modelRoot: read.modelRoot === zeroHash ? undefined : read.modelRoot,
      io: read.io,
    };
    this.#versions.set(versionId, facts);
    return facts;
  }

  versionCount(): Promise<bigint> {
    return this.client.readContract({ ...this.#models, functionName: 'versionCount' });
  }

  isEnrolled(versionId: bigint, at: Partial<At> = {}): Promise<boolean> {
    return this.client.readContract({
      ...this.#operators,
      ...at,
      functionName: 'isEnrolled',
      args: [this.me, versionId],
    });
  }

  enrolled(versionId: bigint, at: Partial<At> = {}): Promise<readonly Address[]> {
    return this.client.readContract({ ...this.#operators, ...at, functionName: 'enrolled', args: [versionId] });
  }

  operator(at: Partial<At> = {}) {
    return this.client.readContract({ ...this.#operators, ...at, functionName: 'operator', args: [this.me] });
  }

  assetsOf(familyId: bigint): Promise<readonly Address[]> {
    return this.client.readContract({ ...this.#models, functionName: 'assetsOf', args: [familyId] });
  }

  tokenOf(familyId: bigint): Promise<Address> {
    return this.client.readContract({ ...this.#models, functionName: 'tokenOf', args: [familyId] });
  }

  /** What the waterfall owes us. */
  routerCredit(asset: Address, at: Partial<At> = {}): Promise<bigint> {
    return this.client.readContract({ ...this.#router, ...at, functionName: 'creditOf', args: [this.me, asset] });
  }

  /** What the oracle owes us: gas of callbacks we ran. */
  oracleCredit(asset: Address, at: Partial<At> = {}): Promise<bigint> {
    return this.client.readContract({ ...this.#oracle, ...at, functionName: 'creditOf', args: [this.me, asset] });
  }

  /** What audits have earned us. */
  auditCredit(asset: Address, at: Partial<At> = {}): Promise<bigint> {
    return this.client.readContract({ ...this.#audits, ...at, functionName: 'creditOf', args: [this.me, asset] });
  }

  holdersPending(familyId: bigint, asset: Address, at: Partial<At> = {}): Promise<bigint> {
    return this.client.readContract({
      ...this.#router,
      ...at,
      functionName: 'holdersPending',
      args: [familyId, asset],
    });
  }

  register(endpoint: string, value: bigint): Call {
    return call(this.#operators, 'register', [endpoint], value);
  }

  /** @param enrolments versions in whose draws the stake counts */
  addStake(value: bigint, enrolments: number): Call {
    return { ...call(this.#operators, 'addStake', [], value), spareGas: BigInt(enrolments) * NEW_EPOCH_GAS };
  }

  /**
   * @param enrolments versions enrolled for already: a stake that was slashed is written into their trees as well
   * @param modelRoot what we recomputed from the file, and attest
   */
  enrol(versionId: bigint, enrolments: number, modelRoot: Hex = zeroHash): Call {
    const spareGas = BigInt(enrolments + 1) * NEW_EPOCH_GAS;
    return { ...call(this.#operators, 'enrol', [versionId, modelRoot]), spareGas };
  }

  /** @param enrolments versions enrolled for, this one among them */
  withdrawFrom(versionId: bigint, enrolments: number): Call {
    const spareGas = BigInt(enrolments) * NEW_EPOCH_GAS;
    return { ...call(this.#operators, 'withdrawFrom', [versionId]), spareGas };
  }

  assertOutputs(requestId: bigint, outputs: readonly Hex[]): Call {
    return call(this.#oracle, 'assertOutputs', [requestId, outputs]);
  }

  deliver(requestId: bigint, outputs: readonly Hex[], callbackData: Hex): Call {
    return call(this.#oracle, 'deliver', [requestId, outputs, callbackData]);
  }

  finalize(requestId: bigint): Call {
    return call(this.#oracle, 'finalize', [requestId]);
  }

  finalizeAndDeliver(requestId: bigint, outputs: readonly Hex[], callbackData: Hex): Call {
    return call(this.#oracle, 'finalizeAndDeliver', [requestId, outputs, callbackData]);
  }

  refund(requestId: bigint): Call {
    return call(this.#oracle, 'refund', [requestId]);
  }

  distributeFee(requestId: bigint): Call {
    return call(this.#oracle, 'distributeFee', [requestId]);
  }

  withdrawRevenue(asset: Address): Call {
    return call(this.#router, 'withdraw', [asset, this.me]);
  }

  withdrawOracleCredit(asset: Address): Call {
    return call(this.#oracle, 'withdrawCredit', [asset, this.me]);
  }

  withdrawAuditCredit(asset: Address): Call {
    return call(this.#audits, 'withdraw', [asset, this.me]);
  }

  flush(familyId: bigint, asset: Address): Call {
    return call(this.#router, 'flush', [familyId, asset]);
  }
}

function call(
  { address, abi }: { address: Address; abi: Abi },
  functionName: string,
  args: readonly unknown[],
  value?: bigint,
): Call {
  return { to: address, abi, functionName, args, value };
}
