import { disputeGameAbi, modelRegistryAbi, operatorRegistryAbi } from '@openimo/contracts';
import { DisputeStory, type Quarrel } from '@openimo/disputes/testing';
import { parseEther } from 'viem';
import { countStatements } from '../testing/count-statements.js';
import { IndexedChain } from '../testing/indexed-chain.js';
import { Follower } from '../testing/subscribe.js';
import { TestApi } from '../testing/test-api.js';

let indexed: IndexedChain;
let api: TestApi;
let story: DisputeStory;
let quarrels: readonly Quarrel[];

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.story.publish();
  await indexed.story.serve();
  story = new DisputeStory(indexed.chain);
  await story.tell();
  quarrels = story.quarrels;
  await indexed.follow();
  api = await TestApi.start(indexed, { env: { OPENIMO_POLL_MS: '20', OPENIMO_LIMIT_COST: '10000000' } });
  await indexedAll();
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const MOVES = `moves {
  __typename side at transactionHash operatorLeft challengerLeft
  ... on TraceMove { traceRoot children }
  ... on PickMove { child childIndex node }
  ... on RevealMove { children }
  ... on ChunkMove { chunk chunkIndex }
}`;

interface Move {
  __typename: string;
  side: string | null;
  operatorLeft: number;
  challengerLeft: number;
  traceRoot?: string;
  node?: number | null;
  chunk?: string;
}
type Row = Record<string, unknown>;

const addressOf = (person: Parameters<typeof indexed.chain.addressOf>[0]) =>
  indexed.chain.addressOf(person).toLowerCase();

/** Until the read model is at the head. */
async function indexedAll(): Promise<void> {
  const head = await indexed.chain.client.getBlockNumber();
  for (;;) {
    const { _meta } = await api.read<{ _meta: { indexedBlock: string | null } }>('{ _meta { indexedBlock } }');
    if (BigInt(_meta.indexedBlock ?? -1) >= head) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a dispute', () => {
  it('is told move by move, from the challenge to the conviction', async () => {
    const { dispute } = await api.read<{ dispute: Row & { moves: Move[]; outcome: Record<string, string> } }>(
      `query ($id: Hex!) { dispute(disputeId: $id) {
        phase turn deadline node round item challenger closedAt
        operator { address voidedCount disputeCount disputeWonCount }
        request { requestId status reopenedAt } assertion { status disputeCount openDisputeCount } version { versionId }
        outcome { winner lostBond gasShare reward burned outOfTime }
        ${MOVES}
      } }`,
      { id: story.idOf(quarrels[0]!) },
    );
    const { match } = quarrels[0]!;
    expect(dispute).toMatchObject({
      ...{ phase: 'OPERATOR_LOST', turn: null, deadline: null, round: 1, item: 0, challenger: addressOf('alice') },
      operator: { address: addressOf('operator'), voidedCount: 2, disputeCount: 7, disputeWonCount: 1 },
      request: { requestId: `${match.subject.requestId}`, status: 'ASSERTED', reopenedAt: dispute['closedAt'] },
      assertion: { status: 'VOIDED', disputeCount: 2, openDisputeCount: 0 },
      version: { versionId: `${story.versionId}` },
      outcome: { winner: 'CHALLENGER', outOfTime: false },
    });
    expect(dispute.moves.map(({ __typename, side }) => `${side} ${__typename}`)).toEqual([
      'CHALLENGER ChallengeMove',
      'OPERATOR TraceMove',
      ...['CHALLENGER PickMove', 'OPERATOR RevealMove', 'CHALLENGER PickMove', 'OPERATOR RevealMove'],
      ...['CHALLENGER PickMove', 'OPERATOR RevealMove', 'CHALLENGER PickMove', 'OPERATOR ChunkMove'],
      'null ConvictionMove',
    ]);
    expect(dispute.moves.map(({ node }) => node).findLast((node) => node !== undefined)).toBe(dispute['node']);
    const { lostBond, gasShare, reward, burned } = dispute.outcome;
    expect(BigInt(gasShare!) + BigInt(reward!) + BigInt(burned!)).toBe(BigInt(lostBond!));
  });

  it('has clocks that no move turns back', async () => {
    const { disputes } = await api.read<{ disputes: { nodes: { clock: number; moves: Move[] }[] } }>(
      `{ disputes { nodes { clock ${MOVES} } } }`,
    );
    expect(disputes.nodes).toHaveLength(7);
    for (const { clock, moves } of disputes.nodes) {
      for (const side of ['operatorLeft', 'challengerLeft'] as const) {
        const left = moves.map((move) => move[side]);
        expect(left).toEqual([...left].sort((a, b) => b - a));
        expect(left[0]).toBe(clock);
      }
    }
  });

  it('says whose turn it is until when', async () => {
    const open = quarrels.at(-1)!;
    const { dispute } = await api.read<{ dispute: Row }>(
      'query ($id: Hex!) { dispute(disputeId: $id) { phase turn deadline outcome { winner } } }',
      { id: story.idOf(open) },
    );
    const stored = await indexed.chain.client.readContract({
      address: indexed.chain.addresses.disputeGame,
      abi: disputeGameAbi,
      functionName: 'dispute',
      args: [story.idOf(open)],
    });
    expect(dispute).toEqual({
      phase: 'AWAIT_REVEAL',
      turn: 'OPERATOR',
      deadline: new Date((stored.since + stored.operatorLeft) * 1_000).toISOString(),
      outcome: null,
    });
  });
});

