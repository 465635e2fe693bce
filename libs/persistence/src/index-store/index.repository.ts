import type { DataSource, EntityManager } from 'typeorm';
import { DomainError, type Address, type Hex } from '@openimo/domain';
import { classified } from '../database/database-error.js';
import { inTransaction } from '../database/open-database.js';
import { BlockEntity } from '../index-chain/block.entity.js';
import { IndexStateEntity } from '../index-chain/index-state.entity.js';
import { IndexUndoEntity } from '../index-chain/index-undo.entity.js';
import { OutboxEntity } from '../index-chain/outbox.entity.js';
import { RawLogEntity } from '../index-chain/raw-log.entity.js';
import { OfferingEntity } from '../index-offering/offering.entity.js';
import { ReadModelTables } from './read-model-tables.js';
import type { EntityClass } from './row-table.js';
import { type Before, undo, type UndoRecord } from './undo.js';

export type IndexState = Omit<IndexStateEntity, never>;
export type Block = Omit<BlockEntity, never>;
export type RawLog = Omit<RawLogEntity, never>;
/** An event to announce; position and id follow from where it stands. */
export type News = Required<Pick<OutboxEntity, 'blockNumber' | 'blockHash' | 'logIndex' | 'event' | 'at'>> &
  Pick<OutboxEntity, 'subject' | 'subjectId' | 'account'>;

export type IndexRepositoryErrorCode =
  /** Another process has taken the read model over. */
  | 'IndexTakenOver'
  /** The read model was filled from another chain or deployment. */
  | 'IndexOfAnotherDeployment'
  /** The chain took back a block it had called final. */
  | 'FinalBlockRetracted'
  /** An earlier write of this process did go through, although it seemed to fail. */
  | 'IndexMoved';

/** What a read model is of. */
export interface IndexIdentity {
  readonly chainId: number;
  readonly genesisHash: Hex;
  /** Tells one deployment from another, e.g. its contract addresses. */
  readonly deployment: string;
  readonly startBlock: bigint;
}

/** Consecutive blocks and everything that follows from them, written together or not at all. */
export interface IndexCommit {
  readonly blocks: readonly Block[];
  readonly logs: readonly RawLog[];
  /** Rows after the last of the blocks, by entity. */
  readonly changed: ReadonlyMap<EntityClass, readonly object[]>;
  /** Rows of `EventRow`s, by entity. */
  readonly events: ReadonlyMap<EntityClass, readonly object[]>;
  /** Of the blocks that are not final. */
  readonly undo: readonly UndoRecord[];
  readonly news: readonly News[];
  readonly finality: Finality;
}

export interface Finality {
  readonly headBlock: bigint;
  /** The newest block that is final, as the chain says; may be above what is indexed. Undefined: none is known. */
  readonly finalizedBlock: bigint | undefined;
}

const NOBODY = -1n;

/**
 * The only writer of the read model. It holds the state row's generation; once another process has taken over, every write of
 * this one fails with `IndexTakenOver` and changes nothing.
 */
export class IndexRepository {
  readonly tables: ReadModelTables;
  #state: IndexState | undefined;

  constructor(private readonly dataSource: DataSource) {
    this.tables = new ReadModelTables(dataSource);
  }

