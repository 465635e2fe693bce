import { inferenceOracleAbi } from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { digitsCnn } from '@openimo/models';
import { bytesToHex, hexToBytes, parseEventLogs, zeroAddress } from 'viem';
import { drawDigit } from '../demo/draw-digit.js';
import { readLocalFile } from '../input/local-file.js';
import { wholeNumber } from '../input/whole-number.js';
import { contextOf, newestTextVersion } from '../model/text-version.js';
import { meaningOf, tierOf } from '../model/tier.js';
import { type Session, parseRole } from '../session/session.js';
import { until } from '../session/until.js';
import { duration, eth, gas, printable } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { requirePrompt, textOf } from './prompt.js';

export interface RequestOptions {
  as: string;
  version?: string;
  /** Ask about a held-back image of this digit. */
  digit?: string;
  /** Or let a text model write on from this. */
  prompt?: string;
  /** Or send the bytes of a file. */
  input?: string;
}

const NO_CALLBACK = { callbackContract: zeroAddress, gasLimit: 0n, callbackData: '0x' } as const;

/** Sends one request without a callback and waits for the answer. */
export async function request(session: Session, output: Output, options: RequestOptions): Promise<void> {
  const actor = session.actor(parseRole(options.as));
  const { versionId, context } = await findVersion(session, options);
  const input = await readInput(options);
  if (context !== 0) requirePrompt(input, context);
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
  const text = context === 0 ? undefined : textOf(answer);
  if (output.json) return output.result({ requestId, operator, output: outputs![0]!, text, finalAt });
  if (text === undefined) output.fact('output', outputs![0]!);
  else output.fact('writes', text === '' ? '(nothing: the model ends the text here)' : printable(text));
  if (options.digit !== undefined) {
    for (const row of drawDigit(input)) output.line(row);
    output.fact('reads', String(digitsCnn.decode(answer).label));
  }
  const tier = await tierOf(session, versionId);
  output.fact(
    'final',
    `in ${duration(Math.max(0, Number(finalAt) - now))}, if nobody disputes it; this version is ${tier}: ${meaningOf(tier)}`,
  );
}

/** The version asked for: by its number, or else the example, or for a prompt the newest version that writes text. */
async function findVersion(session: Session, { version, prompt }: RequestOptions) {
  if (version === undefined && prompt !== undefined) {
    const found = await newestTextVersion(session);
    if (found !== undefined) return found;
    throw new DomainError('NoTextVersion', 'Nothing published here writes text. Publish a text model with --text.');
  }
  const versionId = wholeNumber(version ?? session.record.example.versionId, 'The version');
  const context = await contextOf(session, versionId);
  if (prompt !== undefined && context === 0) {
    throw new DomainError(
      'NotATextModel',
      `Version ${versionId} does not write text. Ask it with --input, or another with --prompt.`,
    );
  }
  return { versionId, context };
}

async function readInput({ digit, input, prompt }: RequestOptions): Promise<Uint8Array> {
  if (input !== undefined) return readLocalFile(input);
  if (prompt !== undefined) return new TextEncoder().encode(prompt);
  const wanted = Number(digit ?? Number.NaN);
  const example = digitsCnn.heldBack().find(({ label }) => label === wanted);
  if (example) return example.pixels;
  throw new DomainError(
    'InputMissing',
    'Say what to ask about: --prompt with a text, --digit 0 to 9 for a held-back image, or --input <file> with the bytes.',
  );
}
