// node check-agreement.js <model> <input in hex> ...: prints the names of the values in which executor and runtime differ.
import { readFileSync } from 'node:fs';
import { canonicalBytes, compileModel, execute, valueIn } from '@openimo/donnx';
import { openRun, valuesOf } from './agreement.js';

const [path = '', ...inputs] = process.argv.slice(2);
const graph = compileModel(readFileSync(path));
const run = await openRun(path, { values: valuesOf(path) });
const differing = new Set<string>();
for (const hex of inputs) {
  const input = Uint8Array.from(Buffer.from(hex, 'hex'));
  const trace = execute(graph, input);
  for (const [name, theirs] of await run(input)) {
    const ours = canonicalBytes(valueIn(graph, trace, name), name);
    if (Buffer.compare(ours, theirs) !== 0) differing.add(name);
  }
}
process.stdout.write(JSON.stringify([...differing]));
