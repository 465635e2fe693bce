import { CheckQueue } from './check-queue.js';

/** A check that ends when it is told to. */
function check() {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const state = { started: false };
  const work = async () => {
    state.started = true;
    await ended;
  };
  return { state, work, end };
}

describe('CheckQueue', () => {
  it('runs so many at once, and the next when one ends', async () => {
    const queue = new CheckQueue(2, 10);
    const checks = [check(), check(), check()];
    const runs = checks.map(({ work }, index) => queue.run(`account ${index}`, work));
    expect(checks.map(({ state }) => state.started)).toEqual([true, true, false]);

    checks[0]!.end();
    await runs[0];
    // The turn is handed over before anybody hears that the check has ended.
    expect(checks[2]!.state.started).toBe(true);

    for (const { end } of checks) end();
    await Promise.all(runs);
  });

  it('refuses what would wait too long, and a second check of one account', async () => {
    const queue = new CheckQueue(1, 1);
    const [running, waiting] = [check(), check()];
    const runs = [queue.run('a', running.work), queue.run('b', waiting.work)];

    await expect(queue.run('c', check().work)).rejects.toMatchObject({ code: 'ChecksBusy', retryable: true });
    await expect(queue.run('a', check().work)).rejects.toMatchObject({ code: 'ChecksBusy' });

    for (const { end } of [running, waiting]) end();
    await Promise.all(runs);
  });

  it('gives up its place and its account when a check fails', async () => {
    const queue = new CheckQueue(1, 0);
    const fails = () => Promise.reject(new Error('no model'));

    await expect(queue.run('a', fails)).rejects.toThrow('no model');
    await expect(queue.run('a', async () => 'well')).resolves.toBe('well');
  });
});
