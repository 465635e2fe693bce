import { RpcRequestError } from 'viem';
import { type BlockRange, searchBack } from './search-back.js';

const BLOCKS = { fromBlock: 10n, toBlock: 20_000n };
const refusal = () =>
  new RpcRequestError({ body: {}, url: 'http://127.0.0.1', error: { code: -32005, message: 'range too wide' } });

/** A chain with something in some blocks, whose node refuses ranges of more than `most` blocks. */
function chainWith(places: readonly bigint[], most = 1_000_000n) {
  const asked: BlockRange[] = [];
  const look = async ({ fromBlock, toBlock }: BlockRange) => {
    asked.push({ fromBlock, toBlock });
    if (toBlock - fromBlock + 1n > most) throw refusal();
    return places.filter((place) => place >= fromBlock && place <= toBlock);
  };
  return { look, asked };
}

describe('searchBack', () => {
  it('finds the newest, and looks no further', async () => {
    const { look, asked } = chainWith([50n, 19_990n]);
    expect(await searchBack(look, BLOCKS)).toEqual([19_990n]);
    expect(asked).toHaveLength(1);
  });

  it('goes back to the first block, in few questions', async () => {
    const { look, asked } = chainWith([10n]);
    expect(await searchBack(look, BLOCKS)).toEqual([10n]);
    expect(asked.length).toBeLessThan(8);
  });

  it('asks for less where the node refuses, and leaves no block out', async () => {
    const { look, asked } = chainWith([9n, 20_001n], 70n);
    expect(await searchBack(look, BLOCKS)).toEqual([]);
    const answered = asked.filter(({ fromBlock, toBlock }) => toBlock - fromBlock < 70n);
    expect(answered[0]!.toBlock).toBe(20_000n);
    expect(answered.at(-1)!.fromBlock).toBe(10n);
    for (const [i, { toBlock }] of answered.entries()) if (i > 0) expect(toBlock).toBe(answered[i - 1]!.fromBlock - 1n);
  });

  it('finds nothing in no blocks', async () => {
    const { look, asked } = chainWith([5n]);
    expect(await searchBack(look, { fromBlock: 6n, toBlock: 5n })).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('fails where a single block is refused', async () => {
    await expect(searchBack(chainWith([], 0n).look, BLOCKS)).rejects.toThrow('range too wide');
  });
});
