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
    process.stderr.write(`${pc.red(error.code)}: ${error.message}\n`);
  } else {
    process.stderr.write(`${pc.red('Unexpected')}: ${(error as Error).stack ?? String(error)}\n`);
  }
  process.exit(1);
}
