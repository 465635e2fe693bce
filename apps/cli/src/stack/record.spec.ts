import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zeroAddress } from 'viem';
import { readStackRecord, removeStackRecord, type StackRecord, writeStackRecord } from './record.js';

const record: StackRecord = {
  pid: process.pid,
  services: { chain: 1, database: 2 },
  rpcUrl: 'http://127.0.0.1:8545',
  databaseUrl: 'postgres://postgres@127.0.0.1:5432/postgres',
  models: 'models',
  deployment: 'deployment.json',
  operators: [{ name: 'operator-1', address: zeroAddress, pid: 3, httpPort: 4 }],
  indexer: { pid: 5, httpPort: 6 },
  api: { pid: 7, httpPort: 8, graphql: 'http://127.0.0.1:8/graphql' },
  example: { familyId: '1', versionId: '1', offering: zeroAddress, token: zeroAddress },
};

describe('what a stack says of itself', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'openimo-record-'));
    path = join(folder, 'stack.json');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read as it was written', () => {
    writeStackRecord(path, record);
    expect(readStackRecord(path)).toEqual(record);
  });

  it('is not there before a start, and says how to start', () => {
    expect(() => readStackRecord(path)).toThrow(
      expect.objectContaining({ code: 'StackNotRunning', message: expect.stringContaining('npm start') }),
    );
  });

  it('counts for nothing once its process has died', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeStackRecord(path, { ...record, pid });
    expect(() => readStackRecord(path)).toThrow(expect.objectContaining({ code: 'StackNotRunning' }));
  });

  it('goes with the stack', () => {
    writeStackRecord(path, record);
    removeStackRecord(path);
    expect(existsSync(path)).toBe(false);
  });
});
