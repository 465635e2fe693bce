import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { InputEncoding } from '@openimo/donnx';
import { isDomainError } from '@openimo/domain';
import * as db from './db/db.command.js';
import type { RebuildOptions } from './db/rebuild.js';
import { runDemo } from './demo/demo.js';
import { type DisputeDemoOptions, runDisputeDemo } from './demo/dispute/dispute-demo.js';
import { wholeNumber } from './input/whole-number.js';
import { lower, type LowerOptions } from './model/lower-model.js';
import * as model from './model/model.command.js';
import { trace, type TraceOptions } from './model/trace-model.js';
import { verify } from './model/verify-model.js';
import * as offering from './offering/offering.command.js';
import { request } from './request/request.command.js';
import { replay, type ReplayOptions } from './replay/replay.command.js';
import { openSession, type Session } from './session/session.js';
import { deploy, type DeployOptions } from './stack/deploy.command.js';
import { dev } from './stack/dev.command.js';
import { Shutdown } from './stack/shutdown.js';
import { startStack } from './stack/start-stack.js';
import { status } from './status/status.command.js';
import { createOutput, type Output } from './ui/output.js';
import { watch, type WatchOptions } from './watch/watch.command.js';

const DEFAULT_FOLDER = '.openimo';
const DEFAULT_RPC_PORT = 8545;
const DEFAULT_API_PORT = 4000;
const ANY_PORT = 0;
const MOST_PORT = 65_535n;
const MOST_INDEX = 2n ** 32n - 1n;

