import { type AuditResult, auditServer } from 'graphql-http';
import { IndexedChain } from '../testing/indexed-chain.js';
import { TestApi } from '../testing/test-api.js';

let indexed: IndexedChain;
let api: TestApi;
let results: AuditResult[];

beforeAll(async () => {
  indexed = await IndexedChain.start();
  api = await TestApi.start(indexed);
  results = await auditServer({ url: api.url });
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

/** The public audit of GraphQL over HTTP. */
describe('graphql-http audit', () => {
  it.each([
    ['MUST', 13],
    ['SHOULD', 23],
  ])('passes all that it %s', (level, count) => {
    const audits = results.filter(({ name }) => name.startsWith(level));
    const failed = audits
      .filter(({ status }) => status !== 'ok')
      .map(({ name, status, ...rest }) => ({ name, status, rest: 'reason' in rest ? rest.reason : '' }));
    expect(failed).toEqual([]);
    expect(audits).toHaveLength(count);
  });
});