  /** As it was after the last write or `takeOver`. */
  get state(): IndexState {
    if (this.#state === undefined) throw new TypeError('takeOver comes first');
    return this.#state;
  }

  /**
   * Makes this process the writer.
   * @param options `replace`: what is there of another deployment goes
   * @throws DomainError `IndexOfAnotherDeployment`
   */
  takeOver(identity: IndexIdentity, options: { readonly replace?: boolean } = {}): Promise<IndexState> {
    return this.#write(async (manager) => {
      const { chainId, genesisHash, deployment, startBlock } = identity;
      await manager.query(
        `insert into index_state (chain_id, genesis_hash, deployment, start_block, generation, fork, outbox_position, updated_at)
         values ($1, $2, $3, $4, 0, 0, 0, clock_timestamp()) on conflict (chain_id) do nothing`,
        [chainId, genesisHash.toLowerCase(), deployment, startBlock.toString()],
      );
      const state = await manager.findOneOrFail(IndexStateEntity, {
        where: { chainId },
        lock: { mode: 'pessimistic_write' },
      });
      const isSame = state.genesisHash === genesisHash.toLowerCase() && state.deployment === deployment;
      const patch = { generation: state.generation + 1, genesisHash, deployment, startBlock };
      if (!isSame && options.replace) return this.#empty(manager, state, patch);
      if (!isSame) {
        throw new DomainError<IndexRepositoryErrorCode>(
          'IndexOfAnotherDeployment',
          'This database holds the read model of another chain or of other contracts. Give the indexer a database of its own, ' +
            'or empty the read model with: openimo db rebuild',
          { data: { indexed: state.genesisHash, configured: genesisHash } },
        );
      }
      return this.#update(manager, state, patch);
    });
  }

  /** Reads the state again, after a write whose end is not known. */
  async reload(): Promise<IndexState> {
    const { chainId, generation } = this.state;
    const state = await classified(() => this.dataSource.manager.findOneByOrFail(IndexStateEntity, { chainId }));
    if (state.generation !== generation) throw takenOver(chainId);
    this.#state = state;
    return state;
  }

  /** The rows there are of these keys. */
  find<Row extends object>(entity: EntityClass<Row>, keys: readonly Partial<Row>[]): Promise<Row[]> {
    return classified(() => this.tables.of(entity).find(this.dataSource.manager, keys));
  }

  /** Everything that offerings have deployed: whose events to follow beside the fixed contracts'. */
  deployed(): Promise<{ offering: Address; token: Address; escrow: Address }[]> {
    return classified(async () => {
      const rows = await this.dataSource.manager.find(OfferingEntity, {
        select: { address: true, token: true, escrow: true },
        order: { createdBlock: 'ASC', address: 'ASC' },
      });
      return rows.map(({ address, token, escrow }) => ({ offering: address, token, escrow }));
    });
  }

  /** Indexed headers from `fromBlock` on, newest first. */
  headers(fromBlock: bigint): Promise<Block[]> {
    return classified(() =>
      this.dataSource.manager
        .createQueryBuilder(BlockEntity, 'b')
        .where('b.number >= :fromBlock', { fromBlock: fromBlock.toString() })
        .orderBy('b.number', 'DESC')
        .getMany(),
    );
  }

  /**
   * Adds blocks behind the last one.
   * @throws DomainError `IndexTakenOver`
   */
  commit(batch: IndexCommit): Promise<IndexState> {
    const { liveAfter, fork } = this.state;
    const last = batch.blocks.at(-1);
    if (last === undefined) throw new TypeError('a commit has at least one block');
    const live = liveAfter ?? batch.finality.headBlock;
    return this.#write(async (manager) => {
      const news: OutboxDraft[] = batch.news
        .filter(({ blockNumber }) => blockNumber > live)
        .map((item) => ({ ...item, kind: 'event', eventId: `${fork}:${item.blockHash}:${item.logIndex}` }));
      const finalizedBlock = this.#finalized(batch.finality, last.number);
      const isFinalNews = finalizedBlock !== null && finalizedBlock > live;
      if (isFinalNews && finalizedBlock !== this.state.finalizedBlock) news.push(finalizedNews(fork, finalizedBlock));
      const state = await this.#update(manager, await this.#locked(manager), {
        blockNumber: last.number,
        blockHash: last.hash,
        blockAt: last.at,
        finalizedBlock,
        headBlock: batch.finality.headBlock,
        liveAfter: live,
        outboxPosition: this.state.outboxPosition + BigInt(news.length),
      });
      await this.tables.of(BlockEntity).insert(manager, batch.blocks);
      await this.tables.of(RawLogEntity).insert(manager, batch.logs);
      for (const [entity, rows] of batch.changed) await this.tables.of(entity).upsert(manager, rows);
      for (const [entity, rows] of batch.events) await this.tables.of(entity).insert(manager, rows);
      await this.#keepUndo(manager, batch.undo, finalizedBlock);
      await this.#announce(manager, news, this.state.outboxPosition);
      return state;
    });
  }

  /** Notes how far the chain is, when there is nothing to index. */
  setFinality(finality: Finality): Promise<IndexState> {
    const { blockNumber, liveAfter, fork } = this.state;
    const finalizedBlock = blockNumber === null ? null : this.#finalized(finality, blockNumber);
    return this.#write(async (manager) => {
      const news: OutboxDraft[] = [];
      if (
        finalizedBlock !== null &&
        finalizedBlock !== this.state.finalizedBlock &&
        finalizedBlock > (liveAfter ?? 0n)
      ) {
        news.push(finalizedNews(fork, finalizedBlock));
      }
      const state = await this.#update(manager, await this.#locked(manager), {
        finalizedBlock,
        headBlock: finality.headBlock,
        outboxPosition: this.state.outboxPosition + BigInt(news.length),
      });
      await this.#keepUndo(manager, [], finalizedBlock);
      await this.#announce(manager, news, this.state.outboxPosition);
      return state;
    });
  }

  /**
   * Takes back every block after `ancestor`, an indexed block that is final or newer.
   * @throws DomainError `FinalBlockRetracted`, `IndexTakenOver`
   */
  async rollBack(ancestor: Block): Promise<IndexState> {
    const { finalizedBlock, fork } = this.state;
    if (finalizedBlock !== null && ancestor.number < finalizedBlock) {
      throw new DomainError<IndexRepositoryErrorCode>(
        'FinalBlockRetracted',
        `The chain took back block ${finalizedBlock}, which it had called final.`,
        { data: { finalizedBlock: finalizedBlock.toString(), ancestor: ancestor.number.toString() } },
      );
    }
    return this.#write(async (manager) => {
      const before = await this.#locked(manager);
      const above = [ancestor.number.toString()];
      const records = await manager.query<{ changes: string }[]>(
        'select changes from index_undo where block_number > $1 order by block_number',
        above,
      );
      const retracted = await this.#retract(manager, ancestor.number, fork + 1);
      const state = await this.#update(manager, before, {
        blockNumber: ancestor.number,
        blockHash: ancestor.hash,
        blockAt: ancestor.at,
        fork: fork + 1,
        outboxPosition: this.state.outboxPosition + BigInt(retracted.length),
      });
      await undo(
        manager,
        this.tables,
        records.map(({ changes }) => JSON.parse(changes) as Before),
      );
      for (const { name } of this.tables.events)
        await manager.query(`delete from ${name} where block_number > $1`, above);
      await manager.query(
        'delete from raw_logs where block_hash in (select hash from blocks where number > $1)',
        above,
      );
      await manager.query('delete from blocks where number > $1', above);
      await manager.query('delete from index_undo where block_number > $1', above);
      await this.#announce(manager, retracted, this.state.outboxPosition);
      return state;
    });
  }

  /**
   * Empties the read model, to be filled again from the start. What the outbox has announced of final blocks stays announced and
   * is not announced again; everything later is retracted first. Without `keepNews`, consumers are told to forget it all.
   */
  async clear(options: { readonly keepNews: boolean }): Promise<IndexState> {
    const { finalizedBlock } = this.state;
    const isPartlyNews = options.keepNews && finalizedBlock !== null;
    if (isPartlyNews) {
      const [ancestor] = (await this.headers(finalizedBlock)).slice(-1);
      await this.rollBack(ancestor!);
    }
    return this.#write(async (manager) => {
      const before = await this.#locked(manager);
      if (!isPartlyNews) return this.#empty(manager, before, {});
      return this.#empty(manager, before, { liveAfter: greatest(finalizedBlock, before.liveAfter) });
    });
  }

  /** @param patch without `liveAfter`, what comes is history again and consumers start over */
  async #empty(manager: EntityManager, before: IndexState, patch: Partial<IndexState>): Promise<IndexState> {
    const fork = before.fork + 1;
    const news: OutboxDraft[] =
      patch.liveAfter === undefined ? [{ kind: 'reset', eventId: `${fork}:reset`, blockNumber: 0n }] : [];
    const state = await this.#update(manager, before, {
      blockNumber: null,
      blockHash: null,
      blockAt: null,
      finalizedBlock: null,
      liveAfter: null,
      fork,
      outboxPosition: before.outboxPosition + BigInt(news.length),
      ...patch,
    });
    const tables = [...this.tables.state, ...this.tables.events].map(({ name }) => name);
    await manager.query(`truncate ${['blocks', 'raw_logs', 'index_undo', ...tables].join(', ')}`);
    await this.#announce(manager, news, before.outboxPosition);
    return state;
  }

  async #write(work: (manager: EntityManager) => Promise<IndexState>): Promise<IndexState> {
    const state = await inTransaction(this.dataSource, work);
    this.#state = state;
    return state;
  }

  /**
   * First in every write: whoever holds the state row holds the read model until the end of the transaction.
   * @throws DomainError `IndexTakenOver`, `IndexMoved`
   */
  async #locked(manager: EntityManager): Promise<IndexState> {
    const known = this.state;
    const where = { chainId: known.chainId };
    const stored = await manager.findOneOrFail(IndexStateEntity, { where, lock: { mode: 'pessimistic_write' } });
    if (stored.generation !== known.generation) throw takenOver(known.chainId);
    if (
      stored.blockNumber !== known.blockNumber ||
      stored.fork !== known.fork ||
      stored.outboxPosition !== known.outboxPosition
    ) {
      throw new DomainError<IndexRepositoryErrorCode>('IndexMoved', 'The read model is further than it seemed.', {
        retryable: true,
      });
    }
    return stored;
  }

  async #update(manager: EntityManager, before: IndexState, patch: Partial<IndexState>): Promise<IndexState> {
    const after = { ...before, ...patch, updatedAt: new Date() };
    await manager.update(IndexStateEntity, { chainId: before.chainId }, after);
    return after;
  }

  #finalized({ finalizedBlock }: Finality, indexed: bigint): bigint | null {
    const before = this.state.finalizedBlock;
    if (finalizedBlock === undefined) return before;
    return greatest(finalizedBlock < indexed ? finalizedBlock : indexed, before);
  }

  async #keepUndo(manager: EntityManager, records: readonly UndoRecord[], finalized: bigint | null): Promise<void> {
    const kept = records.filter(({ isEmpty, blockNumber }) => !isEmpty && blockNumber > (finalized ?? NOBODY));
    const rows = kept.map((record) => ({ blockNumber: record.blockNumber, changes: JSON.stringify(record) }));
    await this.tables.of(IndexUndoEntity).insert(manager, rows);
    if (finalized !== null && finalized !== this.state.finalizedBlock) {
      await manager.query('delete from index_undo where block_number <= $1', [finalized.toString()]);
    }
  }

  async #retract(manager: EntityManager, above: bigint, fork: number): Promise<OutboxDraft[]> {
    const rows = await manager
      .createQueryBuilder(OutboxEntity, 'o')
      .where(`o.kind = 'event' and o.retracted_by is null and o.block_number > :above`, { above: above.toString() })
      .orderBy('o.position', 'DESC')
      .getMany();
    const base = this.state.outboxPosition + 1n;
    await manager.query(
      `update outbox o set retracted_by = r.retracted_by
       from unnest($1::bigint[], $2::bigint[]) as r(position, retracted_by) where o.position = r.position`,
      [rows.map(({ position }) => position.toString()), rows.map((_, i) => (base + BigInt(i)).toString())],
    );
    return rows.map((row) => ({ ...row, kind: 'retracted', eventId: `${fork}:${row.eventId}:retracted` }));
  }

  async #announce(manager: EntityManager, drafts: readonly OutboxDraft[], after: bigint): Promise<void> {
    const nothing = {
      blockHash: null,
      logIndex: null,
      event: null,
      subject: null,
      subjectId: null,
      account: null,
      at: null,
    };
    const rows = drafts.map((draft, i) => ({
      ...nothing,
      ...draft,
      position: after + 1n + BigInt(i),
      retractedBy: null,
    }));
    await this.tables.of(OutboxEntity).insert(manager, rows);
  }
}

type OutboxDraft = Pick<OutboxEntity, 'kind' | 'eventId' | 'blockNumber'> & Partial<OutboxEntity>;

function finalizedNews(fork: number, blockNumber: bigint): OutboxDraft {
  return { kind: 'finalized', eventId: `${fork}:finalized:${blockNumber}`, blockNumber };
}

function greatest(a: bigint, b: bigint | null): bigint {
  return b !== null && b > a ? b : a;
}

function takenOver(chainId: number): DomainError<IndexRepositoryErrorCode> {
  return new DomainError('IndexTakenOver', 'Another indexer writes this read model now; this one must stop.', {
    data: { chainId },
  });
}
