import { type Environment, type LogLevel, readEnvironment, variables } from '@openimo/service';
import { isRange } from '@openimo/outbound';
import { z } from 'zod';

/** What one GraphQL operation, and one client, may ask for. */
export interface Limits {
  /** Of one request body, in bytes. */
  readonly bodyBytes: number;
  /** Lexical tokens of one document. */
  readonly tokens: number;
  /** Selections inside one another. */
  readonly depth: number;
  /** Fields with an alias. */
  readonly aliases: number;
  /** Of one operation: each field costs 1 for every object it may be read from. */
  readonly cost: number;
  /** What an anonymous client may spend in a minute, by address; signed-in ones have ten times as much. */
  readonly costPerMinute: number;
  /** WebSockets of one client, and subscriptions of one socket. */
  readonly sockets: number;
  /** Of one SQL statement, in milliseconds. */
  readonly statementMs: number;
  /** Of one uploaded file, and of all that one account keeps here, in bytes. */
  readonly uploadBytes: number;
  readonly accountBytes: number;
}

/** How we fetch what strangers name: webhooks, metadata. */
export interface OutboundConfig {
  /** Also `http:` URLs. For development. */
  readonly allowHttp: boolean;
  /** CIDR ranges that are permitted although they are not public, and those that are refused although they are. */
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
  /** Where `ipfs://` leads: a gateway such as `https://ipfs.io`. Undefined: nowhere. */
  readonly ipfsGateway?: string;
  /** Asked instead of the operating system's resolver: `127.0.0.1:53`. */
  readonly dnsServer?: string;
}

/** Everything the API can be told. */
export interface ApiConfig {
  readonly name: string;
  readonly rpcUrl: string;
  readonly databaseUrl: string;
  /** Path of the deployment record. */
  readonly deployment: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly httpPort: number;
  /** Of /live, /ready, /status and /metrics, on `healthHost`; 0 takes a free one. */
  readonly healthPort: number;
  readonly healthHost: string;
  /** Older than this, and the chain counts as standing still. Seconds. */
  readonly maxHeadAgeSeconds: number;
  readonly logLevel: LogLevel;
  /** Connections to the database. 1 in the development stack, where everybody shares one session. */
  readonly databasePool: number;
  /** Pages of other origins that may call us, e.g. `https://portal.example`; our own pages always may. */
  readonly origins: readonly string[];
  /** Who may read the schema through the API. */
  readonly introspection: boolean;
  /** Whether the explorer is served. */
  readonly explorer: boolean;
  /** How often the outbox is looked at, in milliseconds. */
  readonly pollMs: number;
  /** Under which people see us, where that is not `host` and port: `https://api.example`. */
  readonly publicUrl?: string;
  /** Signs nonces and tokens. Undefined on the loopback interface alone: then another one with every start. */
  readonly authSecret?: string;
  /** Folder of the content-addressed model store, which operators read too. */
  readonly models: string;
  readonly outbound: OutboundConfig;
  /** How often webhooks are looked after, in milliseconds. */
  readonly webhookPollMs: number;
  readonly limits: Limits;
}

const origins = z
  .string()
  .regex(
    /^(https?:\/\/[A-Za-z0-9.:[\]-]+(,|$))*$/,
    'must be origins such as https://portal.example, separated by commas',
  )
  .transform((text) => text.split(',').filter((origin) => origin !== ''))
  .default([]);
const onOff = z.enum(['on', 'off']);
const ranges = z
  .string()
  .transform((text) => text.split(',').filter((range) => range !== ''))
  .refine((list) => list.every(isRange), 'must be CIDR ranges such as 10.0.0.0/8, separated by commas')
  .default([]);
const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'];

