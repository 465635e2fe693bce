import type { Hex } from '@openimo/domain';
import { ModelProfileRepository, openDatabase, type DataSource } from '../index.js';
import { startTestDatabase, type TestDatabase } from '../testing/test-database.js';

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;
const profile = { modelRoot: hash('b'), goldenHash: hash('c') };

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await startTestDatabase();
  dataSource = await openDatabase(database.url);
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

describe('ModelProfileRepository', () => {
  it('knows a file again by its hash, however often it is kept', async () => {
    const profiles = new ModelProfileRepository(dataSource, 1);
    expect(await profiles.find(hash('a'))).toBeUndefined();

    await profiles.keep(hash('a'), { ...profile, goldenHash: hash('d') });
    await profiles.keep(hash('a'), profile);

    expect(await profiles.find(hash('a'))).toMatchObject(profile);
  });

  it('knows nothing of what another version of the profile made of it', async () => {
    await new ModelProfileRepository(dataSource, 1).keep(hash('a'), profile);

    expect(await new ModelProfileRepository(dataSource, 2).find(hash('a'))).toBeUndefined();
  });
});