export function createProgram(): Command {
  const program = new Command('openimo')
    .description('Initial Model Offerings: tokenize a model, sell it, serve it, stream the fees to its holders.')
    .option('--dir <folder>', 'where the local stack keeps its state', DEFAULT_FOLDER)
    .option('--json', 'one JSON object on stdout instead of text', false)
    .showHelpAfterError();

  const output = () => createOutput(Boolean(program.opts().json));
  const folder = () => String(program.opts().dir);
  const onStack =
    <Arguments extends unknown[]>(action: (session: Session, output: Output, ...args: Arguments) => Promise<unknown>) =>
    async (...args: Arguments): Promise<void> => {
      await action(await openSession(folder()), output(), ...args);
    };

  program
    .command('dev')
    .description(
      'run the whole stack until Ctrl-C: chain, database, contracts, operators, indexer, GraphQL, an example model',
    )
    .option('--reset', 'forget everything the folder holds first', false)
    .option('--rpc-port <port>', 'port of the chain', upTo(MOST_PORT, 'The port of the chain'), DEFAULT_RPC_PORT)
    .option('--api-port <port>', 'port of GraphQL', upTo(MOST_PORT, 'The port of GraphQL'), DEFAULT_API_PORT)
    .action((options: { reset: boolean; rpcPort: number; apiPort: number }) =>
      dev({ folder: folder(), ...options }, output()),
    );

  program
    .command('deploy')
    .description('contracts and the example model, on a local chain that runs already')
    .requiredOption('--rpc-url <url>', 'RPC of the chain')
    .requiredOption('--out <file>', 'where the deployment record goes')
    .requiredOption('--models <folder>', 'where model files are kept')
    .action((options: DeployOptions) => deploy(options, output()));

  const demos = program
    .command('demo')
    .description('the whole story on real digit images; starts a stack of its own where none runs')
    .action(() => demo(folder(), output(), runDemo));
  demos
    .command('dispute')
    .description('an operator lies about one element within the model that writes Solidity, and is convicted on-chain')
    .option('--prompt <text>', 'what the model writes on from', 'function transfer(')
    .option('--step <n>', 'which byte of the text is wrong, from 0', upTo(MOST_INDEX, 'The step'))
    .option('--node <n>', "which step of the model's graph is computed wrong", upTo(MOST_INDEX, 'The node'))
    .option('--element <n>', 'which element of it', upTo(MOST_INDEX, 'The element'))
    .action((options: Omit<DisputeDemoOptions, 'isOwnStack'>) =>
      demo(folder(), output(), (session, to, shutdown, isOwnStack) =>
        runDisputeDemo(session, to, shutdown, { ...options, isOwnStack }),
      ),
    );

  program.command('status').description('who serves, what is published, what was asked').action(onStack(status));

  program
    .command('request')
    .description('ask a model on-chain and wait for the answer')
    .option('--version <id>', 'which version (default: the example)')
    .addOption(new Option('--digit <0-9>', 'ask about a held-back image of this digit').conflicts('input'))
    .addOption(new Option('--prompt <text>', 'what a text model writes on from').conflicts(['digit', 'input']))
    .option('--input <file>', 'the bytes of the input tensors, or of a prompt')
    .option('--as <account>', 'local account that pays', 'alice')
    .action(onStack(request));

  onDeployment(program.command('replay <requestId>'))
    .description(
      'run again what an answer on the chain was given to: is it right, and if not, where? Exit code 2: wrong',
    )
    .option('--round <n>', "which of the request's answers, from 1 (default: the newest)")
    .option('--trace', 'print the root of our own trace', false)
    .option('--item <n>', 'the item or step to trace (default: the first that is wrong)')
    .action((requestId: string, options: ReplayOptions) => replay(output(), folder(), requestId, options));

  const nodes = program.command('node').description('nodes of ones own, beside those of the stack');
  onDeployment(nodes.command('watch'))
    .description(
      'judge what operators answer and dispute what is wrong, until Ctrl-C; needs an account with ETH, no stake',
    )
    .option('--versions <ids>', 'which versions to watch: all, or ids with commas between', 'all')
    .option('--as <account>', 'local account that pays for disputes', 'watcher')
    .option('--keystore <file>', 'or the keystore of an account')
    .option('--password-file <file>', 'file with the password of the keystore')
    .option('--database-url <url>', 'PostgreSQL to keep its rows in (default: an embedded one in the folder)')
    .action((options: WatchOptions) => watch(output(), folder(), options));

  const database = program.command('db').description('the read model: the database behind GraphQL');
  database.command('status').description('how far it is, and whether the indexer is well').action(onStack(db.status));
  database
    .command('rebuild')
    .description('read the chain again, from its first block or a later one')
    .option('--from <block>', 'keep what is below; final blocks can only go all together')
    .option('--to <block>', 'stop there; the indexer then goes on')
    .action(
      onStack((session, to, options: RebuildOptions) =>
        db.rebuild(session, to, folder(), { from: options.from, to: options.to }),
      ),
    );

  const models = program.command('model').description('check, lower, verify, trace and publish models');
  models
    .command('check <file>')
    .description('parse and check an ONNX file in a sandbox')
    .action((file: string) => model.check(output(), file));
  models
    .command('publish <file>')
    .description('publish an ONNX file as a new family, or as a new version of one')
    .requiredOption('--licence <spdx>', 'licence of the model, an SPDX identifier')
    .option('--name <name>', 'name of the family', 'Model')
    .option('--price <eth>', 'ETH per inference', '0.01')
    .option('--card <file>', 'model card')
    .option('--text <bytes>', 'it writes text: this many bytes at most, on from a prompt')
    .option('--family <id>', 'publish into this family')
    .option('--as <account>', 'local account that publishes', 'publisher')
    .action(onStack(model.publish));
  models
    .command('lower <file>')
    .description('bring a float32 or QDQ model into the bit-exact profile, with a fidelity report')
    .requiredOption(
      '--calibration <file>',
      'examples: the inputs of each one after another, FP32 as one byte per number',
    )
    .option('--held-back <file>', 'more examples, for the report (default: every fifth of the calibration)')
    .option('--encode <input=scale[,zero]>', 'what the bytes of an FP32 input stand for', parseEncoding, {})
    .option('--compare <values...>', 'values within the model to compare beside its outputs', [])
    .option('--out <file>', 'where to write the lowered model')
    .action((file: string, options: LowerOptions) => lower(output(), file, options));
  models
    .command('verify <file>')
    .description('recompute the roots of a model from its file and compare them with a published version')
    .option('--version <id>', 'compare with this version on the running chain')
    .action(async (file: string, options: { version?: string }) => {
      const versionId = options.version === undefined ? undefined : wholeNumber(options.version, 'The version');
      const published = versionId === undefined ? undefined : { session: await openSession(folder()), versionId };
      await verify(output(), file, published);
    });
  models
    .command('trace <file>')
    .description("run a model and print every step's tensor root, as a dispute would commit them")
    .addOption(new Option('--input <file>', 'the bytes of the input tensors').conflicts('text'))
    .option('--text <prompt>', 'for models that read text')
    .action((file: string, options: TraceOptions) => trace(output(), file, options));

  const offerings = program
    .command('offering')
    .description('sales of model tokens; <which> is an offering or a family id');
  offerings
    .command('create <familyId>')
    .description('create token, sale and vesting escrow')
    .requiredOption('--symbol <symbol>', 'token symbol')
    .option('--name <name>', 'token name', 'Model Token')
    .option('--soft-cap <eth>', 'refund everybody below this', '1')
    .option('--hard-cap <eth>', 'take at most this', '10')
    .option('--wallet-cap <eth>', 'most one wallet may commit; 0: no limit', '0')
    .option('--open-for <seconds>', 'how long the sale is open', '60')
    .option('--as <account>', 'local account that publishes', 'publisher')
    .action(onStack(offering.create));
  offerings.command('show <which>').description('state and progress').action(onStack(offering.show));
  const act = (name: string, description: string, asDefault = 'alice') =>
    offerings.command(`${name} <which>`).description(description).option('--as <account>', 'local account', asDefault);
  act('commit', 'put money in')
    .requiredOption('--amount <eth>', 'ETH')
    .action(
      onStack((session, to, which: string, { as, amount }: Amount) => offering.commit(session, to, which, as, amount)),
    );
  act('uncommit', 'take money back before the cutoff')
    .requiredOption('--amount <eth>', 'ETH')
    .action(
      onStack((session, to, which: string, { as, amount }: Amount) =>
        offering.uncommit(session, to, which, as, amount),
      ),
    );
  act('settle', 'after the close: settle or open refunds').action(
    onStack((session, to, which: string, { as }: Who) => offering.settle(session, to, which, as)),
  );
  act('claim', 'take the tokens bought').action(
    onStack((session, to, which: string, { as }: Who) => offering.claimTokens(session, to, which, as)),
  );
  act('refund', 'take back what was not accepted').action(
    onStack((session, to, which: string, { as }: Who) => offering.refund(session, to, which, as)),
  );
  act('revenue', 'claim all revenue the token owes the account').action(
    onStack((session, to, which: string, { as }: Who) => offering.claimRevenue(session, to, which, as)),
  );
  return program;
}

