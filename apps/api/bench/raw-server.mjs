// raw-server <databaseUrl> <poolSize>: answers the dashboard's statement over bare HTTP, and does nothing else. Prints its port.
import { createServer } from 'node:http';
import { DASHBOARD } from '@openimo/persistence';
import pg from 'pg';

const [databaseUrl, poolSize] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: databaseUrl, max: Number(poolSize) });
// The JSON of the database goes out as it came.
const types = { getTypeParser: () => (text) => text };

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { account, days } = JSON.parse(Buffer.concat(chunks)).variables;
  const { rows } = await pool.query({ name: 'dashboard', text: DASHBOARD, values: [account, days], types });
  response.setHeader('content-type', 'application/json');
  response.end(`{"data":{"dashboard":${rows[0].dashboard}}}`);
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/` })));
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void pool.end());
});
