import { disputeGameAbi, inferenceOracleAbi } from '@openimo/contracts';
import { modelOf } from '@openimo/disputes';
import { DisputeStory, type Quarrel } from '@openimo/disputes/testing';
import type { Hex } from '@openimo/domain';
import {
  AssertionEntity,
  CreditEntity,
  DisputeEntity,
  DisputeMoveEntity,
  EnrolmentEntity,
  OperatorEntity,
  RequestEntity,
  TraceEntity,
  VersionEntity,
} from '@openimo/persistence';
import { dumpTables, Story, TestChain, type Person } from '@openimo/testing';
import { TestIndex } from './testing/test-index.js';

const PHASES = [
  '',
  'awaitTrace',
  'awaitPick',
  'awaitReveal',
  'awaitReveal',
  'awaitProof',
  'operatorLost',
  'challengerLost',
];
const UNIT = 10n ** 12n;
/** In the order in which they are told. */
type Quarrels = readonly [convicted: Quarrel, outrun: Quarrel, stalled: Quarrel, stonewalled: Quarrel, open: Quarrel];

let chain: TestChain;
let disputes: DisputeStory;
let quarrels: Quarrels;
let index: TestIndex;

beforeAll(async () => {
  chain = await TestChain.start();
  const story = new Story(chain);
  index = await TestIndex.create(chain);
  await story.publish();
  await story.serve();
  disputes = new DisputeStory(chain);
  await disputes.tell();
  quarrels = disputes.quarrels as unknown as Quarrels;
  await index.catchUp();
});
afterAll(async () => {
  await index?.close();
  await chain?.anvil.kill();
});

const lower = (text: string) => text.toLowerCase();
const find = async (disputeId: Hex) => (await index.dataSource.manager.findOneBy(DisputeEntity, { disputeId }))!;
const movesOf = (disputeId: Hex) =>
  index.dataSource.manager.find(DisputeMoveEntity, {
    where: { disputeId },
    order: { blockNumber: 'ASC', logIndex: 'ASC' },
  });
const game = () => ({ address: chain.addresses.disputeGame, abi: disputeGameAbi }) as const;
const stored = (disputeId: Hex) => chain.client.readContract({ ...game(), functionName: 'dispute', args: [disputeId] });

