import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readEnvironment, type Environment } from './read-environment.js';
import { variables } from './variables.js';

const schema = z.object({
  NAME: variables.name('service'),
  RPC_URL: variables.rpcUrl(),
  DATABASE_URL: variables.databaseUrl(),
  STAKE: variables.ether().default(10n ** 18n),
  PORT: variables.port(),
  HOST: variables.host(),
  LOG_LEVEL: variables.logLevel(),
  PASSWORD: variables.required().optional(),
});
const minimal = { RPC_URL: 'http://127.0.0.1:8545', DATABASE_URL: 'postgres://openimo:sesame@127.0.0.1/openimo' };

const read = (env: Environment) => readEnvironment('a service', schema, env);

function messageOf(env: Environment): string {
  try {
    read(env);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

describe('readEnvironment', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'openimo-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes defaults for what is not set or empty', () => {
    expect(read({ ...minimal, NAME: '', STAKE: '' })).toEqual({
      NAME: 'service',
      RPC_URL: minimal.RPC_URL,
      DATABASE_URL: minimal.DATABASE_URL,
      STAKE: 10n ** 18n,
      PORT: 0,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
    });
  });

  it('reads amounts of ETH exactly', () => {
    expect(read({ ...minimal, STAKE: '12.000000000000000001' }).STAKE).toBe(12_000_000_000_000_000_001n);
  });

  it('reads a secret from the file named by the _FILE variant', () => {
    const path = join(folder, 'password');
    writeFileSync(path, 'correct horse\n');

    expect(read({ ...minimal, PASSWORD_FILE: path }).PASSWORD).toBe('correct horse');
  });

  it('lists every key that is missing', () => {
    expect(messageOf({})).toBe(
      'The environment does not configure a service:\n  RPC_URL is not set\n  DATABASE_URL is not set',
    );
  });

  it.each([
    ['DATABASE_URL', 'mysql://user:secret-word@host/db'],
    ['RPC_URL', 'not a url secret-token'],
    ['STAKE', 'secret-1,5'],
    ['STAKE', '-1'],
    ['PORT', '65536'],
    ['HOST', 'secret host'],
    ['LOG_LEVEL', 'secret-loud'],
    ['NAME', 'secret name'],
  ])('refuses a wrong %s by its key, without its value', (key, value) => {
    const message = messageOf({ ...minimal, [key]: value });

    expect(message).toContain(key);
    expect(message).not.toContain(value);
    expect(message).not.toContain('secret');
  });

  it('refuses a variable given twice, and a file that is not there', () => {
    const twice = messageOf({ ...minimal, PASSWORD: 'sesame', PASSWORD_FILE: '/srv/password' });
    expect(twice).toContain('PASSWORD and PASSWORD_FILE are both set');
    expect(twice).not.toContain('sesame');
    expect(messageOf({ ...minimal, PASSWORD_FILE: join(folder, 'none') })).toContain(
      'PASSWORD_FILE cannot be read (ENOENT)',
    );
  });
});
