import { readFile } from 'node:fs/promises';
import { inferenceOracleAbi } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { digits } from '@openimo/models';
import { bytesToHex, hexToBytes, parseEventLogs, zeroAddress } from 'viem';
import { drawDigit } from '../demo/draw-digit.js';
import { type Session, parseRole } from '../session/session.js';
import { until } from '../session/until.js';
import { duration, eth, gas } from '../ui/format.js';
import type { Output } from '../ui/output.js';

export interface RequestOptions {
  as: string;
  version?: string;
  /** Ask about a held-back image of this digit. */
  digit?: string;
  /** Or send the bytes of a file. */
  input?: string;
}

const NO_CALLBACK = { callbackContract: zeroAddress, gasLimit: 0n, callbackData: '0x' } as const;

/** Sends one request without a callback and waits for the answer. */
export async function request(session: Session, output: Output, options: RequestOptions): Promise<void> {
  const actor = session.actor(parseRole(options.as));
  const versionId = BigInt(options.version ?? session.record.example.versionId);
  const input = await readInput(options);
  const oracle = { address: session.deployment.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;

  const fee = await session.client.readContract({
    ...oracle,
    functionName: 'estimateFee',
    args: [versionId, NO_CALLBACK.gasLimit],
  });
  const receipt = await actor.write({
    ...oracle,
    functionName: 'requestCallback',
    args: [versionId, bytesToHex(input), NO_CALLBACK.callbackContract, NO_CALLBACK.gasLimit, NO_CALLBACK.callbackData],
    value: fee,
  });
  const [opened] = parseEventLogs({ abi: inferenceOracleAbi, logs: receipt.logs, eventName: 'RequestOpened' });
  const { requestId } = opened!.args;
  output.fact('request', `${requestId} to version ${versionId}, ${eth(fee)} in escrow (${gas(receipt.gasUsed)})`);

  const asserted = await output.step(
    'Waiting for an operator',
    () =>
      until(
        'an answer',
        () =>
          session.client.getContractEvents({
            ...oracle,
            eventName: 'OutputAsserted',
            args: { requestId },
            fromBlock: receipt.blockNumber,
          }),
        (events) => events.length > 0,
        { timeoutMs: session.deployment.parameters.oracle.requestDeadline * 1000 },
      ),
    (events) => `Answered by ${events[0]!.args.operator}`,
  );
  const { outputs, finalAt, operator } = asserted[0]!.args;
  const answer = hexToBytes(outputs![0]!);
  const now = Number((await session.client.getBlock()).timestamp);
  if (output.json) return output.result({ requestId, operator, output: outputs![0]!, finalAt });
  output.fact('output', outputs![0]!);
  if (options.digit !== undefined) {
    for (const row of drawDigit(input)) output.line(row);
    output.fact('reads', String(digits.decode(answer).label));
  }
  output.fact(
    'final',
    `in ${duration(Math.max(0, Number(finalAt) - now))}, if nobody disputes it; this version is Unverified: only the bond stands behind it`,
  );
}

async function readInput({ digit, input }: RequestOptions): Promise<Uint8Array> {
  if (input !== undefined) return readFile(input);
  const wanted = Number(digit ?? Number.NaN);
  const example = digits.heldBack().find(({ label }) => label === wanted);
  if (example) return example.pixels;
  throw new DomainError(
    'InputMissing',
    'Say what to ask about: --digit 0 to 9 for a held-back image, or --input <file> with the tensor bytes.',
  );
}
