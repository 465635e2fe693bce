import { readConfig } from './config.js';

const minimal = {
  OPENIMO_RPC_URL: 'https://user:sesame@rpc.example',
  OPENIMO_DATABASE_URL: 'postgres://openimo:sesame@127.0.0.1:5432/openimo',
  OPENIMO_DEPLOYMENT: '/srv/deployment.json',
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
});
