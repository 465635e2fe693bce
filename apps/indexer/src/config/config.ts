import { type Environment, type LogLevel, readEnvironment, variables } from '@openimo/service';
import { z } from 'zod';

/** Everything the indexer can be told. */
export interface IndexerConfig {
  readonly name: string;
  readonly rpcUrl: string;
  readonly databaseUrl: string;
  /** Path of the deployment record. */
  readonly deployment: string;
  /** Port of the health server; 0 takes a free one. */
  readonly httpPort: number;
  readonly httpHost: string;
  readonly logLevel: LogLevel;
  readonly pollMs: number;
  /** Of one request to the node. */
  readonly rpcTimeoutMs: number;
  /** Most calls in one request; 1 for a node that takes no batches. */
  readonly rpcBatch: number;
  /** Most blocks to read at once. */
  readonly maxBlocks: number;
  /** `tag`: what the node calls finalized. A number: blocks of at least this age. Undefined: 64 on a local chain, else `tag`. */
  readonly finality: 'tag' | bigint | undefined;
  /** Whether every block's logs are checked against the filter in its header. */
  readonly audit: boolean;
  /** How long the chain may be shorter than it was before that is believed: behind one URL may be many nodes. */
  readonly shorterMs: number;
  /** Rows the outbox keeps. */
  readonly outboxKeep: number;
  /** Older than this, and the chain counts as standing still. */
  readonly maxHeadAgeSeconds: number;
}

const { whole } = variables;

const finality = z
  .string()
  .regex(/^(tag|\d{1,9})$/, "must be 'tag' or a number of blocks")
  .transform((text) => (text === 'tag' ? text : BigInt(text)));

const schema = z.object({
  OPENIMO_NAME: variables.name('indexer'),
  OPENIMO_RPC_URL: variables.rpcUrl(),
  OPENIMO_DATABASE_URL: variables.databaseUrl(),
  OPENIMO_DEPLOYMENT: variables.required(),
  OPENIMO_HTTP_PORT: variables.port(),
  OPENIMO_HTTP_HOST: variables.host(),
  OPENIMO_LOG_LEVEL: variables.logLevel(),
  OPENIMO_POLL_MS: whole(20, 60_000).default(500),
  OPENIMO_RPC_TIMEOUT_MS: whole(100, 120_000).default(10_000),
  OPENIMO_RPC_BATCH: whole(1, 1_000).default(100),
  OPENIMO_MAX_BLOCKS: whole(1, 100_000).default(2_000),
  OPENIMO_FINALITY: finality.optional(),
  OPENIMO_AUDIT: z.enum(['on', 'off']).default('on'),
  OPENIMO_SHORTER_MS: whole(0, 600_000).default(3_000),
  OPENIMO_OUTBOX_KEEP: whole(1_000, 1_000_000_000).default(1_000_000),
  OPENIMO_MAX_HEAD_AGE: whole(1, 86_400).default(120),
});

/**
 * Reads the configuration from the environment.
 * @throws DomainError `ConfigInvalid`
 */
export function readConfig(env: Environment): IndexerConfig {
  const read = readEnvironment('an indexer', schema, env);
  return {
    name: read.OPENIMO_NAME,
    rpcUrl: read.OPENIMO_RPC_URL,
    databaseUrl: read.OPENIMO_DATABASE_URL,
    deployment: read.OPENIMO_DEPLOYMENT,
    httpPort: read.OPENIMO_HTTP_PORT,
    httpHost: read.OPENIMO_HTTP_HOST,
    logLevel: read.OPENIMO_LOG_LEVEL,
    pollMs: read.OPENIMO_POLL_MS,
    rpcTimeoutMs: read.OPENIMO_RPC_TIMEOUT_MS,
    rpcBatch: read.OPENIMO_RPC_BATCH,
    maxBlocks: read.OPENIMO_MAX_BLOCKS,
    finality: read.OPENIMO_FINALITY,
    audit: read.OPENIMO_AUDIT === 'on',
    shorterMs: read.OPENIMO_SHORTER_MS,
    outboxKeep: read.OPENIMO_OUTBOX_KEEP,
    maxHeadAgeSeconds: read.OPENIMO_MAX_HEAD_AGE,
  };
}
