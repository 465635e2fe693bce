import { jest } from '@jest/globals';
import { Shutdown } from './shutdown.js';

describe('a shutdown', () => {
  it('undoes last what was added first', async () => {
    const undone: string[] = [];
    const shutdown = new Shutdown();
    shutdown.add('lock', () => undone.push('lock'));
    shutdown.add('children', async () => undone.push('children'));
    await shutdown.run('test');
    expect(undone).toEqual(['children', 'lock']);
  });

  it('happens once, however often it is asked for', async () => {
    let times = 0;
    const shutdown = new Shutdown();
    shutdown.add('it', () => times++);
    await Promise.all([shutdown.run('one'), shutdown.run('two')]);
    expect(times).toBe(1);
  });

  it('tells every wait of the program before it undoes anything', async () => {
    const shutdown = new Shutdown();
    let aborted = false;
    shutdown.add('it', () => (aborted = shutdown.signal.aborted));
    await shutdown.run('test');
    expect(aborted).toBe(true);
  });

  it('goes on where one cleanup fails', async () => {
    const undone: string[] = [];
    const shutdown = new Shutdown();
    shutdown.add('first', () => undone.push('first'));
    shutdown.add('broken', () => {
      throw new Error('no');
    });
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    await shutdown.run('test');
    expect(said).toHaveBeenCalledWith(expect.stringContaining('While ending broken: no'));
    said.mockRestore();
    expect(undone).toEqual(['first']);
  });
});
