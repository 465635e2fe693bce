import { Figures } from './figures.js';

describe('the figures of the demo', () => {
  const figures = () =>
    new Figures({ ask: async () => ({}) as never, upTo: async () => undefined }, { getBlockNumber: async () => 5n });

  it('are what GraphQL tells, and counted', () => {
    const each = figures();

    expect(each.check('price', 7n, 7n)).toBe(7n);
    expect(each.count).toBe(1);
    expect(each.differences).toEqual([]);
  });

  it('are kept where the chain says otherwise', () => {
    const each = figures();

    expect(each.check('price', 7n, 8n)).toBe(7n);
    expect(each.differences).toEqual([{ what: 'price', told: 7n, actual: 8n }]);
  });

  it('are read only once everything on the chain is in them', async () => {
    const waited: bigint[] = [];
    const each = new Figures(
      { ask: async () => waited.length as never, upTo: async (block) => void waited.push(block) },
      { getBlockNumber: async () => 42n },
    );

    expect(await each.read({ text: '{ x }', data: undefined as never })).toBe(1);
    expect(waited).toEqual([42n]);
  });
});
