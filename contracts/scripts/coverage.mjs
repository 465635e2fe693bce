// Line and branch coverage of src/, file by file; fails below the bar.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BAR_PERCENT = 95;
const root = fileURLToPath(new URL('../..', import.meta.url));
const lcov = 'contracts/coverage/lcov.info';

mkdirSync(`${root}/contracts/coverage`, { recursive: true });
rmSync(`${root}/${lcov}`, { force: true });
// Tests that measure gas or code size may fail on instrumented code; `npm test` judges tests, this only counts.
const run = spawnSync('forge', ['coverage', '--report', 'lcov', '--report-file', lcov], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, FOUNDRY_CONFIG: 'contracts/foundry.toml' },
});
if (!existsSync(`${root}/${lcov}`)) {
  process.stderr.write(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}\n`);
  process.exit(1);
}

const files = readFileSync(`${root}/${lcov}`, 'utf8')
  .split('end_of_record')
  .map((record) => ({
    file: /SF:(.*)/.exec(record)?.[1] ?? '',
    lines: { found: count(record, 'LF'), hit: count(record, 'LH') },
    branches: { found: count(record, 'BRF'), hit: count(record, 'BRH') },
  }))
  .filter(({ file }) => file.startsWith('contracts/src/'))
  .sort((a, b) => a.file.localeCompare(b.file));

const total = { file: 'total', lines: sum('lines'), branches: sum('branches') };
const width = Math.max(...files.map(({ file }) => file.length));
console.log(`${''.padEnd(width)}     lines  branches`);
for (const { file, lines, branches } of [...files, total]) {
  console.log(`${file.padEnd(width)}  ${show(lines)}  ${show(branches)}`);
}
if (percent(total.lines) < BAR_PERCENT || percent(total.branches) < BAR_PERCENT) {
  console.error(`Below the bar of ${BAR_PERCENT} %.`);
  process.exit(1);
}

function count(record, key) {
  return Number(new RegExp(`^${key}:(\\d+)`, 'm').exec(record)?.[1] ?? 0);
}

function sum(kind) {
  return files.reduce((all, file) => ({ found: all.found + file[kind].found, hit: all.hit + file[kind].hit }), {
    found: 0,
    hit: 0,
  });
}

function percent({ found, hit }) {
  return found === 0 ? 100 : (100 * hit) / found;
}

function show(counts) {
  return `${percent(counts).toFixed(2)} %`.padStart(9);
}
