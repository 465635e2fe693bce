// Prints "passed failed": the tests that Jest and Hardhat counted in a log of Nx. Of a task that was tried again the last try
// counts, and what Nx repeats from its cache does not: it was counted when it ran.
import { readFileSync } from 'node:fs';

const log = readFileSync(process.argv[2], 'utf8').replace(/\x1b\[[0-9;]*m/g, '');
const tasks = new Map();
for (const section of log.split(/^> nx run /m).slice(1)) {
  const [, task, mark] = /^(\S+)(.*)$/m.exec(section);
  if (!mark.includes('cache')) tasks.set(task, countIn(section));
}
const sum = (verdict) => [...tasks.values()].reduce((total, counts) => total + counts[verdict], 0);
console.log(`${sum('passed')} ${sum('failed')}`);

function countIn(text) {
  const counts = { passed: 0, failed: 0 };
  for (const [line] of text.matchAll(/^.*\bTests:\s+.*\btotal\b.*$/gm)) {
    counts.passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
    counts.failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
  }
  for (const [, count, verdict] of text.matchAll(/^\s*(\d+) (passing|failing)\b/gm)) {
    counts[verdict === 'passing' ? 'passed' : 'failed'] += Number(count);
  }
  return counts;
}
