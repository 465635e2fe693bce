import { AuditStory, DisputeStory } from '@openimo/disputes/testing';
import { IndexedChain } from '../testing/indexed-chain.js';
import { TestApi } from '../testing/test-api.js';

let indexed: IndexedChain;
let api: TestApi;
let disputes: DisputeStory;
let story: AuditStory;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  await indexed.story.publish();
  await indexed.story.serve();
  disputes = new DisputeStory(indexed.chain);
  await disputes.publish();
  story = new AuditStory(disputes);
  await story.tell();
  await indexed.index();
  api = await TestApi.start(indexed);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

const RUNS = 'runs { auditor stance commitment traceRoot paid missed forfeited revealedAt }';

interface Run {
  stance: string;
  traceRoot: string | null;
  paid: string;
  missed: boolean;
  forfeited: string;
}

it('audits tell what each auditor found, and what became of it', async () => {
  const { audits } = await api.read<{ audits: { nodes: { convicted: boolean | null; share: string; runs: Run[] }[] } }>(
    `{ audits(orderDirection: asc) { nodes { convicted share item assertion { status } ${RUNS} } } }`,
  );
  const [confirmed, missed, open] = audits.nodes;
  expect(confirmed).toMatchObject({ convicted: false, item: 0, assertion: { status: 'FINAL' } });
  expect(confirmed!.runs.map(({ stance, paid }) => [stance, paid])).toEqual([
    ['CONFIRMED', confirmed!.share],
    ['CONFIRMED', confirmed!.share],
  ]);
  expect(new Set(confirmed!.runs.map(({ traceRoot }) => traceRoot)).size).toBe(1);
  expect(missed!.runs.map(({ stance }) => stance).sort()).toEqual(['COMMITTED', 'DRAWN']);
  expect(missed!.runs).toMatchObject([
    { missed: true, forfeited: missed!.share, traceRoot: null },
    { missed: true, forfeited: missed!.share, traceRoot: null },
  ]);
  expect(open).toMatchObject({ convicted: null, assertion: { status: 'STANDING' } });
});

it('an audit is found by its answer, its version and its id', async () => {
  const [, { requestId }] = story.audits as unknown as [unknown, { requestId: bigint }];
  const { request, version } = await api.read<{
    request: { assertions: { audit: { auditId: string } }[] };
    version: object;
  }>(
    `query ($request: BigInt!, $version: BigInt!) {
      request(requestId: $request) { assertions { audit { auditId round request { requestId } } } }
      version(versionId: $version) { audits(where: { requestId: $request }) { nodes { auditId } } }
    }`,
    { request: `${requestId}`, version: `${disputes.versionId}` },
  );
  const { assertions } = request;
  const { auditId } = assertions[0]!.audit;
  expect(assertions).toEqual([{ audit: { auditId, round: 1, request: { requestId: `${requestId}` } } }]);
  expect(version).toEqual({ audits: { nodes: [{ auditId }] } });
  expect(await api.read('query ($id: Hex!) { audit(auditId: $id) { auditId } }', { id: auditId })).toEqual({
    audit: { auditId },
  });
});

it('what auditors are due is among the credits of their accounts', async () => {
  const { account } = await api.read<{ account: { credits: object[] } }>(
    'query ($idler: Address!) { account(address: $idler) { credits { source balance withdrawn } } }',
    { idler: indexed.chain.addressOf('idler') },
  );
  const { share } = story.audits[0]!;
  expect(account.credits).toContainEqual({ source: 'AUDITS', balance: '0', withdrawn: `${share}` });
});
