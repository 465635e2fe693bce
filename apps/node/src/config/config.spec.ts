import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from './config.js';

const KEY = `0x${'ab'.repeat(32)}`;
const minimal = {
  OPENIMO_RPC_URL: 'http://127.0.0.1:8545',
  OPENIMO_DATABASE_URL: 'postgres://openimo:sesame@127.0.0.1:5432/openimo',
  OPENIMO_DEPLOYMENT: '/srv/deployment.json',
  OPENIMO_MODELS: '/srv/models',
  OPENIMO_SIGNER_KEY: KEY,
};

function messageOf(env: Record<string, string | undefined>): string {
  try {
    readConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

describe('readConfig', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'openimo-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes defaults for what is not set', () => {
    expect(readConfig(minimal)).toEqual({
      name: 'node',
      rpcUrl: 'http://127.0.0.1:8545',
      databaseUrl: 'postgres://openimo:sesame@127.0.0.1:5432/openimo',
      deployment: '/srv/deployment.json',
      models: '/srv/models',
      signer: { kind: 'key', privateKey: KEY },
      stake: 10n ** 18n,
      role: 'operator',
      versions: 'all',
      watch: 'served',
      audit: true,
      httpPort: 0,
      httpHost: '127.0.0.1',
      endpoint: '',
      logLevel: 'info',
      collectAbove: undefined,
      flushAbove: undefined,
      collectEverySeconds: 30,
      minBalance: 10n ** 16n,
      maxHeadAgeSeconds: 120,
      leaseMs: 3_000,
      pollMs: 500,
    });
  });

  it('reads amounts of ETH exactly, and lists of versions', () => {
    const config = readConfig({ ...minimal, OPENIMO_STAKE: '12.000000000000000001', OPENIMO_VERSIONS: '1, 7' });

    expect(config.stake).toBe(12_000_000_000_000_000_001n);
    expect(config.versions).toEqual([1n, 7n]);
  });

  it('watches what it serves, or what it is told to', () => {
    const watch = (more: Record<string, string>) => readConfig({ ...minimal, ...more }).watch;

    expect(watch({ OPENIMO_WATCH: 'none' })).toBe('none');
    expect(watch({ OPENIMO_WATCH: '2, 3' })).toEqual([2n, 3n]);
    expect(watch({ OPENIMO_ROLE: 'watcher' })).toBe('all');
    expect(watch({ OPENIMO_ROLE: 'watcher', OPENIMO_WATCH: '7' })).toEqual([7n]);
  });

  it('refuses a watcher that watches nothing', () => {
    for (const OPENIMO_WATCH of ['none', 'served']) {
      expect(messageOf({ ...minimal, OPENIMO_ROLE: 'watcher', OPENIMO_WATCH })).toContain('OPENIMO_WATCH of a watcher');
    }
  });

  it('treats an empty variable as unset', () => {
    expect(readConfig({ ...minimal, OPENIMO_NAME: '', OPENIMO_STAKE: '' })).toMatchObject({
      name: 'node',
      stake: 10n ** 18n,
    });
  });

  it('reads a secret from the file named by the _FILE variant', () => {
    const password = join(folder, 'password');
    writeFileSync(password, 'correct horse\n');

    const config = readConfig({
      ...minimal,
      OPENIMO_SIGNER_KEY: undefined,
      OPENIMO_KEYSTORE: '/srv/keystore.json',
      OPENIMO_KEYSTORE_PASSWORD_FILE: password,
    });

    expect(config.signer).toEqual({ kind: 'keystore', path: '/srv/keystore.json', password: 'correct horse' });
  });

  it('lists every key that is missing', () => {
    const message = messageOf({});

    for (const key of ['OPENIMO_RPC_URL', 'OPENIMO_DATABASE_URL', 'OPENIMO_DEPLOYMENT', 'OPENIMO_MODELS']) {
      expect(message).toContain(`${key} is not set`);
    }
  });

  it.each([
    ['OPENIMO_SIGNER_KEY', '0xsecret-key'],
    ['OPENIMO_DATABASE_URL', 'mysql://user:secret-word@host/db'],
    ['OPENIMO_RPC_URL', 'not a url secret-token'],
    ['OPENIMO_STAKE', 'secret-1,5'],
    ['OPENIMO_STAKE', '-1'],
    ['OPENIMO_VERSIONS', 'secret,2'],
    ['OPENIMO_HTTP_PORT', '65536'],
    ['OPENIMO_LOG_LEVEL', 'secret-loud'],
    ['OPENIMO_NAME', 'secret name'],
  ])('refuses a wrong %s by its key, without its value', (key, value) => {
    const message = messageOf({ ...minimal, [key]: value });

    expect(message).toContain(key);
    expect(message).not.toContain(value);
    expect(message).not.toContain('secret');
  });

  it('wants exactly one signer', () => {
    expect(messageOf({ ...minimal, OPENIMO_SIGNER_KEY: undefined })).toContain(
      'OPENIMO_KEYSTORE or OPENIMO_SIGNER_KEY',
    );
    expect(messageOf({ ...minimal, OPENIMO_KEYSTORE: '/srv/keystore.json' })).toContain('excludes OPENIMO_SIGNER_KEY');
    expect(messageOf({ ...minimal, OPENIMO_SIGNER_KEY: undefined, OPENIMO_KEYSTORE: '/k' })).toContain(
      'OPENIMO_KEYSTORE_PASSWORD is needed',
    );
  });

  it('refuses a variable given twice, and a file that is not there', () => {
    expect(messageOf({ ...minimal, OPENIMO_SIGNER_KEY_FILE: '/srv/key' })).toContain('are both set');
    expect(
      messageOf({ ...minimal, OPENIMO_SIGNER_KEY: undefined, OPENIMO_SIGNER_KEY_FILE: join(folder, 'none') }),
    ).toContain('OPENIMO_SIGNER_KEY_FILE cannot be read (ENOENT)');
  });
});