describe('disputes, as the game has them', () => {
  it('stand where they stand on-chain, with the clocks that its moves left', async () => {
    const all = await index.dataSource.manager.find(DisputeEntity);
    expect(all).toHaveLength(7);
    for (const dispute of all) {
      const { phase, bond, node, operatorLeft, challengerLeft, since, level, position } = await stored(
        dispute.disputeId,
      );
      const hasPicked = dispute.moveCount > 0;
      // The first pick tells the game that a trace was posted; a moot dispute stays as it was, and is paid out as one won.
      if (hasPicked && dispute.phase !== 'moot') expect(dispute.phase).toBe(PHASES[phase]);
      expect(dispute.node ?? 0).toBe(node);
      if (dispute.closedAt === null && hasPicked) {
        expect(dispute).toMatchObject({ operatorLeft, challengerLeft, position });
        expect(dispute.since.getTime() / 1_000).toBe(since);
        expect(level).toBeGreaterThan(0);
      }
      if (dispute.closedAt === null) expect(dispute.bond).toBe(BigInt(bond) * UNIT);
    }
  });

  it('say whose turn it is and until when, as the game does', async () => {
    const [, outrun, , , open] = quarrels;
    for (const quarrel of [outrun, open]) {
      const trace = await index.dataSource.manager.findOneByOrFail(TraceEntity, quarrelKey(quarrel));
      const posted = {
        root: trace.root,
        postedAt: BigInt(trace.at.getTime() / 1_000),
        model: modelOf(quarrel.match.model.commitment),
      };
      const args = [quarrel.match.subject, chain.addressOf('alice'), posted] as const;
      const [side, deadline] = await chain.client.readContract({ ...game(), functionName: 'turn', args });
      expect(await find(disputes.idOf(quarrel))).toMatchObject({
        turn: ['operator', 'challenger'][side],
        deadline: new Date(Number(deadline) * 1_000),
      });
    }
  });

  it('are told move by move', async () => {
    const [convicted] = quarrels;
    const moves = await movesOf(disputes.idOf(convicted));
    expect(moves.map(({ kind }) => kind)).toEqual([
      ...['challenged', 'picked', 'revealed', 'picked', 'revealed', 'picked', 'revealed', 'picked', 'chunkRevealed'],
      'operatorConvicted',
    ]);
    const made = convicted.match.moves;
    const picks = made.filter((move) => move.kind === 'pick');
    const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
    expect(moves.filter(({ kind }) => kind === 'picked').map(({ child, childIndex }) => [child, childIndex])).toEqual(
      picks.map(({ child, index: at }) => [hex(child), at]),
    );
    const reveals = made.filter((move) => move.kind === 'reveal');
    expect(moves.filter(({ kind }) => kind === 'revealed').map(({ children }) => children)).toEqual(
      reveals.map(({ children }) => children.map(hex)),
    );
    const [chunk] = made.filter((move) => move.kind === 'revealChunk');
    expect(moves.find(({ kind }) => kind === 'chunkRevealed')!.chunk).toBe(hex(chunk!.chunk));
    const [posted] = made.filter((move) => move.kind === 'postTrace');
    const trace = await index.dataSource.manager.findOneByOrFail(TraceEntity, quarrelKey(convicted));
    expect(trace).toMatchObject({ root: hex(posted!.traceRoot), children: posted!.children.map(hex) });
  });

  it('name the step and the chunk that were proven wrong', async () => {
    const [convicted] = quarrels;
    const { operator, challenger, match } = convicted;
    const wrong = operator.trace.findIndex((bytes, node) => !Buffer.from(bytes).equals(challenger.trace[node]!));
    const dispute = await find(disputes.idOf(convicted));
    expect(dispute.node).toBe(wrong);
    const chunk = (await movesOf(dispute.disputeId)).find(({ kind }) => kind === 'chunkRevealed')!;
    const bytes = Buffer.from(chunk.chunk!.slice(2), 'hex');
    const at = chunk.chunkIndex! * bytes.length;
    expect(Buffer.from(operator.trace[wrong]!).subarray(at, at + bytes.length)).toEqual(bytes);
    expect(match.state.phase).toBe('OperatorLost');
  });
});

describe('what becomes of a conviction', () => {
  it('its bond is split, the rest burned, and all others against the answer are moot', async () => {
    const [convicted] = quarrels;
    const dispute = await find(disputes.idOf(convicted));
    const lost = dispute.lostBond!;
    expect(dispute).toMatchObject({ phase: 'operatorLost', outOfTime: false, turn: null, deadline: null });
    expect(dispute.gasShare! + dispute.reward! + dispute.burned!).toBe(lost);
    expect(dispute.burned!).toBeGreaterThanOrEqual(lost / 2n);
    expect(await find(disputes.idOf(convicted, 'bob'))).toMatchObject({
      ...{ phase: 'moot', turn: null, deadline: null, lostBond: null, closedAt: dispute.closedAt },
    });
  });

  it('its answer is void, the request is open again for as long as at first, and answered anew', async () => {
    const [convicted] = quarrels;
    const { requestId } = convicted.match.subject;
    const answers = await index.dataSource.manager.find(AssertionEntity, {
      where: { requestId },
      order: { round: 'ASC' },
    });
    expect(answers).toMatchObject([
      { round: 1, status: 'voided', challenger: lower(chain.addressOf('alice')), disputeCount: 2, openDisputeCount: 0 },
      { round: 2, status: 'standing', challenger: null, disputeCount: 0 },
    ]);
    const reopened = await index.dataSource.manager.findBy(RequestEntity, { status: 'open' });
    const [, , , stonewalled] = quarrels;
    expect(reopened.map((request) => request.requestId)).toEqual([stonewalled.match.subject.requestId]);
    const { deadline, openedAt, reopenedAt } = reopened[0]!;
    const args = [reopened[0]!.requestId] as const;
    const oracle = { address: chain.addresses.inferenceOracle, abi: inferenceOracleAbi, args } as const;
    const actual = await chain.client.readContract({ ...oracle, functionName: 'deadlineOf' });
    expect(deadline.getTime() / 1_000).toBe(Number(actual));
    expect(reopenedAt!.getTime()).toBeGreaterThan(openedAt.getTime());
  });

  it('its operator has lost the bond, and is known for it', async () => {
    const operator = await index.dataSource.manager.findOneByOrFail(OperatorEntity, {
      address: lower(chain.addressOf('operator')) as Hex,
    });
    const convictions = (await index.dataSource.manager.find(DisputeEntity)).filter(
      ({ phase }) => phase === 'operatorLost',
    );
    expect(operator).toMatchObject({ voidedCount: 2, disputeCount: 7, disputeWonCount: 1 });
    expect(operator.slashed).toBe(convictions.reduce((sum, { lostBond }) => sum + lostBond!, 0n));
  });
});

