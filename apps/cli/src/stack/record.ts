import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DomainError } from '@openimo/domain';
import { z } from 'zod';
import { isAlive } from './lock.js';

const address = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{40}$/)]);

/** `httpPort` is that of /live, /ready, /status and /metrics. */
const service = z.object({ pid: z.int(), httpPort: z.int() });

const schema = z.object({
  pid: z.int(),
  /** Process ids of the chain and the database. */
  services: z.record(z.string(), z.int()),
  rpcUrl: z.url(),
  databaseUrl: z.string(),
  models: z.string(),
  deployment: z.string(),
  operators: z.array(service.extend({ name: z.string(), address })),
  indexer: service,
  api: service.extend({ graphql: z.url() }),
  example: z.object({
    familyId: z.string(),
    versionId: z.string(),
    offering: address,
    token: address,
  }),
});

/** What a running stack says of itself, for every other command on this machine. */
export type StackRecord = z.infer<typeof schema>;

export function writeStackRecord(path: string, record: StackRecord): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(record, null, 2));
  renameSync(temporary, path);
}

export function removeStackRecord(path: string): void {
  rmSync(path, { force: true });
}

/** @throws DomainError `StackNotRunning` */
export function readStackRecord(path: string): StackRecord {
  if (!existsSync(path)) throw notRunning(path);
  const record = schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  if (!isAlive(record.pid)) throw notRunning(path);
  return record;
}

function notRunning(path: string): DomainError {
  return new DomainError('StackNotRunning', `No stack runs in ${dirname(path)}. Start one with: npm start`, {
    data: { folder: dirname(path) },
  });
}
