import { LookLanes, type Turn } from './look-lanes.js';

/** Looks that last until they are ended, by name. */
class Looks {
  readonly lanes = new LookLanes();
  readonly begun: string[] = [];
  readonly #end = new Map<string, () => void>();
  readonly #done = new Map<string, Promise<void>>();

  ask(name: string, { attempts = 0, urgent = false, familyId = 1n }: Partial<Turn> = {}): void {
    const done = this.lanes.run({ attempts, urgent, familyId }, async () => {
      this.begun.push(name);
      await new Promise<void>((end) => this.#end.set(name, end));
    });
    this.#done.set(name, done);
  }

  async end(name: string): Promise<void> {
    this.#end.get(name)!();
    await this.#done.get(name);
    await settled();
  }
}

/** Lets everything happen that waits for nothing. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('LookLanes', () => {
  it('looks at three side by side, then in the order in which they came', async () => {
    const looks = new Looks();
    for (const name of ['a', 'b', 'c', 'd', 'e']) looks.ask(name);
    await settled();
    expect(looks.begun).toEqual(['a', 'b', 'c']);

    await looks.end('b');
    expect(looks.begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps lanes for what nobody has looked at', async () => {
    const looks = new Looks();
    for (const name of ['slow', 'slower', 'slowest']) looks.ask(name, { attempts: 1 });
    await settled();
    expect(looks.begun).toEqual(['slow']);

    looks.ask('new');
    await settled();
    expect(looks.begun).toEqual(['slow', 'new']);

    await looks.end('slow');
    expect(looks.begun).toEqual(['slow', 'new', 'slower']);
  });

  it('lets families take turns, and what requests wait for go first', async () => {
    const looks = new Looks();
    for (let i = 0; i < 10; i++) looks.ask(`flood ${i}`, { familyId: 7n });
    looks.ask('other', { familyId: 8n });
    looks.ask('enrolled', { familyId: 7n, urgent: true });
    await settled();

    await looks.end('flood 0');
    await looks.end('flood 1');

    expect(looks.begun.slice(3)).toEqual(['enrolled', 'other']);
  });

  it('goes on after a look that failed', async () => {
    const lanes = new LookLanes();
    const turn = { attempts: 1, urgent: false, familyId: 1n };

    await expect(lanes.run(turn, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lanes.run(turn, async () => 'yes')).toBe('yes');
  });
});
