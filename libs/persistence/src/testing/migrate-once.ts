import { openDatabase } from '../database/open-database.js';

/** One of several processes that start at the same moment. */
const dataSource = await openDatabase(process.argv[2]!);
await dataSource.destroy();
