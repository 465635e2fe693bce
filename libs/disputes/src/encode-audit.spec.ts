import { auditsAbi } from '@openimo/contracts';
import { fromHex, MerkleTree, tensorTree, toHex } from '@openimo/donnx';
import { decodeFunctionData, encodeFunctionData, encodePacked, keccak256, pad, type Hex } from 'viem';
import type { Answer } from './answer.js';
import { type Audit, auditCommitment, auditReveal } from './encode-audit.js';
import type { TraceSummary } from './player/player-task.js';

const AUDITOR = '0x00000000000000000000000000000000000000A1';
const word = (n: number): Hex => pad(`0x${n.toString(16)}`);
const bytes = (...values: number[]) => Uint8Array.of(...values);

const audit: Audit = {
  ...{ requestId: 7n, round: 0, assertedAt: 1_000, quarter: 15, versionId: 1n, batchSize: 3n },
  ...{ inputRoot: word(1), outputRoot: word(2), seed: word(3), asset: AUDITOR, share: 5n },
  auditors: [AUDITOR, AUDITOR],
};
const trace: TraceSummary = {
  root: word(9),
  output: bytes(1, 2),
  model: {
    ...{ graphRoot: word(4), constRoot: word(5), fileHash: word(6) },
    ...{ nodesHeight: 1n, constantsHeight: 0n, nodeCount: 2n, outNode: 1n, inputBytes: 1n, outputBytes: 2n },
  },
  inputPath: [word(7)],
  outputPath: [word(8)],
};
const run = {
  traceRoot: trace.root,
  outputRoot: toHex(tensorTree(trace.output).root),
  model: trace.model,
  inputPath: trace.inputPath,
  outputPath: trace.outputPath,
};

function read(answer: Answer, item: number) {
  const data = encodeFunctionData({ abi: auditsAbi, ...auditReveal(audit, answer, item, trace) } as never);
  return decodeFunctionData({ abi: auditsAbi, data });
}

it('commits to a root for one auditor alone', () => {
  expect(auditCommitment(word(9), AUDITOR)).toBe(
    keccak256(encodePacked(['bytes32', 'bytes32'], [word(9), pad(AUDITOR)])),
  );
});

it('shows which item of a batch was run', () => {
  const inputs = [bytes(1), bytes(2), bytes(3)];
  const answer: Answer = { kind: 'tensors', outputRoot: word(2), inputs, outputs: inputs };

  const { functionName, args } = read(answer, 1);

  expect(functionName).toBe('reveal');
  const [, shown, item] = args as unknown as [Audit, typeof run, { inputRoot: Hex; inputPath: Hex[] }];
  expect(shown).toEqual(run);
  const leaves = inputs.map((input) => tensorTree(input).root);
  expect(item.inputRoot).toBe(toHex(leaves[1]!));
  expect(item.inputPath.map(fromHex)).toEqual(new MerkleTree(leaves).path(1));
});

it('shows the text of which a step was run', () => {
  const answer: Answer = {
    ...{ kind: 'text', outputRoot: word(2), prompt: bytes(97), output: bytes(98, 99) },
    ...{ mostNewBytes: 4, context: 16 },
  };

  expect(read(answer, 2)).toEqual({ functionName: 'revealStep', args: [audit, run, '0x61', '0x6263'] });
});
