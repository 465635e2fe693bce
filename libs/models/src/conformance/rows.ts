import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CaseOptions } from './cases.js';
import type { ConformanceRow } from './conform.js';
import { LEVELS, type Configuration } from './runtime.js';

// Children only exist built. The executor's loops are many times slower among Jest's globals.
const RUN_ROWS = fileURLToPath(new URL('../../dist/conformance/run-rows.js', import.meta.url));

/** The rows of one build and number of threads, as they come. A child that dies leaves a row that says so. */
export async function* rowsOf(
  { runtime, threads }: Pick<Configuration, 'runtime' | 'threads'>,
  { isSample = false, levels = LEVELS }: CaseOptions & { readonly levels?: readonly Configuration['level'][] } = {},
): AsyncGenerator<ConformanceRow> {
  const flags = isSample ? ['--sample'] : [];
  const child = spawn(
    process.execPath,
    ['--no-warnings', RUN_ROWS, runtime, String(threads), levels.join(), ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += text));
  const ended = once(child, 'close');
  let done = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    done++;
    yield JSON.parse(line) as ConformanceRow;
  }
  const [code, signal] = (await ended) as [number | null, string | null];
  const level = levels[done];
  if (level === undefined) return;
  const why = `ended early (${signal ?? code}). ${complaint.trim().split('\n').at(-1)}`;
  yield { runtime, threads, level, version: 'unknown', cases: 1, agree: 0, disagree: [why] };
}
