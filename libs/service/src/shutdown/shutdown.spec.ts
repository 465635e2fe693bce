import { jest } from '@jest/globals';
import { pause } from './pause.js';
import { Shutdown } from './shutdown.js';

describe('Shutdown', () => {
  it('aborts the signal, then undoes what was added last first', async () => {
    const shutdown = new Shutdown();
    const order: string[] = [];
    shutdown.signal.addEventListener('abort', () => order.push('abort'));
    shutdown.add('database', () => order.push('database'));
    shutdown.add('server', () => order.push('server'));

    await shutdown.run(new Error('SIGTERM'));

    expect(order).toEqual(['abort', 'server', 'database']);
    expect(shutdown.exitCode).toBe(0);
  });

  it('runs every cleanup once however often it is asked', async () => {
    const shutdown = new Shutdown();
    const cleanup = jest.fn();
    shutdown.add('once', cleanup);

    await Promise.all([shutdown.run(new Error('SIGTERM')), shutdown.run(new Error('SIGINT'))]);

    expect(cleanup).toHaveBeenCalledTimes(1);
  });

  it('goes on after a cleanup that fails, and says so in the exit code', async () => {
    const stderr = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const shutdown = new Shutdown();
    const first = jest.fn();
    shutdown.add('first', first);
    shutdown.add('broken', () => {
      throw new Error('will not close');
    });

    await shutdown.run(new Error('SIGTERM'));

    expect(first).toHaveBeenCalled();
    expect(shutdown.exitCode).toBe(1);
    expect(stderr).toHaveBeenCalledWith('While ending broken: will not close\n');
    stderr.mockRestore();
  });

  it('exits with 1 when an error ended it', async () => {
    const shutdown = new Shutdown();

    await shutdown.fail(new Error('genesis changed'));

    expect(shutdown.exitCode).toBe(1);
    expect(shutdown.signal.reason).toEqual(new Error('genesis changed'));
  });
});

describe('pause', () => {
  it('ends early when the signal aborts', async () => {
    const controller = new AbortController();
    const waiting = pause(60_000, controller.signal);

    controller.abort();

    await expect(waiting).resolves.toBeUndefined();
  });
});
