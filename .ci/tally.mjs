// Prints "passed failed": the tests that Jest and Hardhat counted in a log.
import { readFileSync } from 'node:fs';

const log = readFileSync(process.argv[2], 'utf8').replace(/\x1b\[[0-9;]*m/g, '');
let passed = 0;
let failed = 0;
for (const [line] of log.matchAll(/^.*\bTests:\s+.*\btotal\b.*$/gm)) {
  passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
  failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
}
for (const [, count, verdict] of log.matchAll(/^\s*(\d+) (passing|failing)\b/gm)) {
  if (verdict === 'passing') passed += Number(count);
  else failed += Number(count);
}
console.log(`${passed} ${failed}`);
