import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLocked, takeIndexLock, takeStackLock, takeWatchLock } from './lock.js';

describe('the lock of a stack folder', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'openimo-lock-'));
    path = join(folder, 'stack.lock');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps a second process out, and names the first', () => {
    takeStackLock(path);
    expect(() => takeStackLock(path)).toThrow(
      expect.objectContaining({ code: 'StackRunning', data: { folder, pid: process.pid } }),
    );
  });

  it('lets the next one in once it is given back', () => {
    takeStackLock(path)();
    expect(takeStackLock(path)).toBeInstanceOf(Function);
  });

  it('is taken over from a process that died', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(path, JSON.stringify({ pid, since: 'then' }));
    takeStackLock(path);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is taken over where it was half written', () => {
    writeFileSync(path, '{"pid":');
    expect(takeStackLock(path)).toBeInstanceOf(Function);
  });

  it('is made together with its folder', () => {
    expect(takeStackLock(join(folder, 'deep', 'er', 'stack.lock'))).toBeInstanceOf(Function);
  });
});

describe('the lock of a watcher', () => {
  it('keeps a second one with the same account out, and names the first', () => {
    const folder = mkdtempSync(join(tmpdir(), 'openimo-lock-'));
    const giveBack = takeWatchLock(join(folder, 'alice', 'watch.lock'));
    expect(() => takeWatchLock(join(folder, 'alice', 'watch.lock'))).toThrow(
      expect.objectContaining({ code: 'WatcherRunning', data: { pid: process.pid } }),
    );
    takeWatchLock(join(folder, 'bob', 'watch.lock'));
    giveBack();
    takeWatchLock(join(folder, 'alice', 'watch.lock'));
    rmSync(folder, { recursive: true });
  });
});

describe('the lock of the read model', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'openimo-lock-'));
    path = join(folder, 'index.lock');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('is held until it is given back', () => {
    expect(isLocked(path)).toBe(false);
    const release = takeIndexLock(path);
    expect(isLocked(path)).toBe(true);
    expect(() => takeIndexLock(path)).toThrow(
      expect.objectContaining({ code: 'RebuildRunning', data: { pid: process.pid } }),
    );
    release();
    expect(isLocked(path)).toBe(false);
  });

  it('is held by nobody once its process has died', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(path, JSON.stringify({ pid, since: 'then' }));
    expect(isLocked(path)).toBe(false);
  });
});