describe('clocks', () => {
  it('convict who posts no trace, and acquit who is stalled, out of time', async () => {
    const [, , stalled, stonewalled] = quarrels;
    expect(await find(disputes.idOf(stonewalled))).toMatchObject({
      phase: 'operatorLost',
      outOfTime: true,
      operatorLeft: 0,
    });
    expect(await find(disputes.idOf(stalled))).toMatchObject({
      phase: 'challengerLost',
      outOfTime: true,
      challengerLeft: 0,
    });
  });

  it('start at once for a challenger who finds the trace there', async () => {
    const [, , stalled] = quarrels;
    const late = await find(disputes.idOf(stalled, 'bob'));
    expect(late).toMatchObject({ phase: 'awaitPick', turn: 'challenger', operatorLeft: late.clock });
  });

  it('are not stopped by a trace that comes too late', async () => {
    const [, outrun] = quarrels;
    expect(await find(disputes.idOf(outrun))).toMatchObject({ phase: 'awaitTrace', turn: 'operator' });
  });
});

it('what accounts can withdraw is what the game would pay them', async () => {
  const dueOf = async (person: Person) => {
    const winnings = await chain.client.readContract({
      ...game(),
      functionName: 'winningsOf',
      args: [chain.addressOf(person)],
    });
    let due = winnings;
    for (const quarrel of quarrels) {
      const { phase, bond } = await stored(disputes.idOf(quarrel, person));
      const { phase: known } = (await index.dataSource.manager.findOneBy(DisputeEntity, {
        disputeId: disputes.idOf(quarrel, person),
      })) ?? { phase: 'none' };
      if (PHASES[phase] === 'operatorLost' || known === 'moot') due += BigInt(bond) * UNIT;
    }
    return due;
  };
  for (const person of ['alice', 'bob', 'operator'] as const) {
    const account = lower(chain.addressOf(person)) as Hex;
    const credit = await index.dataSource.manager.findOneByOrFail(CreditEntity, { source: 'disputes', account });
    expect({ person, balance: credit.balance }).toEqual({ person, balance: await dueOf(person) });
    expect(credit.withdrawn).toBeGreaterThan(0n);
  }
});

it('attestations are enrolments with the model root', async () => {
  const { versionId } = disputes;
  const { modelRoot, context } = await index.dataSource.manager.findOneByOrFail(VersionEntity, { versionId });
  const enrolments = await index.dataSource.manager.find(EnrolmentEntity, { where: { versionId } });
  expect(context).toBeNull();
  expect(enrolments.map((enrolment) => enrolment.modelRoot)).toEqual([modelRoot, modelRoot]);
});

describe('rebuilding', () => {
  it.each([1, 7, 1_000])('gives the same tables, byte for byte, %d blocks at a time', async (maxBlocks) => {
    const before = await dumpTables(index.dataSource);
    const second = await TestIndex.create(chain);
    try {
      await second.catchUp({ maxBlocks });
      expect(await dumpTables(second.dataSource)).toEqual(before);
    } finally {
      await second.close();
    }
  });
});

function quarrelKey({ match }: Quarrel) {
  const { requestId, round, item } = match.subject;
  return { requestId, round: round + 1, item };
}
