import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Deployment, inferenceOracleAbi, modelRegistryAbi, parseDeployment } from '@openimo/contracts';
import { StrayOperator } from '@openimo/testing';
import { createPublicClient, type Hex, http, parseEther } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { eventually, MAIN, openimo, Stack, temporaryFolder } from './support/openimo.js';

const MNEMONIC = 'test test test test test test test test test test test junk';
/** So much more than the stack's operators have that it is drawn nearly always. */
const STAKE = parseEther('5000');
const WRONG_ANSWER = 2;

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
  let watcher: Watcher;

  beforeAll(async () => {
    stack = await Stack.start(await temporaryFolder());
    watcher = await Watcher.start(stack.folder);
    right = await ask();
    wrong = await askLiar(await liar());
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

  it.each([
    ['a request that is not there', ['77'], 'UnknownRequest'],
    ['no number', ['seven'], 'NotANumber'],
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
    const versionId = BigInt(stack.record.example.versionId);
    const client = createPublicClient({ chain: foundry, transport: http(rpcUrl), pollingInterval: 100 });
    const { modelRoot } = await client.readContract({
      address: deployment().addresses.modelRegistry,
      abi: modelRegistryAbi,
      functionName: 'version',
      args: [versionId],
    });
    const account = mnemonicToAccount(MNEMONIC, { addressIndex: 19 });
    const home = { client, rpcUrl, deployment: deployment() };
    const operator = await StrayOperator.enrol(home, account, [{ versionId, modelRoot }], STAKE);
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

  async function replay({ requestId }: Asked, ...options: string[]) {
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
