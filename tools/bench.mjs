// npm run bench -- gas | indexer | donnx | dispute | graphql [--json]: measures and compares with the bars; gas also rewrites the committed table.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const contracts = fileURLToPath(new URL('../contracts', import.meta.url));

const benches = {
  gas: benchGas,
  indexer: benchIndexer,
  donnx: benchDonnx,
  dispute: benchDispute,
  graphql: benchGraphql,
};

const [name] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const json = process.argv.includes('--json');
if (!Object.hasOwn(benches, name ?? '')) {
  console.error(`Say which: npm run bench -- ${Object.keys(benches).join(' | ')} [--json]`);
  process.exit(2);
}
const rows = await benches[name]();
if (json) console.log(JSON.stringify({ rows }));
else printTable(rows);
const missed = rows.filter((row) => row.bar !== null && !isMet(row));
for (const row of missed) console.error(`MISSED ${labelOf(row)}: ${figureOf(row)} against its bar of ${row.bar}`);

function labelOf({ name: row, model, threads }) {
  return row ?? `${model}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

/** Of several measurements the worst. */
function figureOf({ gas, max, p99, shareOfRaw, ratio, eventsPerSecond }) {
  return gas ?? max ?? p99 ?? shareOfRaw ?? eventsPerSecond ?? Number(ratio.toFixed(2));
}

/** Gas and times are to be low, speed is to be high. */
function isMet(row) {
  const isHighGood = row.eventsPerSecond !== undefined || row.shareOfRaw !== undefined;
  return isHighGood ? figureOf(row) >= row.bar : figureOf(row) <= row.bar;
}

/** Times of the honest path as a share of the float32 original's, both in onnxruntime, taking turns. */
async function benchDonnx() {
  const { status } = spawnSync('nx', ['run', '@openimo/donnx:build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
  const bench = await import(new URL('../libs/donnx/bench/donnx.bench.mjs', import.meta.url));
  return bench.rows();
}

/** Whole transactions, in gas: a proof of one wrong element alone, and whole disputes. */
async function benchDispute() {
  const build = ['run-many', '-t', 'build', '-p', '@openimo/test,@openimo/disputes'];
  const { status } = spawnSync('nx', build, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
  const proofs = await import(new URL('../test/bench/dispute.bench.mjs', import.meta.url));
  const games = await import(new URL('../libs/disputes/bench/dispute.bench.mjs', import.meta.url));
  return [...(await proofs.rows()), ...(await games.rows())];
}

/** An investor's first page on PostgreSQL with a million holders, beside a bare HTTP server that sends the same statement. */
async function benchGraphql() {
  const { status } = spawnSync('nx', ['run', '@openimo/api:build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
  const bench = await import(new URL('../apps/api/bench/graphql.bench.mjs', import.meta.url));
  return bench.rows();
}

/** Events a second while catching up, beside a bare loop and, where it is installed, Ponder. */
async function benchIndexer() {
  const { status } = spawnSync('nx', ['run', '@openimo/indexer:build'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
  const bench = await import(new URL('../apps/indexer/bench/indexer.bench.mjs', import.meta.url));
  return bench.rows();
}

/** Whole transactions on a local chain, in gas. The table in contracts/gas.json follows, so that a change shows in review. */
async function benchGas() {
  build();
  const rows = [];
  const folder = join(contracts, 'bench');
  for (const file of readdirSync(folder)
    .filter((entry) => entry.endsWith('.gas.mjs'))
    .sort()) {
    const bench = await import(pathToFileURL(join(folder, file)));
    rows.push(...(await bench.rows()));
  }
  writeFileSync(join(contracts, 'gas.json'), `${JSON.stringify({ rows }, null, 2)}\n`);
  return rows;
}

function build() {
  const { status, stdout, stderr } = spawnSync('hardhat', ['build', '--quiet'], { cwd: contracts, encoding: 'utf8' });
  if (status !== 0) {
    console.error(`The contracts do not compile.\n${stdout}${stderr}`);
    process.exit(1);
  }
}

function printTable(rows) {
  const width = Math.max(...rows.map((row) => labelOf(row).length));
  for (const row of rows) {
    const { bar, floatMs, donnxMs, peers = floatMs && { float: floatMs, dONNX: donnxMs, ...row.fidelity } } = row;
    const verdict = bar === null ? '' : `${isMet(row) ? 'met' : 'MISSED'} ${bar}`;
    const beside = Object.entries(peers ?? {}).map(
      ([peer, value]) => `${peer} ${Number.isInteger(value) ? value : value.toPrecision(4)}`,
    );
    const [label, figure] = [labelOf(row).padEnd(width), String(figureOf(row)).padStart(9)];
    console.log(`${label}  ${figure}  ${verdict.padEnd(14)}  ${beside.join(', ')}`);
  }
}
