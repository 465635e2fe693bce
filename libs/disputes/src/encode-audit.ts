import type { auditsAbi } from '@openimo/contracts';
import { tensorTree, toHex } from '@openimo/donnx';
import type { Address, Hex } from '@openimo/domain';
import { type ContractFunctionArgs, encodeAbiParameters, keccak256 } from 'viem';
import type { Answer } from './answer.js';
import { itemOf } from './encode-move.js';
import type { TraceSummary } from './player/player-task.js';

/** An audit as `IAudits.Audit`. */
export type Audit = ContractFunctionArgs<typeof auditsAbi, 'nonpayable', 'settle'>[0];

/** What an auditor commits to: worth nothing to anybody else. */
export function auditCommitment(traceRoot: Hex, auditor: Address): Hex {
  return keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'address' }], [traceRoot, auditor]));
}

/**
 * What opens the commitment, as a call of `Audits`.
 *
 * @param item The item or step that is audited.
 */
export function auditReveal(audit: Audit, answer: Answer, item: number, trace: TraceSummary) {
  const { root: traceRoot, output, model, inputPath, outputPath } = trace;
  const run = { traceRoot, outputRoot: toHex(tensorTree(output).root), model, inputPath, outputPath };
  if (answer.kind === 'text') {
    const bytes = [toHex(answer.prompt), toHex(answer.output)] as const;
    return { functionName: 'revealStep', args: [audit, run, ...bytes] } as const;
  }
  return { functionName: 'reveal', args: [audit, run, itemOf(answer, item)] } as const;
}
