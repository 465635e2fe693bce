import { auditsAbi, inferenceOracleAbi, operatorRegistryAbi } from '@openimo/contracts';
import { openDispute, operatorMove, toHex } from '@openimo/donnx';
import type { Person } from '@openimo/testing';
import {
  type ContractFunctionReturnType,
  encodeAbiParameters,
  type Hex,
  keccak256,
  parseEther,
  parseEventLogs,
  zeroAddress,
} from 'viem';
import { modelOf } from '../encode-move.js';
import type { DisputeStory } from './dispute-story.js';

export type AuditFacts = ContractFunctionReturnType<typeof auditsAbi, 'view', 'selection'>;

const AUDITORS = ['idler', 'carol'] as const;
const PRICE = parseEther('0.001');
/** One answer in five is drawn. */
const MOST_ANSWERS = 80;
/** Longer than the window of an answer. */
const WINDOW = 70;

/** Audits with all their events and ends, of answers of the version that a dispute story has published. */
export class AuditStory {
  readonly audits: AuditFacts[] = [];

  constructor(private readonly disputes: DisputeStory) {}

  async tell(): Promise<void> {
    await this.enrol();
    await this.fill();
    await this.confirm();
    await this.fill();
    await this.miss();
    await this.fill();
    await this.commit(await this.select(), AUDITORS[0]);
  }

  /** A second operator beside `idler` that can be drawn. */
  async enrol(): Promise<void> {
    const { chain, versionId, model } = this.disputes;
    const { operatorRegistry } = chain.addresses;
    await chain.do('carol', operatorRegistry, operatorRegistryAbi, 'register', [''], parseEther('20'));
    await chain.do('carol', operatorRegistry, operatorRegistryAbi, 'enrol', [versionId, toHex(model.modelRoot)]);
    await chain.passSeconds(15);
  }

  /** A fee of which audits are paid. */
  async fill(): Promise<void> {
    const { chain } = this.disputes;
    await this.finalize(await this.answer());
    await chain.do('carol', chain.addresses.audits, auditsAbi, 'collect', [zeroAddress]);
  }

  /** Both auditors find the answer right, and are paid. */
  async confirm(): Promise<void> {
    const audit = await this.select();
    for (const person of AUDITORS) await this.commit(audit, person);
    for (const person of AUDITORS) await this.reveal(audit, person);
    await this.settle(audit);
    const { chain } = this.disputes;
    await chain.do('idler', chain.addresses.audits, auditsAbi, 'withdraw', [zeroAddress, chain.addressOf('idler')]);
  }

  /** One auditor commits and does not reveal, the other does nothing. */
  async miss(): Promise<void> {
    const audit = await this.select();
    await this.commit(audit, AUDITORS[0]);
    await this.settle(audit);
  }

  /** A right answer of `operator`'s. */
  async answer(): Promise<bigint> {
    const { chain, versionId, honest, model } = this.disputes;
    const { inferenceOracle } = chain.addresses;
    const input = toHex(honest.trace[0]!);
    const ask = [versionId, input, zeroAddress, 0n, '0x'] as const;
    const asked = await chain.do('developer', inferenceOracle, inferenceOracleAbi, 'requestCallback', ask, PRICE);
    const [opened] = parseEventLogs({ abi: inferenceOracleAbi, eventName: 'RequestOpened', logs: asked.logs });
    const { requestId } = opened!.args;
    await chain.passSeconds(6);
    const outputs = [toHex(honest.trace[model.commitment.outNode]!)];
    await chain.do('operator', inferenceOracle, inferenceOracleAbi, 'assertOutputs', [requestId, outputs]);
    return requestId;
  }

  /** Answers until one is drawn, with both auditors. */
  async select(): Promise<AuditFacts> {
    const { chain } = this.disputes;
    const { audits } = chain.addresses;
    for (let answers = 0; answers < MOST_ANSWERS; answers++) {
      const requestId = await this.answer();
      await chain.test.mine({ blocks: 2 });
      const call = { address: audits, abi: auditsAbi, functionName: 'selection', args: [requestId] } as const;
      const audit = await chain.client.readContract(call).catch(() => undefined);
      if (audit === undefined || audit.auditors[1] === zeroAddress) continue;
      await chain.do('carol', audits, auditsAbi, 'select', [requestId]);
      this.audits.push(audit);
      return audit;
    }
    throw new Error('No answer was drawn for an audit.');
  }

  async commit(audit: AuditFacts, person: Person): Promise<void> {
    const { chain } = this.disputes;
    const said = encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'address' }],
      [this.#trace().traceRoot, chain.addressOf(person)],
    );
    await chain.do(person, chain.addresses.audits, auditsAbi, 'commit', [audit, keccak256(said)]);
  }

  async reveal(audit: AuditFacts, person: Person): Promise<void> {
    const { chain, model } = this.disputes;
    const { inputRoot, outputRoot, ...trace } = this.#trace();
    const run = { ...trace, outputRoot, model: modelOf(model.commitment) };
    const item = { inputRoot, outputRoot, inputPath: [], outputPath: [] };
    await chain.do(person, chain.addresses.audits, auditsAbi, 'reveal', [audit, run, item]);
  }

  async settle(audit: AuditFacts): Promise<void> {
    const { chain } = this.disputes;
    await this.finalize(audit.requestId);
    await chain.do('bob', chain.addresses.audits, auditsAbi, 'settle', [audit]);
  }

  async finalize(requestId: bigint): Promise<void> {
    const { chain } = this.disputes;
    await chain.passSeconds(WINDOW);
    await chain.do('bob', chain.addresses.inferenceOracle, inferenceOracleAbi, 'finalize', [requestId]);
  }

  /** The honest run, as an auditor shows it. */
  #trace() {
    const { honest, model } = this.disputes;
    const [input, output] = [honest.trees[0]!.root, honest.trees[model.commitment.outNode]!.root];
    const move = operatorMove(model.commitment, openDispute(input, output), honest);
    if (move?.kind !== 'postTrace') throw new Error('A dispute begins with the trace.');
    const path = (hashes: readonly Uint8Array[]): Hex[] => hashes.map(toHex);
    return {
      ...{ inputRoot: toHex(input), outputRoot: toHex(output), traceRoot: toHex(move.traceRoot) },
      ...{ inputPath: path(move.inputPath), outputPath: path(move.outputPath) },
    };
  }
}
