import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { localAccount, type LocalRole } from '../session/accounts.js';
import type { ChildSpec } from './children.js';
import type { StackRecord } from './record.js';

/** What each service of ours is started with. They are configured by their environment alone, as in production. */

export const OPERATORS = ['operator-1', 'operator-2', 'operator-3'] as const satisfies LocalRole[];
export const STAKE_ETH = '20';

type Spec = Pick<ChildSpec, 'name' | 'script' | 'args' | 'env'>;
type Connections = Pick<StackRecord, 'rpcUrl' | 'databaseUrl' | 'deployment' | 'models'>;

export function operatorSpec(name: (typeof OPERATORS)[number], record: Connections): Spec {
  return {
    name,
    script: mainOf('node'),
    env: {
      ...connections(name, record),
      OPENIMO_MODELS: record.models,
      OPENIMO_SIGNER_KEY: privateKeyOf(name),
      OPENIMO_STAKE: STAKE_ETH,
      OPENIMO_VERSIONS: 'all',
    },
  };
}

export interface WatcherOptions {
  /** A key of the local chain, or a keystore with the file of its password. */
  readonly signer: { readonly role: LocalRole } | { readonly keystore: string; readonly passwordFile: string };
  /** `all`, or version ids with commas between. */
  readonly versions: string;
}

/** A node that only watches. */
export function watcherSpec(record: Connections, { signer, versions }: WatcherOptions): Spec {
  const key: Record<string, string> =
    'role' in signer
      ? { OPENIMO_SIGNER_KEY: privateKeyOf(signer.role) }
      : { OPENIMO_KEYSTORE: signer.keystore, OPENIMO_KEYSTORE_PASSWORD_FILE: signer.passwordFile };
  return {
    name: 'watcher',
    script: mainOf('node'),
    env: {
      ...connections('watcher', record),
      ...key,
      OPENIMO_MODELS: record.models,
      OPENIMO_ROLE: 'watcher',
      OPENIMO_WATCH: versions,
    },
  };
}

export function indexerSpec(record: Connections): Spec {
  return { name: 'indexer', script: mainOf('indexer'), env: connections('indexer', record) };
}

export interface ApiOptions {
  /** Of GraphQL: the same after every restart. */
  readonly port: number;
  /** File of what it signs with. */
  readonly authSecret: string;
}

export function apiSpec(record: Connections, { port, authSecret }: ApiOptions): Spec {
  return {
    name: 'api',
    script: mainOf('api'),
    env: {
      ...connections('api', record),
      OPENIMO_MODELS: record.models,
      OPENIMO_HTTP_PORT: String(port),
      OPENIMO_AUTH_SECRET_FILE: authSecret,
    },
  };
}

/** Makes it where it is not there yet. */
export function ensureAuthSecret(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600 });
  return path;
}

function connections(name: string, { rpcUrl, databaseUrl, deployment }: Connections): Record<string, string> {
  return {
    OPENIMO_NAME: name,
    OPENIMO_RPC_URL: rpcUrl,
    OPENIMO_DATABASE_URL: databaseUrl,
    OPENIMO_DEPLOYMENT: deployment,
    OPENIMO_HTTP_PORT: '0',
  };
}

function privateKeyOf(role: LocalRole): string {
  const { privateKey } = localAccount(role).getHdKey();
  return `0x${Buffer.from(privateKey!).toString('hex')}`;
}

function mainOf(app: string): string {
  return fileURLToPath(new URL(`../../../${app}/dist/main.js`, import.meta.url));
}