describe('disputes', () => {
  const phases = async (where: string) => {
    const { disputes } = await api.read<{ disputes: { nodes: { phase: string }[] } }>(
      `{ disputes(where: ${where}, orderDirection: asc) { nodes { phase } } }`,
    );
    return disputes.nodes.map(({ phase }) => phase);
  };

  it('are found by phase, by turn and by people', async () => {
    expect(await phases('{ phase_in: [OPERATOR_LOST, CHALLENGER_LOST, MOOT] }')).toEqual([
      ...['OPERATOR_LOST', 'MOOT', 'CHALLENGER_LOST', 'OPERATOR_LOST'],
    ]);
    expect(await phases('{ turn: CHALLENGER }')).toEqual(['AWAIT_PICK']);
    expect(await phases(`{ challenger: "${addressOf('bob')}" }`)).toEqual(['MOOT', 'AWAIT_PICK']);
  });

  it('are where people look for them', async () => {
    const { requestId } = quarrels[0]!.match.subject;
    const answer = await api.read<Record<string, Row>>(
      `query ($request: BigInt!, $version: BigInt!, $operator: Address!, $bob: Address!) {
        request(requestId: $request) { disputes { nodes { phase } } assertions { disputes { nodes { phase } } } }
        operator(address: $operator) { disputes(first: 3) { nodes { phase } } convictions { nodes { phase } } }
        version(versionId: $version) { disputes(where: { phase: MOOT }) { nodes { phase } } family { disputes(first: 1) { nodes { phase } } } }
        account(address: $bob) { challenges { nodes { phase } } credits { source balance withdrawn } }
      }`,
      {
        ...{ request: `${requestId}`, version: `${story.versionId}` },
        ...{ operator: addressOf('operator'), bob: addressOf('bob') },
      },
    );
    const nodes = (...list: string[]) => ({ nodes: list.map((phase) => ({ phase })) });
    expect(answer).toMatchObject({
      request: {
        disputes: nodes('MOOT', 'OPERATOR_LOST'),
        assertions: [{ disputes: nodes('MOOT', 'OPERATOR_LOST') }, { disputes: nodes() }],
      },
      operator: { convictions: nodes('OPERATOR_LOST', 'OPERATOR_LOST') },
      version: { disputes: nodes('MOOT'), family: { disputes: nodes('AWAIT_REVEAL') } },
      account: { challenges: nodes('AWAIT_PICK', 'MOOT'), credits: [{ source: 'DISPUTES', balance: '0' }] },
    });
  });

  it('are read by as many statements as a query has kinds of things, not as there are disputes', async () => {
    const query = `{ disputes(first: 100) { nodes {
      request { requestId } assertion { outputRoot } version { licence } operator { stake } ${MOVES}
    } } }`;
    const statements = await countStatements(() => api.read(query));
    // Beside those seven the outbox is polled meanwhile.
    expect(statements).toBeLessThan(12);
  });
});

it('versions say who attests their model root', async () => {
  const { version } = await api.read<{ version: { modelRoot: string; attestations: Row[] } }>(
    `query ($id: BigInt!) { version(versionId: $id) {
      modelRoot context mostNewBytes attestations { modelRoot counts operator { address } }
    } }`,
    { id: `${story.versionId}` },
  );
  const { modelRoot } = version;
  expect(version).toMatchObject({ context: null, mostNewBytes: null });
  const attestation = (person: 'operator' | 'idler') => ({
    ...{ modelRoot, counts: true, operator: { address: addressOf(person) } },
  });
  expect(version.attestations).toHaveLength(2);
  expect(version.attestations).toEqual(expect.arrayContaining([attestation('operator'), attestation('idler')]));
});

