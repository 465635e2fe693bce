// node libs/donnx/vectors/write-output-hashes.mjs: what the executor makes of the conformance vectors, for new ones.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileModel, execute, outputOf } from '../dist/index.js';
import { conformanceVectors, hashOfOutput } from '../dist/conformance/index.js';

const lines = conformanceVectors().map(({ name, model, input }) => {
  const graph = compileModel(model);
  return `  '${name}': '${hashOfOutput(outputOf(graph, execute(graph, input)))}',`;
});
const text = `import type { Hex } from '@openimo/domain';

/** Written by \`vectors/write-output-hashes.mjs\`: the executor's answers, by vector. */
export const OUTPUT_HASHES: Readonly<Record<string, Hex>> = {
${lines.join('\n')}
};
`;
writeFileSync(fileURLToPath(new URL('../src/conformance/output-hashes.ts', import.meta.url)), text);