/** For commands that read a deployment, which need not be that of a local stack. */
function onDeployment(command: Command): Command {
  return command
    .option('--rpc-url <url>', 'RPC of the chain (default: that of the running stack, as below)')
    .option('--deployment <file>', 'deployment record')
    .option('--models <folder>', 'where model files are kept');
}

/** Numbers that are typed, from 0. */
function upTo(most: bigint, what: string): (text: string) => number {
  return (text) => Number(wholeNumber(text, what, { most }));
}

/** Reads `pixels=0.0625` or `pixels=0.0078125,128` and adds it to those before. */
function parseEncoding(text: string, before: LowerOptions['encode']): Record<string, InputEncoding> {
  const [, name, scale, zeroPoint = '0'] = /^(.+)=([^,]+)(?:,(\d+))?$/.exec(text) ?? [];
  if (name === undefined || !(Number(scale) > 0) || Number(zeroPoint) > 255) {
    throw new InvalidArgumentError(
      'It reads <input>=<scale>[,<zero point>], such as pixels=0.0625 or audio=0.0078125,128.',
    );
  }
  return { ...before, [name]: { scale: Number(scale), zeroPoint: Number(zeroPoint) } };
}

interface Who {
  as: string;
}

interface Amount extends Who {
  amount: string;
}

/** @returns whether all went as told */
type Demo = (session: Session, output: Output, shutdown: Shutdown, isOwnStack: boolean) => Promise<boolean>;

async function demo(folder: string, output: Output, tell: Demo): Promise<void> {
  const shutdown = new Shutdown();
  const end = (signal: string) => void shutdown.run(signal).then(() => process.exit(130));
  process.once('SIGINT', end).once('SIGTERM', end);
  /** Of a stack of its own. What went wrong can be looked up there: it goes when all went well. */
  let temporary: string | undefined;
  let isTold = false;
  try {
    const session = await openSession(folder).catch((error: unknown) => {
      if (!isDomainError(error, 'StackNotRunning')) throw error;
      output.heading('No stack runs here; starting one for the demo');
      temporary = mkdtempSync(join(tmpdir(), 'openimo-demo-'));
      return startStack({ folder: temporary, rpcPort: ANY_PORT, apiPort: ANY_PORT, reset: false }, output, shutdown);
    });
    isTold = await tell(session, output, shutdown, temporary !== undefined);
    if (!isTold) process.exitCode = 1;
  } finally {
    await shutdown.run('done');
    if (isTold && temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}
