import { readFileSync } from 'node:fs';
import { DomainError } from '@openimo/domain';
import { z } from 'zod';

export type ConfigErrorCode = 'ConfigInvalid';

/** Everything the indexer can be told. */
export interface IndexerConfig {
  readonly name: string;
  readonly rpcUrl: string;
  readonly databaseUrl: string;
  /** Path of the deployment record. */
  readonly deployment: string;
  /** Port of the health server on the loopback interface; 0 takes a free one. */
  readonly httpPort: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
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

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

const finality = z
  .string()
  .regex(/^(tag|\d{1,9})$/, "must be 'tag' or a number of blocks")
  .transform((text) => (text === 'tag' ? text : BigInt(text)));

const schema = z.object({
  OPENIMO_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be letters, digits, dots, dashes')
    .default('indexer'),
  OPENIMO_RPC_URL: z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }),
  OPENIMO_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, message: 'must be a postgres URL' }),
  OPENIMO_DEPLOYMENT: z.string().min(1),
  OPENIMO_HTTP_PORT: whole(0, 65_535).default(0),
  OPENIMO_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
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

/** Every variable may also be given as `<NAME>_FILE`, the path of a file that holds it. */
const KEYS = Object.keys(schema.shape);

/**
 * Reads the configuration from the environment. An error lists the keys that are wrong and never a value.
 * @throws DomainError `ConfigInvalid`
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): IndexerConfig {
  const problems: string[] = [];
  const values = Object.fromEntries(KEYS.map((key) => [key, readVariable(env, key, problems)]));
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')} ${describe(issue)}`);
  }
  if (!parsed.success || problems.length > 0) {
    throw new DomainError<ConfigErrorCode>(
      'ConfigInvalid',
      `The environment does not configure an indexer:\n${[...new Set(problems)].map((line) => `  ${line}`).join('\n')}`,
      { data: { problems } },
    );
  }
  const read = parsed.data;
  return {
    name: read.OPENIMO_NAME,
    rpcUrl: read.OPENIMO_RPC_URL,
    databaseUrl: read.OPENIMO_DATABASE_URL,
    deployment: read.OPENIMO_DEPLOYMENT,
    httpPort: read.OPENIMO_HTTP_PORT,
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

/** An empty variable counts as unset. */
function readVariable(
  env: Readonly<Record<string, string | undefined>>,
  key: string,
  problems: string[],
): string | undefined {
  const value = env[key] || undefined;
  const path = env[`${key}_FILE`] || undefined;
  if (path === undefined) return value;
  if (value !== undefined) {
    problems.push(`${key} and ${key}_FILE are both set; keep one`);
    return value;
  }
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.push(`${key}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    return undefined;
  }
}

/** zod's own messages can quote what was received; ours do not. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'is not set';
    case 'too_small':
      return 'is too short';
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}
