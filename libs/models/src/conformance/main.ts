// node main.js [--json]: whether this machine computes what every other one does. Exit code 1 where it does not.
import type { ConformanceRow } from './conform.js';
import { thisMachine } from './machine.js';
import { rowsOf } from './rows.js';
import { RUNTIMES, THREADS } from './runtime.js';

const isJson = process.argv.includes('--json');
const say = (line: string) => void (isJson || process.stdout.write(`${line}\n`));
const columns = (cells: readonly unknown[]) =>
  cells.map((cell, at) => String(cell).padEnd([18, 9, 9, 10, 7, 7][at] ?? 0)).join('');

const machine = thisMachine();
say(`${machine.cpu} (${machine.arch}, ${machine.features}), Node ${machine.node} on ${machine.platform}\n`);
say(columns(['runtime', 'version', 'threads', 'level', 'cases', 'agree', '']));
const rows: ConformanceRow[] = [];
for (const runtime of RUNTIMES) {
  for (const threads of THREADS) {
    for await (const row of rowsOf({ runtime, threads })) {
      rows.push(row);
      const { version, level, cases, agree, disagree } = row;
      say(columns([runtime, version, threads, level, cases, agree, agree === cases ? '✓' : '✗']));
      for (const name of disagree) say(`    ✗ ${name}`);
    }
  }
}
const ok = rows.every(({ cases, agree }) => agree === cases);
if (isJson) process.stdout.write(`${JSON.stringify({ rows, machine, ok })}\n`);
else if (ok) say(`\nThis machine computes what every other one does, in all ${rows.length} configurations.`);
else
  say(
    '\nThis machine computes something else. Please open an issue with the output of `npm run conformance -- --json`.',
  );
process.exitCode = ok ? 0 : 1;
