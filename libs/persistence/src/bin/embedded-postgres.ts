#!/usr/bin/env node
import { isDomainError } from '@openimo/domain';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.js';
import type { ReadyLine } from '../embedded/spawn-embedded-postgres.js';

// embedded-postgres <folder> [port] [transaction idle ms]: prints one JSON line, serves until SIGTERM, SIGINT or the end of its parent.
const [folder, port = '0', idleMs] = process.argv.slice(2);
if (folder === undefined || !/^\d+$/.test(port) || !/^\d+$/.test(idleMs ?? '0')) {
  console.error('Usage: embedded-postgres <folder> [port] [transaction idle ms]');
  process.exit(2);
}

let stop: () => void = () => process.exit(0);
process.on('SIGTERM', () => stop());
process.on('SIGINT', () => stop());
process.on('disconnect', () => stop());

try {
  const database = await startEmbeddedPostgres({
    folder,
    port: Number(port),
    transactionIdleMs: idleMs === undefined ? undefined : Number(idleMs),
  });
  let stopping = false;
  stop = () => {
    if (stopping) return;
    stopping = true;
    database.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  say({ ready: true, url: database.url, pid: process.pid });
} catch (error) {
  if (!isDomainError(error)) throw error;
  say({ ready: false, code: error.code, message: error.message, data: error.data });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

function say(line: ReadyLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
