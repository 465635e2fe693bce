import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { appendFile, chmod, cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Deployment, inferenceOracleAbi, modelRegistryAbi, parseDeployment } from '@openimo/contracts';
import { commitFile, execute, outputOf, toHex } from '@openimo/donnx';
import { digitsCnn } from '@openimo/models';
import { StrayOperator } from '@openimo/testing';
import {
  concat,
  createPublicClient,
  encodeFunctionData,
  type Hex,
  http,
  parseEther,
  parseEventLogs,
  stringToHex,
  zeroAddress,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { eventually, MAIN, openimo, Stack, temporaryFolder } from './support/openimo.js';

const MNEMONIC = 'test test test test test test test test test test test junk';
/** So much more than the stack's operators have that it is drawn nearly always. */
const STAKE = parseEther('5000');
const WRONG_ANSWER = 2;
/** The stack publishes the digits first, then what writes Solidity. */
const WRITER = 2n;
/** As it is before it is lowered: it can be published, and no answer of it be disputed. */
const FLOAT_WRITER = fileURLToPath(new URL('../../libs/models/gpt/gpt.float.onnx', import.meta.url));

interface Asked {
  readonly requestId: string;
  readonly operator: string;
  readonly output: Hex;
}

/** A stack with an operator in it that lies, somebody who watches, and somebody who asks again. */
describe('a wrong answer on a running stack', () => {
  let stack: Stack;
  let right: Asked;
  let wrong: Asked;
  let stray: StrayOperator;
  let watcher: Watcher;

  beforeAll(async () => {
    stack = await Stack.start(await temporaryFolder());
    watcher = await Watcher.start(stack.folder);
    right = await ask();
    stray = await liar();
    wrong = await askLiar(stray);
  }, 400_000);

  afterAll(async () => {
    await watcher?.end();
    await stack.remove();
  });

  it('is found by whoever watches, and no right one is', async () => {
    const verdictOn = ({ requestId }: Asked) =>
      watcher.lines.find((line) => line['requestId'] === requestId && line['verdict'] !== undefined);
    await eventually('both verdicts', () => [right, wrong].every((asked) => verdictOn(asked) !== undefined));

    expect(verdictOn(right)).toMatchObject({ verdict: 'right', claims: 1 });
    expect(verdictOn(wrong)).toMatchObject({
      verdict: 'wrong',
      item: 0,
      asserted: wrong.output,
      expected: right.output,
    });
  }, 200_000);

  it('is told from a right one by running it again, down to the element', async () => {
    expect(await replay(right, '--trace')).toMatchObject({
      code: 0,
      told: { right: true, claims: 1, trace: { item: 0, outputRoot: expect.stringMatching(/^0x/) } },
    });
    expect(await replay(wrong, '--round', '1')).toMatchObject({
      code: WRONG_ANSWER,
      told: {
        right: false,
        operator: wrong.operator,
        wrong: {
          item: 0,
          asserted: wrong.output,
          expected: right.output,
          difference: { where: 'output "label"', element: 0, datatype: 'INT64', expected: right.output.slice(0, 18) },
        },
      },
    });
    const { stdout } = await openimo(stack.folder, 'replay', wrong.requestId, '--round', '1');
    expect(stdout).toContain('WRONG at item 0');
  }, 200_000);

  it('is told down to the item of a batch', async () => {
    const { graph } = commitFile(readFileSync(digitsCnn.modelPath));
    const inputs = digitsCnn.heldBack().map(({ pixels }) => pixels);
    const outputs = inputs.slice(0, 3).map((pixels) => toHex(outputOf(graph, execute(graph, pixels))));
    const expected = outputs[2]!;
    const asserted: Hex = `0x${expected.slice(2, 4) === '09' ? '08' : '09'}${expected.slice(4)}`;
    const requestId = await lie(1n, inputs.slice(0, 3).map(toHex), [...outputs.slice(0, 2), asserted]);

    const { code, told } = await replay({ requestId }, '--round', '1', '--item', '0', '--trace');

    expect({ code, told }).toMatchObject({
      code: WRONG_ANSWER,
      told: {
        claims: 3,
        wrong: {
          item: 2,
          asserted,
          expected,
          difference: { node: graph.outNode, where: 'output "label"', element: 0, datatype: 'INT64' },
        },
        trace: { item: 0 },
      },
    });
  }, 200_000);

  it('is told down to the byte of a text', async () => {
    const prompt = 'function transfer(';
    const { stdout } = await openimo(stack.folder, '--json', 'request', '--prompt', prompt, '--as', 'alice');
    const { text } = JSON.parse(stdout) as { text: string };
    const at = 20;
    const lied = `${text.slice(0, at)}!${text.slice(at + 1)}`;
    const requestId = await lie(WRITER, [stringToHex(prompt)], [stringToHex(lied)]);

    const { code, told } = await replay({ requestId }, '--round', '1');

    expect({ code, told }).toMatchObject({
      code: WRONG_ANSWER,
      told: { claims: text.length, wrong: { item: at, asserted: '0x21', expected: stringToHex(text[at]!) } },
    });
    expect(told).toHaveProperty('wrong.difference', expect.objectContaining({ where: 'output "next"', element: 0 }));
    const shown = await openimo(stack.folder, 'replay', requestId, '--round', '1');
    expect(shown.stdout).toMatch(/WRONG at step 20[^]*node \d+, output "next", element 0/);
  }, 200_000);

  it('cannot be told of without a model root, but a right one still is', async () => {
    const published = await openimo(
      ...([stack.folder, '--json', 'model', 'publish', FLOAT_WRITER, '--licence', 'MIT', '--text', '48'] as const),
    );
    const { versionId } = JSON.parse(published.stdout) as { versionId: string };
    const asked = await openimo(stack.folder, '--json', 'request', '--version', versionId, '--prompt', 'contract A {');

    const { code, told } = await replay(JSON.parse(asked.stdout) as Asked, '--trace');

    expect({ code, told }).toMatchObject({ code: 0, told: { right: true, disputable: false } });
    expect(told).toHaveProperty('untraced', expect.stringContaining('is not in the profile'));
  }, 200_000);

  it('is not judged by a file that has changed', async () => {
    const models = join(await temporaryFolder(), 'models');
    await cp(join(stack.folder, 'models'), models, { recursive: true });
    for (const name of await readdir(models, { recursive: true })) {
      if (!name.endsWith('.onnx')) continue;
      await chmod(join(models, name), 0o600);
      await appendFile(join(models, name), 'x');
    }

    const ended = await openimo(stack.folder, 'replay', right.requestId, '--models', models);

    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('ModelCorrupt') });
  }, 60_000);

  it('is watched for once with an account', async () => {
    const second = await openimo(stack.folder, 'node', 'watch');

    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('WatcherRunning') });
    expect(second.stderr).not.toContain('    at ');
  }, 60_000);

  it.each([
    ['a request that is not there', ['77'], 'UnknownRequest'],
    ['no number', ['seven'], 'NotANumber'],
    ['a number below nothing', ['-1'], 'NotANumber'],
    ['more than the chain has room for', [String(2n ** 300n)], 'NumberOutOfRange'],
    ['the answer before the first', ['RIGHT', '--round', '0'], 'NumberOutOfRange'],
    ['an item that there is not', ['RIGHT', '--item', '1'], 'NoSuchClaim'],
    ['an answer that nobody gave', ['RIGHT', '--round', '9'], 'NotAnswered'],
    ['a folder without the model', ['RIGHT', '--models', '/nowhere'], 'ModelNotFound'],
  ])(
    'has nothing to run again for %s',
    async (_, args, code) => {
      const models = await temporaryFolder();
      const given = args.map((arg) => ({ RIGHT: right.requestId, '/nowhere': models })[arg] ?? arg);
      const ended = await openimo(stack.folder, 'replay', ...given);

      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain(code);
    },
    60_000,
  );

  it('leaves nothing behind when the watcher is interrupted', async () => {
    expect(await watcher.end()).toBe(0);
  }, 60_000);

  async function ask(): Promise<Asked> {
    const { stdout } = await openimo(stack.folder, '--json', 'request', '--digit', '7', '--as', 'alice');
    return JSON.parse(stdout) as Asked;
  }

  async function liar(): Promise<StrayOperator> {
    const { rpcUrl } = stack.record;
    const client = createPublicClient({ chain: foundry, transport: http(rpcUrl), pollingInterval: 100 });
    const { modelRegistry: address } = deployment().addresses;
    const attested = async (versionId: bigint) => {
      const call = { address, abi: modelRegistryAbi, functionName: 'version', args: [versionId] } as const;
      const { modelRoot } = await client.readContract(call);
      return { versionId, modelRoot };
    };
    const versions = await Promise.all([attested(BigInt(stack.record.example.versionId)), attested(WRITER)]);
    const account = mnemonicToAccount(MNEMONIC, { addressIndex: 19 });
    const home = { client, rpcUrl, deployment: deployment() };
    const operator = await StrayOperator.enrol(home, account, versions, STAKE);
    const enrolledAt = (await client.getBlock()).timestamp;
    const { epochLength } = deployment().parameters.operators;
    await eventually('its stake to count', async () => {
      return (await client.getBlock()).timestamp >= enrolledAt + 2n * BigInt(epochLength);
    });
    return operator;
  }

  /** Until it is the liar that is drawn. */
  async function askLiar(operator: StrayOperator): Promise<Asked> {
    const client = createPublicClient({ chain: foundry, transport: http(stack.record.rpcUrl), pollingInterval: 100 });
    const lie: Hex = `0x${right.output.slice(2, 4) === '09' ? '08' : '09'}${right.output.slice(4)}`;
    for (;;) {
      const fromBlock = await client.getBlockNumber();
      const asking = ask();
      const opened = async () => {
        const { inferenceOracle: address } = deployment().addresses;
        const event = { address, abi: inferenceOracleAbi, eventName: 'RequestOpened', fromBlock } as const;
        return (await client.getContractEvents(event)).filter(({ blockNumber }) => blockNumber > fromBlock);
      };
      await eventually('a request', async () => (await opened()).length > 0, { everyMs: 50 });
      const { requestId } = (await opened())[0]!.args;
      const given = operator.answer(requestId!, [lie]).then(
        () => true,
        () => false,
      );
      const asked = await asking;
      if (asked.operator === operator.address && (await given)) return asked;
    }
  }

  /** Asks, and answers so itself: as it is drawn nearly always. */
  async function lie(versionId: bigint, inputs: readonly Hex[], outputs: readonly Hex[]): Promise<string> {
    const client = createPublicClient({ chain: foundry, transport: http(stack.record.rpcUrl), pollingInterval: 100 });
    const { inferenceOracle: address } = deployment().addresses;
    const abi = inferenceOracleAbi;
    const size = BigInt(inputs.length);
    const fee = await client.readContract({
      address,
      abi,
      functionName: 'estimateFeeBatch',
      args: [versionId, 0n, size],
    });
    const data = encodeFunctionData({
      abi,
      functionName: 'requestBatchInference',
      args: [size, versionId, concat(inputs), zeroAddress, 0n, '0x', 0, 0],
    });
    for (;;) {
      const { logs } = await stray.mustSend(address, data, fee);
      const { requestId } = parseEventLogs({ abi, eventName: 'RequestOpened', logs })[0]!.args;
      const given = await stray.answer(requestId, outputs).then(
        () => true,
        () => false,
      );
      if (given) return String(requestId);
    }
  }

  async function replay({ requestId }: Pick<Asked, 'requestId'>, ...options: string[]) {
    const { code, stdout } = await openimo(stack.folder, '--json', 'replay', requestId, ...options);
    return { code, told: JSON.parse(stdout) as Record<string, unknown> };
  }

  function deployment(): Deployment {
    return parseDeployment(readFileSync(stack.record.deployment, 'utf8'));
  }
});

/** `openimo node watch`, as a program runs it. */
class Watcher {
  readonly lines: Record<string, unknown>[] = [];

  private constructor(private readonly child: ChildProcess) {
    const read = (line: string) => this.lines.push(JSON.parse(line) as Record<string, unknown>);
    createInterface({ input: child.stdout! }).on('line', read);
  }

  static async start(folder: string): Promise<Watcher> {
    const args = ['--no-warnings', MAIN, '--dir', folder, '--json', 'node', 'watch'];
    const watcher = new Watcher(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
    await eventually('the watcher to be ready', () => watcher.lines.some((line) => line['ready'] === true));
    return watcher;
  }

  /** Ctrl-C. @returns the exit code */
  async end(): Promise<number | null> {
    if (this.child.exitCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGINT');
      await exited;
    }
    return this.child.exitCode;
  }
}
