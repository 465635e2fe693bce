import { HolderEntity, type ReadModelTables, type RowTable } from '@openimo/persistence';
import { Ledger, RowUnknown } from './ledger.js';

const ALICE = '0x0a';
const row = (tokenCount: number): HolderEntity => ({
  account: ALICE,
  tokenCount,
  firstBlock: 1n,
  firstAt: new Date(0),
});
const table = {
  name: 'holders',
  keyOf: ({ account }: Partial<HolderEntity>) => account ?? '',
  keyTextOf: ({ account }: Partial<HolderEntity>) => [account ?? ''],
  textOf: ({ account, tokenCount }: HolderEntity) => [account, String(tokenCount)],
} as unknown as RowTable<HolderEntity>;

function ledger(): Ledger {
  return new Ledger({ of: () => table } as unknown as ReadModelTables);
}

function known(before: HolderEntity | undefined): Ledger {
  const fresh = ledger();
  fresh.learn(HolderEntity, [{ account: ALICE }], before === undefined ? [] : [before]);
  return fresh;
}

describe('Ledger', () => {
  it('asks for rows it has not seen', () => {
    const empty = ledger();
    empty.beginBlock(1n, true);
    expect(() => empty.find(HolderEntity, { account: ALICE })).toThrow(RowUnknown);
    expect(empty.missing()).toEqual([{ entity: HolderEntity, keys: [{ account: ALICE }] }]);
  });

  it('says which event is missing when a row must be there and is not', () => {
    const empty = known(undefined);
    empty.beginBlock(1n, true);
    expect(() => empty.get(HolderEntity, { account: ALICE })).toThrow('holders has no row 0x0a');
  });

  it('keeps of each block what every row was before it, once', () => {
    const busy = known(row(1));
    for (const [block, counts] of [
      [1n, [2, 3]],
      [2n, [4]],
    ] as const) {
      busy.beginBlock(block, true);
      for (const tokenCount of counts) busy.update(HolderEntity, { account: ALICE }, () => ({ tokenCount }));
    }
    const { changed, undo } = busy.changes();

    expect(changed).toEqual(new Map([[HolderEntity, [row(4)]]]));
    expect(undo.map((record) => record.toJSON())).toEqual([
      { holders: { rows: [[ALICE, '1']], absent: [] } },
      { holders: { rows: [[ALICE, '3']], absent: [] } },
    ]);
  });

  it('notes that a row was not there', () => {
    const busy = known(undefined);
    busy.beginBlock(1n, true);
    busy.set(HolderEntity, row(1));
    expect(busy.changes().undo[0]!.toJSON()).toEqual({ holders: { rows: [], absent: [[ALICE]] } });
  });

  it('keeps nothing of blocks that are final', () => {
    const busy = known(undefined);
    busy.beginBlock(1n, false);
    busy.set(HolderEntity, row(1));
    expect(busy.changes().undo).toEqual([]);
  });

  it('forgets a batch that was not written, and remembers one that was', () => {
    const busy = known(row(1));
    busy.beginBlock(1n, true);
    busy.set(HolderEntity, row(2));
    busy.restart();
    expect(busy.find(HolderEntity, { account: ALICE })).toEqual(row(1));

    busy.set(HolderEntity, row(3));
    busy.committed();
    expect(busy.find(HolderEntity, { account: ALICE })).toEqual(row(3));
    expect(busy.changes().changed.size).toBe(0);
  });
});
