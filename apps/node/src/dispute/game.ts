import type { Chain } from '@openimo/chain';
import { decodeRevert } from '@openimo/chain';
import { type Deployment, disputeGameAbi, inferenceOracleAbi } from '@openimo/contracts';
import type { Subject } from '@openimo/disputes';
import { type Address, decodeFunctionData, type Hex, zeroAddress } from 'viem';
import { type At, type Call, NEW_EPOCH_GAS } from '../protocol/protocol.js';
import type { AnswerFacts } from './dispute-move.js';

/** In which the game counts bonds, in wei. */
const BOND_UNIT = 10n ** 12n;

/** Moves that may end a dispute. */
const DECIDING: ReadonlySet<string> = new Set([
  'pickStep',
  'pickChunk',
  'revealChunk',
  'prove',
  'proveDirect',
  'timeout',
]);
/**
 * What they may need beyond the estimate: the winner's first winnings since it withdrew, and a slash that is the first in an epoch,
 * in a few versions. One that falls short is made again with an estimate of its own.
 */
const DECIDING_SPARE_GAS = 25_000n + 4n * NEW_EPOCH_GAS;

/** Reads `DisputeGame`, and describes the transactions to it. Decides nothing. */
export class Game {
  constructor(
    private readonly client: Chain['client'],
    private readonly deployment: Deployment,
    readonly me: Address,
  ) {}

  get #game() {
    return { address: this.deployment.addresses.disputeGame, abi: disputeGameAbi } as const;
  }

  async answer(requestId: bigint, { blockNumber }: Partial<At>): Promise<AnswerFacts> {
    const [[round], standing] = await Promise.all([
      this.client.readContract({ ...this.#game, functionName: 'docket', args: [requestId], blockNumber }),
      this.#standing(requestId, { blockNumber }),
    ]);
    return standing === undefined ? { round } : { round, standing };
  }

  async #standing(requestId: bigint, { blockNumber }: Partial<At>): Promise<AnswerFacts['standing']> {
    try {
      const { operator, outputRoot, finalAt } = await this.client.readContract({
        address: this.deployment.addresses.inferenceOracle,
        abi: inferenceOracleAbi,
        functionName: 'standing',
        args: [requestId],
        blockNumber,
      });
      return operator === zeroAddress ? undefined : { operator, outputRoot, finalAt };
    } catch (error) {
      // No answer, or none that could be disputed any more.
      if (decodeRevert(error) !== undefined) return undefined;
      throw error;
    }
  }

  /** Wei that the challenger of a decided dispute can withdraw for it. */
  async dueTo(disputeId: Hex, { blockNumber }: At): Promise<bigint> {
    const { bond } = await this.client.readContract({
      ...this.#game,
      functionName: 'dispute',
      args: [disputeId],
      blockNumber,
    });
    return BigInt(bond) * BOND_UNIT;
  }

  /** Wei that we won as an operator. */
  winnings({ blockNumber }: At): Promise<bigint> {
    return this.client.readContract({ ...this.#game, functionName: 'winningsOf', args: [this.me], blockNumber });
  }

  /** A quarter more than the least now: the base fee that it depends on may have risen when the challenge is mined. */
  async bond({ blockNumber }: At): Promise<bigint> {
    const least = await this.client.readContract({ ...this.#game, functionName: 'leastBond', blockNumber });
    return ((least + least / 4n) / BOND_UNIT) * BOND_UNIT;
  }

  withdraw(subjects: readonly Subject[]): Call {
    return { to: this.#game.address, abi: this.#game.abi, functionName: 'withdraw', args: [subjects, this.me] };
  }

  /** What was encoded elsewhere. */
  call(data: Hex, value?: bigint): Call {
    const { functionName, args } = decodeFunctionData({ abi: this.#game.abi, data });
    const spareGas = DECIDING.has(functionName) ? DECIDING_SPARE_GAS : undefined;
    return { to: this.#game.address, abi: this.#game.abi, functionName, args: args ?? [], value, spareGas };
  }
}
