import { readFileSync } from 'node:fs';
import { DomainError, parseUnits } from '@openimo/domain';
import { z } from 'zod';

export type ConfigErrorCode = 'ConfigInvalid';

const ETHER_DECIMALS = 18;

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
  /** The versions to serve. */
  readonly versions: 'all' | readonly bigint[];
  /** Port of the health server on the loopback interface; 0 takes a free one. */
  readonly httpPort: number;
  /** What the registry shows as the way to reach this operator. */
  readonly endpoint: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
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

const required = z.string().min(1);

const ether = z.string().transform((text, context) => {
  try {
    const amount = parseUnits(text, ETHER_DECIMALS);
    if (amount >= 0n) return amount;
  } catch {
    // Reported below, without the value.
  }
  context.addIssue({ code: 'custom', message: 'must be an amount of ETH such as 1.5' });
  return z.NEVER;
});

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

const versions = z.string().transform((text, context) => {
  if (text === 'all') return 'all' as const;
  const ids = text.split(',').map((id) => id.trim());
  if (ids.every((id) => /^[1-9]\d*$/.test(id))) return ids.map(BigInt);
  context.addIssue({ code: 'custom', message: "must be 'all' or version ids such as 1,2,7" });
  return z.NEVER;
});

const schema = z
  .object({
    OPENIMO_NAME: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be letters, digits, dots, dashes')
      .default('node'),
    OPENIMO_RPC_URL: z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }),
    OPENIMO_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, message: 'must be a postgres URL' }),
    OPENIMO_DEPLOYMENT: required,
    OPENIMO_MODELS: required,
    OPENIMO_SIGNER_KEY: z
      .string()
      .regex(/^0x[0-9a-fA-F]{64}$/, 'must be 0x and 64 hexadecimal digits')
      .optional(),
    OPENIMO_KEYSTORE: required.optional(),
    OPENIMO_KEYSTORE_PASSWORD: required.optional(),
    OPENIMO_STAKE: ether.default(10n ** 18n),
    OPENIMO_VERSIONS: versions.default('all'),
    OPENIMO_HTTP_PORT: whole(0, 65_535).default(0),
    OPENIMO_ENDPOINT: z.string().max(256).default(''),
    OPENIMO_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    OPENIMO_COLLECT_ABOVE: ether.optional(),
    OPENIMO_FLUSH_ABOVE: ether.optional(),
    OPENIMO_COLLECT_EVERY: whole(1, 86_400).default(30),
    OPENIMO_MIN_BALANCE: ether.default(10n ** 16n),
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
    if (env.OPENIMO_KEYSTORE && !env.OPENIMO_KEYSTORE_PASSWORD) {
      refuse('OPENIMO_KEYSTORE_PASSWORD', 'is needed to open the keystore; give OPENIMO_KEYSTORE_PASSWORD_FILE');
    }
  });

/** Every variable may also be given as `<NAME>_FILE`, the path of a file that holds it. */
const KEYS = Object.keys(schema.shape);

/**
 * Reads the configuration from the environment. An error lists the keys that are wrong and never a value.
 * @throws DomainError `ConfigInvalid`
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): NodeConfig {
  const problems: string[] = [];
  const values = Object.fromEntries(KEYS.map((key) => [key, readVariable(env, key, problems)]));
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')} ${describe(issue)}`);
  }
  if (!parsed.success || problems.length > 0) {
    throw new DomainError<ConfigErrorCode>(
      'ConfigInvalid',
      `The environment does not configure a node:\n${[...new Set(problems)].map((line) => `  ${line}`).join('\n')}`,
      { data: { problems } },
    );
  }
  const read = parsed.data;
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
    versions: read.OPENIMO_VERSIONS,
    httpPort: read.OPENIMO_HTTP_PORT,
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
    case 'too_big':
      return 'is too long';
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}
