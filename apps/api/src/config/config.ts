import { type Environment, type LogLevel, readEnvironment, variables } from '@openimo/service';
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

const schema = z.object({
  OPENIMO_NAME: variables.name('api'),
  OPENIMO_RPC_URL: variables.rpcUrl(),
  OPENIMO_DATABASE_URL: variables.databaseUrl(),
  OPENIMO_DATABASE_POOL: variables.whole(1, 100).default(1),
  OPENIMO_DEPLOYMENT: variables.required(),
  OPENIMO_HOST: variables.host(),
  OPENIMO_HTTP_PORT: variables.port(),
  OPENIMO_HEALTH_PORT: variables.port(),
  OPENIMO_HEALTH_HOST: variables.host(),
  OPENIMO_MAX_HEAD_AGE: variables.whole(1, 86_400).default(120),
  OPENIMO_LOG_LEVEL: variables.logLevel(),
  OPENIMO_ORIGINS: origins,
  OPENIMO_INTROSPECTION: onOff.default('on'),
  OPENIMO_EXPLORER: onOff.default('on'),
  OPENIMO_POLL_MS: variables.whole(20, 60_000).default(250),
  OPENIMO_LIMIT_BODY_BYTES: variables.whole(1_000, 10_000_000).default(100_000),
  OPENIMO_LIMIT_TOKENS: variables.whole(100, 100_000).default(2_000),
  OPENIMO_LIMIT_DEPTH: variables.whole(3, 100).default(12),
  OPENIMO_LIMIT_ALIASES: variables.whole(0, 10_000).default(30),
  OPENIMO_LIMIT_COST: variables.whole(100, 1_000_000_000).default(50_000),
  OPENIMO_LIMIT_COST_PER_MINUTE: variables.whole(100, 1_000_000_000_000).default(2_000_000),
  OPENIMO_LIMIT_SOCKETS: variables.whole(1, 10_000).default(50),
  OPENIMO_LIMIT_STATEMENT_MS: variables.whole(10, 600_000).default(10_000),
});

/** @throws DomainError `ConfigInvalid` */
export function readConfig(env: Environment): ApiConfig {
  const read = readEnvironment('an API', schema, env);
  return {
    name: read.OPENIMO_NAME,
    rpcUrl: read.OPENIMO_RPC_URL,
    databaseUrl: read.OPENIMO_DATABASE_URL,
    databasePool: read.OPENIMO_DATABASE_POOL,
    deployment: read.OPENIMO_DEPLOYMENT,
    host: read.OPENIMO_HOST,
    httpPort: read.OPENIMO_HTTP_PORT,
    healthPort: read.OPENIMO_HEALTH_PORT,
    healthHost: read.OPENIMO_HEALTH_HOST,
    maxHeadAgeSeconds: read.OPENIMO_MAX_HEAD_AGE,
    logLevel: read.OPENIMO_LOG_LEVEL,
    origins: read.OPENIMO_ORIGINS,
    introspection: read.OPENIMO_INTROSPECTION === 'on',
    explorer: read.OPENIMO_EXPLORER === 'on',
    pollMs: read.OPENIMO_POLL_MS,
    limits: {
      bodyBytes: read.OPENIMO_LIMIT_BODY_BYTES,
      tokens: read.OPENIMO_LIMIT_TOKENS,
      depth: read.OPENIMO_LIMIT_DEPTH,
      aliases: read.OPENIMO_LIMIT_ALIASES,
      cost: read.OPENIMO_LIMIT_COST,
      costPerMinute: read.OPENIMO_LIMIT_COST_PER_MINUTE,
      sockets: read.OPENIMO_LIMIT_SOCKETS,
      statementMs: read.OPENIMO_LIMIT_STATEMENT_MS,
    },
  };
}
