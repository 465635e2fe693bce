import { readConfig } from './config.js';

const minimal = {
  OPENIMO_RPC_URL: 'https://user:sesame@rpc.example',
  OPENIMO_DATABASE_URL: 'postgres://openimo:sesame@127.0.0.1:5432/openimo',
  OPENIMO_DEPLOYMENT: '/srv/deployment.json',
  OPENIMO_MODELS: '/srv/models',
};

describe('readConfig', () => {
  it('listens on the loopback interface to its own pages alone, unless told otherwise', () => {
    expect(readConfig(minimal)).toMatchObject({ host: '127.0.0.1', origins: [], introspection: true, databasePool: 1 });
  });

  it('reads origins as a list', () => {
    const OPENIMO_ORIGINS = 'https://portal.example,http://127.0.0.1:5173';
    expect(readConfig({ ...minimal, OPENIMO_ORIGINS }).origins).toEqual([
      'https://portal.example',
      'http://127.0.0.1:5173',
    ]);
  });

  it('names what is wrong and never a value', () => {
    const read = () => readConfig({ OPENIMO_DATABASE_URL: 'mysql://sesame', OPENIMO_ORIGINS: 'sesame' });
    expect(read).toThrow(/OPENIMO_RPC_URL.*\n.*OPENIMO_DATABASE_URL.*\n.*OPENIMO_DEPLOYMENT.*\n.*OPENIMO_ORIGINS/);
    expect(read).not.toThrow(/sesame/);
  });

  it('wants a secret of its own where others can reach it', () => {
    const open = { ...minimal, OPENIMO_HTTP_HOST: '0.0.0.0' };
    expect(() => readConfig(open)).toThrow(/OPENIMO_AUTH_SECRET is needed/);
    expect(() => readConfig({ ...open, OPENIMO_AUTH_SECRET: 'sesame' })).toThrow(/OPENIMO_AUTH_SECRET is too short/);
    expect(readConfig({ ...open, OPENIMO_AUTH_SECRET: 's'.repeat(32) }).authSecret).toHaveLength(32);
  });

  it('fetches from the public internet alone, unless told otherwise', () => {
    expect(readConfig(minimal).outbound).toMatchObject({ allowHttp: false, allowed: [], denied: [] });
    expect(() => readConfig({ ...minimal, OPENIMO_OUTBOUND_ALLOWED: '127.0.0.1' })).toThrow(/OPENIMO_OUTBOUND_ALLOWED/);
  });
});
