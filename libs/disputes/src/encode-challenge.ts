import { disputeGameAbi } from '@openimo/contracts';
import { toHex } from '@openimo/donnx';
import { encodeFunctionData, type Hex } from 'viem';
import type { Answer } from './answer.js';
import type { Subject } from './subject.js';

/** The opening of a dispute as calldata of `DisputeGame`; its bond is the transaction's value. */
export function encodeChallenge(subject: Subject, answer: Answer): Hex {
  const abi = disputeGameAbi;
  const { outputRoot } = answer;
  if (answer.kind === 'tensors') {
    return encodeFunctionData({ abi, functionName: 'challenge', args: [subject, outputRoot] });
  }
  const args = [subject, outputRoot, toHex(answer.prompt), toHex(answer.output)] as const;
  return encodeFunctionData({ abi, functionName: 'challengeStep', args });
}
