import type { Chain } from '@openimo/chain';
import { decodeRevert } from '@openimo/chain';
import { auditsAbi, type Deployment, disputeGameAbi, inferenceOracleAbi, revenueRouterAbi } from '@openimo/contracts';
import type { Answer, Audit } from '@openimo/disputes';
import type { Address } from '@openimo/domain';
import type { Hex } from 'viem';
import type { At, Call } from '../protocol/protocol.js';
import type { AuditState } from './audit-move.js';

const STANCES = ['None', 'Committed', 'Confirmed', 'Denied'] as const;

/** What the contract says to an answer that might be audited: the audit to begin, or why there is none. */
export type Selection = { readonly audit: Audit } | { readonly refusal: string };

/** Reads `Audits`, and describes the transactions to it. Decides nothing. */
export class Audits {
  constructor(
    private readonly client: Chain['client'],
    private readonly deployment: Deployment,
    readonly me: Address,
  ) {}

  get #audits() {
    return { address: this.deployment.addresses.audits, abi: auditsAbi } as const;
  }

  async selection(requestId: bigint, { blockNumber }: At): Promise<Selection> {
    try {
      const args = [requestId] as const;
      return {
        audit: await this.client.readContract({ ...this.#audits, functionName: 'selection', args, blockNumber }),
      };
    } catch (error) {
      const refusal = decodeRevert(error, [auditsAbi, inferenceOracleAbi]);
      if (refusal === undefined) throw error;
      return { refusal: String(refusal.data['errorName'] ?? refusal.message) };
    }
  }

  /** Whether the answer's audit has begun. */
  async hasBegun({ requestId, round }: Audit, { blockNumber }: At): Promise<boolean> {
    const args = [requestId, BigInt(round)] as const;
    const id = await this.client.readContract({ ...this.#audits, functionName: 'auditOf', args, blockNumber });
    return BigInt(id) !== 0n;
  }

  /** What the auditors did, and whether the fate of the answer is known. */
  async state(id: Hex, { requestId, round }: Audit, { blockNumber }: At): Promise<AuditState> {
    const read = { blockNumber } as const;
    const { inferenceOracle, disputeGame } = this.deployment.addresses;
    const oracle = { address: inferenceOracle, abi: inferenceOracleAbi } as const;
    const game = { address: disputeGame, abi: disputeGameAbi } as const;
    const [{ open, first, second }, isFinal, [convictions]] = await Promise.all([
      this.client.readContract({ ...this.#audits, ...read, functionName: 'stateOf', args: [id] }),
      this.client.readContract({ ...oracle, ...read, functionName: 'isFinalized', args: [requestId] }),
      this.client.readContract({ ...game, ...read, functionName: 'docket', args: [requestId] }),
    ]);
    return { open, stances: [STANCES[first]!, STANCES[second]!], decided: isFinal || convictions !== round };
  }

  /** Which item or step of the answer is audited. */
  itemOf(audit: Audit, answer: Answer): Promise<number> {
    if (answer.kind === 'tensors') {
      return this.client.readContract({ ...this.#audits, functionName: 'itemOf', args: [audit] });
    }
    const args = [audit, BigInt(answer.prompt.length), BigInt(answer.output.length)] as const;
    return this.client.readContract({ ...this.#audits, functionName: 'stepOf', args });
  }

  /** What the router holds for the pots and the treasury. */
  uncollected(asset: Address, { blockNumber }: At): Promise<bigint> {
    return this.client.readContract({
      address: this.deployment.addresses.revenueRouter,
      abi: revenueRouterAbi,
      functionName: 'creditOf',
      args: [this.#audits.address, asset],
      blockNumber,
    });
  }

  collect(asset: Address): Call {
    return this.#call('collect', [asset]);
  }

  select(requestId: bigint): Call {
    return this.#call('select', [requestId]);
  }

  commit(audit: Audit, commitment: Hex): Call {
    return this.#call('commit', [audit, commitment]);
  }

  settle(audit: Audit): Call {
    return this.#call('settle', [audit]);
  }

  #call(functionName: string, args: readonly unknown[]): Call {
    return { to: this.#audits.address, abi: this.#audits.abi, functionName, args };
  }

  /** What was described elsewhere. */
  reveal({ functionName, args }: { functionName: string; args: readonly unknown[] }): Call {
    return this.#call(functionName, args);
  }
}
