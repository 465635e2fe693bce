import { type Environment, type LogLevel, readEnvironment, variables } from '@openimo/service';
import { z } from 'zod';

/** Where the node's key comes from; a raw key is for the local chain alone, which the signer enforces. */
export type SignerConfig =
  | { readonly kind: 'key'; readonly privateKey: `0x${string}` }
  | { readonly kind: 'keystore'; readonly path: string; readonly password: string };

/** Everything the node can be told. Durations in seconds, amounts in wei. */
export interface NodeConfig {
  readonly name: string;
  readonly rpcUrl: string;
  readonly databaseUrl: string;
  /** Path of the deployment record. */
  readonly deployment: string;
  /** Folder of the content-addressed model store. */
  readonly models: string;
  readonly signer: SignerConfig;
  /** Stake to register with, and to top up to. */
  readonly stake: bigint;
  /** A watcher neither stakes nor answers: it judges what others answer. */
  readonly role: 'operator' | 'watcher';
  /** The versions to serve. */
  readonly versions: 'all' | readonly bigint[];
  /** The versions whose answers to judge. */
  readonly watch: 'none' | 'served' | 'all' | readonly bigint[];
  /** Whether to audit the answers that we are drawn for; who does not forfeits stake. */
  readonly audit: boolean;
  /** Port of the health server; 0 takes a free one. */
  readonly httpPort: number;
  readonly httpHost: string;
  /** What the registry shows as the way to reach this operator. */
  readonly endpoint: string;
  readonly logLevel: LogLevel;
  /** Earned ETH is withdrawn once it exceeds this. Undefined: what suits the chain. */
  readonly collectAbove?: bigint;
  /** ETH that waits for holders is passed on once it exceeds this. Undefined: what suits the chain. */
  readonly flushAbove?: bigint;
  readonly collectEverySeconds: number;
  /** Below this balance the node reports that it is short of funds. */
  readonly minBalance: bigint;
  /** Older than this, and the chain counts as standing still. */
  readonly maxHeadAgeSeconds: number;
  /** How soon another process may sign for the account once this one is dead. */
  readonly leaseMs: number;
  readonly pollMs: number;
}

const { required, ether, whole } = variables;

/** One of `words`, or a list of ids. */
const versions = <const Word extends string>(...words: readonly Word[]) =>
  z.string().transform((text, context): Word | bigint[] => {
    const word = words.find((known) => known === text);
    if (word !== undefined) return word;
    const ids = text.split(',').map((id) => id.trim());
    if (ids.every((id) => /^[1-9]\d*$/.test(id))) return ids.map(BigInt);
    const known = words.map((known) => `'${known}'`).join(', ');
    context.addIssue({ code: 'custom', message: `must be ${known} or version ids such as 1,2,7` });
    return z.NEVER;
  });

const schema = z
  .object({
    OPENIMO_NAME: variables.name('node'),
    OPENIMO_RPC_URL: variables.rpcUrl(),
    OPENIMO_DATABASE_URL: variables.databaseUrl(),
    OPENIMO_DEPLOYMENT: required(),
    OPENIMO_MODELS: required(),
    OPENIMO_SIGNER_KEY: z
      .string()
      .regex(/^0x[0-9a-fA-F]{64}$/, 'must be 0x and 64 hexadecimal digits')
      .optional(),
    OPENIMO_KEYSTORE: required().optional(),
    OPENIMO_KEYSTORE_PASSWORD: required().optional(),
    OPENIMO_STAKE: ether().default(10n ** 18n),
    OPENIMO_ROLE: z.enum(['operator', 'watcher']).default('operator'),
    OPENIMO_VERSIONS: versions('all').default('all'),
    OPENIMO_WATCH: versions('none', 'served', 'all').optional(),
    OPENIMO_AUDIT: z.enum(['on', 'off']).default('on'),
    OPENIMO_HTTP_PORT: variables.port(),
    OPENIMO_HTTP_HOST: variables.host(),
    OPENIMO_ENDPOINT: z.string().max(256).default(''),
    OPENIMO_LOG_LEVEL: variables.logLevel(),
    OPENIMO_COLLECT_ABOVE: ether().optional(),
    OPENIMO_FLUSH_ABOVE: ether().optional(),
    OPENIMO_COLLECT_EVERY: whole(1, 86_400).default(30),
    OPENIMO_MIN_BALANCE: ether().default(10n ** 16n),
    OPENIMO_MAX_HEAD_AGE: whole(1, 86_400).default(120),
    OPENIMO_LEASE_MS: whole(200, 600_000).default(3_000),
    OPENIMO_POLL_MS: whole(20, 60_000).default(500),
  })
  .superRefine((env, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (env.OPENIMO_SIGNER_KEY && env.OPENIMO_KEYSTORE) refuse('OPENIMO_KEYSTORE', 'excludes OPENIMO_SIGNER_KEY');
    if (!env.OPENIMO_SIGNER_KEY && !env.OPENIMO_KEYSTORE) {
      refuse('OPENIMO_KEYSTORE', 'or OPENIMO_SIGNER_KEY (local chain only) is needed');
    }
    if (env.OPENIMO_ROLE === 'watcher' && (env.OPENIMO_WATCH === 'none' || env.OPENIMO_WATCH === 'served')) {
      refuse('OPENIMO_WATCH', "of a watcher must be 'all' or version ids such as 1,2,7");
    }
    if (env.OPENIMO_KEYSTORE && !env.OPENIMO_KEYSTORE_PASSWORD) {
      refuse('OPENIMO_KEYSTORE_PASSWORD', 'is needed to open the keystore; give OPENIMO_KEYSTORE_PASSWORD_FILE');
    }
  });

/**
 * Reads the configuration from the environment.
 * @throws DomainError `ConfigInvalid`
 */
export function readConfig(env: Environment): NodeConfig {
  const read = readEnvironment('a node', schema, env);
  return {
    name: read.OPENIMO_NAME,
    rpcUrl: read.OPENIMO_RPC_URL,
    databaseUrl: read.OPENIMO_DATABASE_URL,
    deployment: read.OPENIMO_DEPLOYMENT,
    models: read.OPENIMO_MODELS,
    signer: read.OPENIMO_KEYSTORE
      ? { kind: 'keystore', path: read.OPENIMO_KEYSTORE, password: read.OPENIMO_KEYSTORE_PASSWORD ?? '' }
      : { kind: 'key', privateKey: read.OPENIMO_SIGNER_KEY as `0x${string}` },
    stake: read.OPENIMO_STAKE,
    role: read.OPENIMO_ROLE,
    versions: read.OPENIMO_VERSIONS,
    watch: read.OPENIMO_WATCH ?? (read.OPENIMO_ROLE === 'watcher' ? 'all' : 'served'),
    audit: read.OPENIMO_AUDIT === 'on',
    httpPort: read.OPENIMO_HTTP_PORT,
    httpHost: read.OPENIMO_HTTP_HOST,
    endpoint: read.OPENIMO_ENDPOINT,
    logLevel: read.OPENIMO_LOG_LEVEL,
    collectAbove: read.OPENIMO_COLLECT_ABOVE,
    flushAbove: read.OPENIMO_FLUSH_ABOVE,
    collectEverySeconds: read.OPENIMO_COLLECT_EVERY,
    minBalance: read.OPENIMO_MIN_BALANCE,
    maxHeadAgeSeconds: read.OPENIMO_MAX_HEAD_AGE,
    leaseMs: read.OPENIMO_LEASE_MS,
    pollMs: read.OPENIMO_POLL_MS,
  };
}
