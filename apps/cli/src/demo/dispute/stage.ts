import {
  inferenceOracleAbi,
  modelRegistryAbi,
  operatorRegistryAbi,
  promptAbi,
  promptBytecode,
} from '@openimo/contracts';
import { DomainError } from '@openimo/domain';
import { commitFile, toHex, type CommittedModel } from '@openimo/donnx';
import { gpt } from '@openimo/models';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, encodeDeployData, type Hex, parseEther, parseEventLogs } from 'viem';
import type { Actor } from '../../session/actor.js';
import type { Session } from '../../session/session.js';
import { until } from '../../session/until.js';
import { Children } from '../../stack/children.js';
import { watcherSpec } from '../../stack/services.js';
import type { Shutdown } from '../../stack/shutdown.js';

/** The writer as it is published, and what everybody recomputes from its file. */
export interface Writer {
  readonly versionId: bigint;
  readonly mostNewBytes: number;
  readonly model: CommittedModel;
  readonly modelRoot: Hex;
}

export interface Asked {
  readonly client: Address;
  readonly requestId: bigint;
}

export const STAKE = parseEther('10');
/** A local chain costs nothing to look at. */
const WATCHER_POLL_MS = '50';

/** @throws DomainError `NoDisputableText` where the writer is not published with its model root */
export async function findWriter(session: Session): Promise<Writer> {
  const registry = { address: session.deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;
  const model = commitFile(new Uint8Array(await readFile(gpt.modelPath)));
  const modelRoot = toHex(model.modelRoot);
  let versionId = await session.client.readContract({ ...registry, functionName: 'versionCount' });
  for (; versionId > 0n; versionId--) {
    const version = await session.client.readContract({ ...registry, functionName: 'version', args: [versionId] });
    if (version.modelRoot !== modelRoot) continue;
    const { context, maxOutput } = await session.client.readContract({
      ...registry,
      functionName: 'ioBounds',
      args: [versionId],
    });
    if (context > 0) return { versionId, mostNewBytes: maxOutput, model, modelRoot };
  }
  throw new DomainError(
    'NoDisputableText',
    'The model that writes Solidity is not published here with its model root. Start the stack anew: npm start -- --reset',
  );
}

/** Makes somebody an operator of a version, with stake that is free; attesting the same root as all others. */
export async function enlist(session: Session, actor: Actor, { versionId, modelRoot }: Writer): Promise<void> {
  const registry = { address: session.deployment.addresses.operatorRegistry, abi: operatorRegistryAbi } as const;
  const read = (functionName: 'freeStake') =>
    session.client.readContract({ ...registry, functionName, args: [actor.address] });
  const { stake } = await session.client.readContract({ ...registry, functionName: 'operator', args: [actor.address] });
  if (stake === 0n) await actor.write({ ...registry, functionName: 'register', args: [''], value: STAKE });
  else if ((await read('freeStake')) < STAKE)
    await actor.write({ ...registry, functionName: 'addStake', args: [], value: STAKE });
  const isEnrolled = await session.client.readContract({
    ...registry,
    functionName: 'isEnrolled',
    args: [actor.address, versionId],
  });
  if (!isEnrolled) await actor.write({ ...registry, functionName: 'enrol', args: [versionId, modelRoot] });
}

/** Starts a node that only watches, as `openimo node watch` does, on the stack's database. It ends with the demo. */
export async function startWatcher({ record }: Session, shutdown: Shutdown, { versionId }: Writer): Promise<void> {
  const logs = mkdtempSync(join(tmpdir(), 'openimo-watcher-'));
  const children = new Children(logs, (name, how) => {
    process.stderr.write(`  ${name} ended unexpectedly (${how}); its log: ${children.logPath(name)}\n`);
  });
  shutdown.add('the watcher', async () => {
    await children.stop();
    rmSync(logs, { recursive: true, force: true });
  });
  const spec = watcherSpec(record, { signer: { role: 'watcher' }, versions: String(versionId) });
  const env = { ...spec.env, OPENIMO_POLL_MS: WATCHER_POLL_MS };
  await children.start({ ...spec, env, restart: true }, shutdown.signal);
}

/** Asks through `Prompt`, OAO's own example of a client. */
export async function askPrompt(session: Session, { versionId }: Writer, prompt: string): Promise<Asked> {
  const developer = session.actor('developer');
  const { inferenceOracle } = session.deployment.addresses;
  const client = await developer.deploy(
    encodeDeployData({ abi: promptAbi, bytecode: promptBytecode, args: [inferenceOracle] }),
  );
  const value = await session.client.readContract({
    address: client,
    abi: promptAbi,
    functionName: 'estimateFee',
    args: [versionId],
  });
  const receipt = await developer.write({
    address: client,
    abi: promptAbi,
    functionName: 'calculateAIResult',
    args: [versionId, prompt],
    value: (3n * value) / 2n,
  });
  const [opened] = parseEventLogs({ abi: inferenceOracleAbi, logs: receipt.logs, eventName: 'RequestOpened' });
  return { client, requestId: opened!.args.requestId };
}

export interface Asserted {
  readonly outputRoot: Hex;
  readonly bond: bigint;
  readonly fromBlock: bigint;
}

/** Answers as soon as the oracle takes it: drawn, or after the window of whoever was. */
export async function assertText(
  session: Session,
  actor: Actor,
  requestId: bigint,
  text: Uint8Array,
): Promise<Asserted> {
  const call = {
    address: session.deployment.addresses.inferenceOracle,
    abi: inferenceOracleAbi,
    functionName: 'assertOutputs',
    args: [requestId, [toHex(text)]],
  } as const;
  await until(
    'the turn to answer',
    () =>
      session.client.simulateContract({ ...call, account: actor.account }).then(
        () => true,
        () => false,
      ),
    (accepted) => accepted,
  );
  const { logs, blockNumber } = await actor.write(call);
  const [event] = parseEventLogs({ abi: inferenceOracleAbi, logs, eventName: 'OutputAsserted' });
  const { outputRoot, bond } = event!.args;
  return { outputRoot, bond, fromBlock: blockNumber };
}

/** Moves the clock of a chain that nobody else uses. */
export async function passSeconds({ client }: Session, seconds: number): Promise<void> {
  const request = client.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  await request({ method: 'evm_increaseTime', params: [seconds] });
  await request({ method: 'evm_mine', params: [] });
}
