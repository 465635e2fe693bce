// node run-rows.js <runtime> <threads> <levels> [--sample]: prints a row of JSON for each level. A process of its own, since the WebAssembly
// build has one number of threads per process, and so that a crash is a crash of one.
import { conform } from './conform.js';
import type { Configuration } from './runtime.js';

const [runtime, threads, levels = ''] = process.argv.slice(2);
const configuration = { runtime, threads: Number(threads) } as Pick<Configuration, 'runtime' | 'threads'>;
const isSample = process.argv.includes('--sample');
for await (const row of conform(configuration, levels.split(',') as Configuration['level'][], { isSample })) {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
// Threads of the WebAssembly build would keep the process alive.
process.exit(0);
