// Writes one typed module per contract (ABI as const, and creation code where it can be deployed) from Hardhat's artifacts
// into ts/generated, so that every consumer gets types without reading artifacts at run time. An interface that no
// contract of ours implements is exported under its name without the leading I.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const artifacts = join(root, 'artifacts', 'src');
const out = join(root, 'ts', 'generated');

const all = readdirSync(artifacts, { recursive: true })
  .filter((path) => path.endsWith('.json'))
  .map((path) => JSON.parse(readFileSync(join(artifacts, path), 'utf8')))
  .filter(({ abi }) => abi.length > 0);

const modules = new Map();
for (const { contractName, abi, bytecode } of all.filter((artifact) => artifact.bytecode !== '0x')) {
  modules.set(contractName, { abi, bytecode });
}
for (const { contractName, abi } of all.filter((artifact) => artifact.bytecode === '0x')) {
  const name = contractName.replace(/^I(?=[A-Z])/, '');
  if (!modules.has(name)) modules.set(name, { abi });
}

/** ModelToken -> modelToken, ERC7641 -> erc7641, AIOracle -> aiOracle. */
function variableName(name) {
  const acronym = /^[A-Z]+(?=[A-Z][a-z]|\d|$)/.exec(name)?.[0].length ?? 1;
  return name.slice(0, acronym).toLowerCase() + name.slice(acronym);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const names = [...modules.keys()].sort();
for (const name of names) {
  const { abi, bytecode } = modules.get(name);
  const lines = [`export const ${variableName(name)}Abi = ${JSON.stringify(abi)} as const;`];
  if (bytecode) lines.push(`export const ${variableName(name)}Bytecode = ${JSON.stringify(bytecode)} as const;`);
  writeFileSync(join(out, `${name}.ts`), lines.join('\n') + '\n');
}
writeFileSync(
  join(out, 'index.ts'),
  [
    `import type { Abi } from 'viem';`,
    ...names.map((name) => `import { ${variableName(name)}Abi } from './${name}.js';`),
    ...names.map((name) => `export * from './${name}.js';`),
    '/** Everything our contracts can emit or revert with, for decoding. */',
    `export const allAbis: Abi = ([${names.map((name) => `${variableName(name)}Abi`).join(', ')}] as Abi[]).flat();`,
    '',
  ].join('\n'),
);
