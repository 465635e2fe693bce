import { DomainError } from '@openimo/domain';
import type { Session } from '../session/session.js';
import { until } from '../session/until.js';
import { stackPaths } from '../stack/paths.js';
import { readStackRecord } from '../stack/record.js';
import { duration } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { rebuild as rebuildReadModel, type RebuildOptions } from './rebuild.js';

const NOTHING_YET = 'nothing yet';

/** Where the read model stands. */
export async function status(session: Session, output: Output): Promise<void> {
  const { client, deployment, record } = session;
  // Loaded only here: it takes longer than most commands do.
  const { IndexStatusRepository, openDatabase } = await import('@openimo/persistence');
  const database = await openDatabase(record.databaseUrl);
  try {
    const [state, head] = await Promise.all([
      new IndexStatusRepository(database).find(deployment.chainId),
      client.getBlockNumber({ cacheTime: 0 }),
    ]);
    const problems = await problemsOf(record.indexer.httpPort);
    const block = state?.blockNumber ?? null;
    output.heading('Read model');
    output.fact('block', block === null ? NOTHING_YET : `${block}, ${state!.blockAt?.toLocaleTimeString()}`);
    output.fact('final up to', String(state?.finalizedBlock ?? NOTHING_YET));
    output.fact('head of the chain', `${head}, ${head - (block ?? 0n)} blocks ahead`);
    output.fact('outbox', `position ${state?.outboxPosition ?? 0n}`);
    output.fact('rolled back', `${state?.fork ?? 0} times, by reorganisations and rebuilds`);
    output.fact('indexer', problems.length === 0 ? 'well' : problems.join('; '));
    if (!output.json) return;
    output.result({
      block,
      finalizedBlock: state?.finalizedBlock ?? null,
      headBlock: head,
      outboxPosition: state?.outboxPosition ?? 0n,
      generation: state?.generation ?? 0,
      rollbacks: state?.fork ?? 0,
      ready: problems.length === 0,
      problems,
    });
  } finally {
    await database.destroy();
  }
}

/** Reads the chain again; the indexer of the stack stands aside meanwhile. */
export async function rebuild(
  session: Session,
  output: Output,
  folder: string,
  options: RebuildOptions,
): Promise<void> {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !/^\d{1,18}$/.test(value)) {
      throw new DomainError('BadBlockNumber', `--${name} is a block number, such as 120.`);
    }
  }
  const startedAt = Date.now();
  const before = session.record.indexer.pid;
  const rebuilt = await rebuildReadModel(session, folder, options);
  const seconds = (Date.now() - startedAt) / 1_000;
  await output.step('The indexer takes over again', () =>
    until(
      'the indexer to be back',
      async () => readStackRecord(stackPaths(folder).record).indexer.pid,
      (pid) => pid !== before,
    ),
  );
  output.line(`Read again up to block ${rebuilt.block}: ${rebuilt.events} events in ${duration(seconds)}.`);
  if (output.json) output.result({ ...rebuilt, seconds });
}

/** What the indexer's /ready tells; a process that does not answer is a problem too. */
async function problemsOf(httpPort: number): Promise<readonly string[]> {
  try {
    const response = await fetch(`http://127.0.0.1:${httpPort}/ready`, { signal: AbortSignal.timeout(2_000) });
    const { problems = [] } = (await response.json()) as { problems?: string[] };
    return problems;
  } catch {
    return ['does not answer'];
  }
}
