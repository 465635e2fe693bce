import { readConfig } from './config.js';

const minimal = {
  OPENIMO_RPC_URL: 'https://user:sesame@rpc.example',
  OPENIMO_DATABASE_URL: 'postgres://openimo:sesame@127.0.0.1:5432/openimo',
  OPENIMO_DEPLOYMENT: '/srv/deployment.json',
};

describe('readConfig', () => {
  it('takes defaults for what is not set', () => {
    expect(readConfig(minimal)).toMatchObject({ name: 'indexer', finality: undefined, audit: true, rpcBatch: 100 });
  });

  it('reads finality as a depth or a tag', () => {
    expect(readConfig({ ...minimal, OPENIMO_FINALITY: '12' }).finality).toBe(12n);
    expect(readConfig({ ...minimal, OPENIMO_FINALITY: 'tag' }).finality).toBe('tag');
  });

  it('names what is wrong and never a value', () => {
    const read = () => readConfig({ OPENIMO_DATABASE_URL: 'mysql://sesame', OPENIMO_POLL_MS: 'sesame' });
    expect(read).toThrow(/OPENIMO_RPC_URL.*\n.*OPENIMO_DATABASE_URL.*\n.*OPENIMO_DEPLOYMENT.*\n.*OPENIMO_POLL_MS/);
    expect(read).not.toThrow(/sesame/);
  });
});
