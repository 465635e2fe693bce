#!/usr/bin/env node
import { isDomainError } from '@openimo/domain';
import pc from 'picocolors';
import { createProgram } from './program.js';

try {
  await createProgram().parseAsync();
  process.exit();
} catch (error) {
  const json = process.argv.includes('--json');
  if (isDomainError(error)) {
    if (json) process.stdout.write(`${JSON.stringify({ error: error.toJSON() })}\n`);
    const { errorName } = error.data;
    const what = typeof errorName === 'string' ? `${error.code} ${errorName}` : error.code;
    process.stderr.write(`${pc.red(what)}: ${error.message}\n`);
  } else {
    process.stderr.write(`${pc.red('Unexpected')}: ${(error as Error).stack ?? String(error)}\n`);
  }
  process.exit(1);
}
