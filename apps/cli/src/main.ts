#!/usr/bin/env node
import { decodeRevert, toChainError } from '@openimo/chain';
import { allAbis } from '@openimo/contracts';
import { isDomainError } from '@openimo/domain';
import pc from 'picocolors';
import { createProgram } from './program.js';

try {
  await createProgram().parseAsync();
  process.exit();
} catch (error) {
  report(decodeRevert(error, [allAbis]) ?? toChainError(error));
  process.exit(1);
}

/** What we foresaw in one line that says what to do; the rest with its stack, for a bug report. */
function report(error: unknown): void {
  if (!isDomainError(error)) {
    process.stderr.write(`${pc.red('Unexpected')}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return;
  }
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: error.toJSON() })}\n`);
  const { errorName } = error.data;
  const what = typeof errorName === 'string' ? `${error.code} ${errorName}` : error.code;
  process.stderr.write(`${pc.red(what)}: ${error.message}\n`);
}