describe('the tier of a version', () => {
  const registry = () => ({ address: indexed.chain.addresses.modelRegistry, abi: modelRegistryAbi }) as const;
  const operators = () => indexed.chain.addresses.operatorRegistry;
  const TIERS = ['UNVERIFIED', 'DISPUTABLE', 'PROVEN', 'BONDED'];

  /** Of the story's version; every version has the tier that the registry says. */
  async function tier(): Promise<string> {
    await indexedAll();
    const { versions } = await api.read<{
      versions: { nodes: { versionId: string; verification: { tier: string } }[] };
    }>('{ versions { nodes { versionId verification { tier } } } }');
    for (const { versionId, verification } of versions.nodes) {
      const args = [BigInt(versionId)] as const;
      const actual = await indexed.chain.client.readContract({ ...registry(), functionName: 'tierOf', args });
      expect(verification.tier).toBe(TIERS[actual]);
    }
    return versions.nodes.find(({ versionId }) => BigInt(versionId) === story.versionId)!.verification.tier;
  }

  it('is the one that the registry says, whoever comes and goes', async () => {
    const { chain } = indexed;
    const args = [story.versionId] as const;
    const { modelRoot } = await chain.client.readContract({ ...registry(), functionName: 'version', args });
    const enrol = (person: 'idler' | 'publisher') =>
      chain.do(person, operators(), operatorRegistryAbi, 'enrol', [story.versionId, modelRoot]);
    expect(await tier()).toBe('DISPUTABLE');

    await chain.do('idler', operators(), operatorRegistryAbi, 'withdrawFrom', [story.versionId]);
    expect(await tier()).toBe('UNVERIFIED');

    await chain.do('publisher', operators(), operatorRegistryAbi, 'register', [''], parseEther('2'));
    await enrol('publisher');
    expect(await tier()).toBe('UNVERIFIED');

    await chain.do('publisher', registry().address, modelRegistryAbi, 'transferPublisher', [
      1n,
      chain.addressOf('bob'),
    ]);
    await chain.do('bob', registry().address, modelRegistryAbi, 'acceptPublisher', [1n]);
    expect(await tier()).toBe('UNVERIFIED');

    await enrol('idler');
    expect(await tier()).toBe('DISPUTABLE');
  });
});

describe('whoever follows a dispute', () => {
  const EVENTS = `subscription ($id: Hex, $after: BigInt) { events(disputeId: $id, after: $after) {
    kind event move { __typename side ... on PickMove { childIndex } } dispute { phase turn }
  } }`;
  interface Event {
    kind: string;
    event: string;
    move: { __typename: string } | null;
    dispute: { phase: string; turn: string | null } | null;
  }

  it('is told each move as it is made, and of no other dispute', async () => {
    const [quarrel, other] = [await story.quarrel(), await story.quarrel()];
    await indexedAll();
    const { _meta } = await api.read<{ _meta: { outboxPosition: string } }>('{ _meta { outboxPosition } }');
    const follower = new Follower<Event>(api.url, EVENTS, { id: story.idOf(quarrel), after: _meta.outboxPosition });
    const has = (count: number) => (rows: readonly Event[]) => rows.filter(({ move }) => move !== null).length >= count;
    for (const name of ['TraceMove', 'PickMove', 'RevealMove', 'PickMove']) {
      const before = follower.rows.filter(({ move }) => move !== null).length;
      await story.move(other);
      await story.move(quarrel);
      const rows = (await follower.until(has(before + 1))).filter(({ move }) => move !== null);
      expect(rows.at(-1)!.move!.__typename).toBe(name);
    }
    const moves = follower.rows.filter(({ move }) => move !== null);
    expect(moves.map(({ event }) => event)).toEqual(['TracePosted', 'Picked', 'Revealed', 'Picked']);
    expect(moves.at(-1)!.dispute).toEqual({ phase: 'AWAIT_REVEAL', turn: 'OPERATOR' });
    await follower.close();
  });

  it('is told where there is no such dispute', async () => {
    const follower = new Follower<Event>(api.url, EVENTS, { id: `0x${'ab'.repeat(32)}` });
    await follower.over();
    expect(follower.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', reason: 'DisputeUnknown' } }]);
    await follower.close();
  });
});
