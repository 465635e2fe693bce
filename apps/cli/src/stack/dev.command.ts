import { newestTextVersion } from '../model/text-version.js';
import { type Tier, tierOf } from '../model/tier.js';
import type { Session } from '../session/session.js';
import { duration } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { Shutdown } from './shutdown.js';
import { stackPaths } from './paths.js';
import { startStack, type StackOptions } from './start-stack.js';

/** Runs the whole stack until Ctrl-C. */
export async function dev(options: StackOptions, output: Output): Promise<void> {
  const startedAt = Date.now();
  const shutdown = new Shutdown();
  const interrupted = endOnSignal(shutdown);
  try {
    output.heading('Starting OpenIMO');
    const session = await startStack(options, output, shutdown);
    const examples = await readExamples(session);
    printScreen(session, options, output, examples, (Date.now() - startedAt) / 1000);
    await interrupted;
    output.line();
    output.line('Ending ... state is kept.');
  } catch (error) {
    if (!shutdown.signal.aborted) throw error;
    output.line();
    output.line('Interrupted during start; the next start goes on from here.');
  } finally {
    await shutdown.run('done');
  }
}

/** Resolves at the first signal, after which the start, if it still goes on, stops. A second Ctrl-C ends at once. */
function endOnSignal(shutdown: Shutdown): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (++count > 1 && name === 'SIGINT') process.exit(130);
        void shutdown.run(name);
        resolve();
      });
    }
  });
}

interface Examples {
  readonly tier: Tier;
  /** The version that writes text. */
  readonly writer?: { readonly versionId: bigint; readonly tier: Tier };
}

async function readExamples(session: Session): Promise<Examples> {
  const tier = await tierOf(session, BigInt(session.record.example.versionId));
  const found = await newestTextVersion(session);
  return { tier, writer: found && { versionId: found.versionId, tier: await tierOf(session, found.versionId) } };
}

function printScreen(
  session: Session,
  options: StackOptions,
  output: Output,
  { tier, writer }: Examples,
  seconds: number,
): void {
  const { record, deployment } = session;
  output.heading(`OpenIMO is ready (${duration(seconds)})`);
  output.fact('GraphQL', `${record.api.graphql}  to explore: ${new URL('/explorer', record.api.graphql).href}`);
  output.fact('chain', `${record.rpcUrl}  id ${deployment.chainId}, a block a second`);
  output.fact('database', record.databaseUrl);
  for (const { name, address, httpPort } of record.operators) {
    output.fact(name, `${address}  http://127.0.0.1:${httpPort}/status`);
  }
  for (const name of ['indexer', 'api'] as const) {
    output.fact(name, `http://127.0.0.1:${record[name].httpPort}/status`);
  }
  output.fact(
    'example',
    `family ${record.example.familyId}, version ${record.example.versionId}: reads handwritten digits, ${tier}`,
  );
  if (writer) output.fact('writer', `version ${writer.versionId}: writes Solidity, ${writer.tier}`);
  output.fact('its token', `EXAMPLE ${record.example.token}`);
  output.fact('on offer at', record.example.offering);
  for (const [name, address] of Object.entries(deployment.addresses)) output.fact(name, address);
  output.fact('state and logs', stackPaths(options.folder).folder);

  output.heading('Try, in another terminal');
  output.line('npm run demo                                              the whole story, about two minutes');
  output.line(
    'npm run openimo -- status                                 who serves, what is on offer, what was earned',
  );
  output.line('npm run openimo -- request --digit 7 --as alice           ask the model about an image of a 7');
  output.line(
    'npm run openimo -- request --prompt "function transfer("   let the other model write Solidity on from there',
  );
  output.line('npm run openimo -- offering commit 1 --as alice --amount 2');
  output.line('npm run openimo -- model check libs/models/digits-cnn/digits-cnn.onnx');
  output.line('npm run openimo -- replay <request>                       run an answer again: is it right?');
  output.line('npm run openimo -- node watch                             judge every answer, beside the operators');
  output.line('npm run openimo -- --help                                 everything else');
  output.line();
  output.line('Ctrl-C ends it all; the next npm start goes on from there. npm start -- --reset forgets everything.');
}