const schema = z.object({
  OPENIMO_NAME: variables.name('api'),
  OPENIMO_RPC_URL: variables.rpcUrl(),
  OPENIMO_DATABASE_URL: variables.databaseUrl(),
  OPENIMO_DATABASE_POOL: variables.whole(1, 100).default(1),
  OPENIMO_DEPLOYMENT: variables.required(),
  OPENIMO_HTTP_HOST: variables.host(),
  OPENIMO_HTTP_PORT: variables.port(),
  OPENIMO_HEALTH_PORT: variables.port(),
  OPENIMO_HEALTH_HOST: variables.host(),
  OPENIMO_MAX_HEAD_AGE: variables.whole(1, 86_400).default(120),
  OPENIMO_LOG_LEVEL: variables.logLevel(),
  OPENIMO_ORIGINS: origins,
  OPENIMO_INTROSPECTION: onOff.default('on'),
  OPENIMO_EXPLORER: onOff.default('on'),
  OPENIMO_PUBLIC_URL: z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }).optional(),
  OPENIMO_AUTH_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  OPENIMO_POLL_MS: variables.whole(20, 60_000).default(250),
  OPENIMO_LIMIT_BODY_BYTES: variables.whole(1_000, 10_000_000).default(100_000),
  OPENIMO_LIMIT_TOKENS: variables.whole(100, 100_000).default(2_000),
  OPENIMO_LIMIT_DEPTH: variables.whole(3, 100).default(12),
  OPENIMO_LIMIT_ALIASES: variables.whole(0, 10_000).default(30),
  OPENIMO_LIMIT_COST: variables.whole(100, 1_000_000_000).default(50_000),
  OPENIMO_LIMIT_COST_PER_MINUTE: variables.whole(100, 1_000_000_000_000).default(2_000_000),
  OPENIMO_LIMIT_SOCKETS: variables.whole(1, 10_000).default(50),
  OPENIMO_LIMIT_STATEMENT_MS: variables.whole(10, 600_000).default(10_000),
  OPENIMO_MODELS: variables.required(),
  OPENIMO_OUTBOUND_HTTP: onOff.default('off'),
  OPENIMO_OUTBOUND_ALLOWED: ranges,
  OPENIMO_OUTBOUND_DENIED: ranges,
  OPENIMO_IPFS_GATEWAY: z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }).optional(),
  OPENIMO_OUTBOUND_DNS: z
    .string()
    .regex(/^[0-9a-fA-F.:[\]]+:\d{1,5}$/, 'must be like 127.0.0.1:53')
    .optional(),
  OPENIMO_WEBHOOK_POLL_MS: variables.whole(20, 60_000).default(1_000),
  OPENIMO_LIMIT_UPLOAD_BYTES: variables.whole(1, 2 ** 40).default(256 * 2 ** 20),
  OPENIMO_LIMIT_ACCOUNT_BYTES: variables.whole(1, 2 ** 50).default(2 * 2 ** 30),
});

const coherent = schema.superRefine((env, context) => {
  if (env.OPENIMO_AUTH_SECRET === undefined && !LOOPBACK_HOSTS.includes(env.OPENIMO_HTTP_HOST)) {
    const message = 'is needed where others can reach us';
    context.addIssue({ code: 'custom', path: ['OPENIMO_AUTH_SECRET'], message });
  }
});

/** @throws DomainError `ConfigInvalid` */
export function readConfig(env: Environment): ApiConfig {
  const read = readEnvironment('an API', coherent, env);
  return {
    name: read.OPENIMO_NAME,
    rpcUrl: read.OPENIMO_RPC_URL,
    databaseUrl: read.OPENIMO_DATABASE_URL,
    databasePool: read.OPENIMO_DATABASE_POOL,
    deployment: read.OPENIMO_DEPLOYMENT,
    host: read.OPENIMO_HTTP_HOST,
    httpPort: read.OPENIMO_HTTP_PORT,
    healthPort: read.OPENIMO_HEALTH_PORT,
    healthHost: read.OPENIMO_HEALTH_HOST,
    maxHeadAgeSeconds: read.OPENIMO_MAX_HEAD_AGE,
    logLevel: read.OPENIMO_LOG_LEVEL,
    origins: read.OPENIMO_ORIGINS,
    introspection: read.OPENIMO_INTROSPECTION === 'on',
    explorer: read.OPENIMO_EXPLORER === 'on',
    publicUrl: read.OPENIMO_PUBLIC_URL,
    authSecret: read.OPENIMO_AUTH_SECRET,
    pollMs: read.OPENIMO_POLL_MS,
    models: read.OPENIMO_MODELS,
    outbound: {
      allowHttp: read.OPENIMO_OUTBOUND_HTTP === 'on',
      allowed: read.OPENIMO_OUTBOUND_ALLOWED,
      denied: read.OPENIMO_OUTBOUND_DENIED,
      ipfsGateway: read.OPENIMO_IPFS_GATEWAY,
      dnsServer: read.OPENIMO_OUTBOUND_DNS,
    },
    webhookPollMs: read.OPENIMO_WEBHOOK_POLL_MS,
    limits: {
      bodyBytes: read.OPENIMO_LIMIT_BODY_BYTES,
      tokens: read.OPENIMO_LIMIT_TOKENS,
      depth: read.OPENIMO_LIMIT_DEPTH,
      aliases: read.OPENIMO_LIMIT_ALIASES,
      cost: read.OPENIMO_LIMIT_COST,
      costPerMinute: read.OPENIMO_LIMIT_COST_PER_MINUTE,
      sockets: read.OPENIMO_LIMIT_SOCKETS,
      statementMs: read.OPENIMO_LIMIT_STATEMENT_MS,
      uploadBytes: read.OPENIMO_LIMIT_UPLOAD_BYTES,
      accountBytes: read.OPENIMO_LIMIT_ACCOUNT_BYTES,
    },
  };
}
