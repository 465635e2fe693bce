import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  buildClientSchema,
  buildSchema,
  findBreakingChanges,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { IndexedChain } from './testing/indexed-chain.js';
import { TestApi } from './testing/test-api.js';

const SNAPSHOT = fileURLToPath(new URL('../schema.graphql', import.meta.url));
/** `npm run schema -w apps/api` writes the snapshot, but for changes that break clients, unless they are meant. */
const UPDATE = process.env['OPENIMO_SCHEMA'];

let indexed: IndexedChain;
let api: TestApi;

beforeAll(async () => {
  indexed = await IndexedChain.start();
  api = await TestApi.start(indexed);
});
afterAll(async () => {
  await api?.close();
  await indexed?.close();
});

it('schema.graphql is the schema, and no client of it breaks', async () => {
  const introspection = await api.read<IntrospectionQuery>(getIntrospectionQuery());
  const schema = lexicographicSortSchema(buildClientSchema(introspection));
  const text = `${printSchema(schema)}\n`;
  const before = await readFile(SNAPSHOT, 'utf8').catch(() => text);

  if (UPDATE !== 'breaking') expect(findBreakingChanges(buildSchema(before), schema)).toEqual([]);
  if (UPDATE !== undefined) await writeFile(SNAPSHOT, text);
  else expect(before).toBe(text);
});
