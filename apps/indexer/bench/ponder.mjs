// Ponder on the same chain and server. It is no dependency of ours: OPENIMO_PONDER_DIR names a folder in which
// `npm install ponder@0.16.10 viem hono` was run. Its rate limiter is bypassed by ponder/ponder.config.ts.txt.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@openimo/chain';

const FILES = {
  'ponder.config.ts.txt': 'ponder.config.ts',
  'ponder.schema.ts.txt': 'ponder.schema.ts',
  'index.ts.txt': 'src/index.ts',
  'api.ts.txt': 'src/api/index.ts',
};
const PATIENCE_MS = 300_000;

/** @returns {Promise<number | undefined>} seconds; undefined where Ponder is not installed */
export async function runPonder({ rpcUrl, token, first, last, databaseUrl }) {
  const folder = process.env.OPENIMO_PONDER_DIR;
  if (!folder) {
    console.error('Ponder is not measured: OPENIMO_PONDER_DIR does not name a folder that has it.');
    return undefined;
  }
  await mkdir(join(folder, 'src', 'api'), { recursive: true });
  for (const [from, to] of Object.entries(FILES)) {
    await copyFile(fileURLToPath(new URL(`ponder/${from}`, import.meta.url)), join(folder, to));
  }
  await writeFile(
    join(folder, 'tsconfig.json'),
    '{"compilerOptions":{"module":"ESNext","moduleResolution":"bundler"}}',
  );
  await rm(join(folder, '.ponder'), { recursive: true, force: true });
  const port = await freePort();
  const script = join(folder, 'node_modules/ponder/dist/esm/bin/ponder.js');
  const child = spawn(process.execPath, [script, 'start', '--schema', 'bench', '--port', String(port)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RPC_URL: rpcUrl,
      TOKEN: token,
      FIRST_BLOCK: String(first),
      LAST_BLOCK: String(last),
      BENCH_DATABASE_URL: databaseUrl,
      PONDER_TELEMETRY_DISABLED: 'true',
    },
  });
  const exited = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => (said = (said + bytes).slice(-4_000)));
  try {
    return await watch(port, child, () => said);
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

/** From the moment its server answers, which is when it begins to read the chain, until it says it is ready. */
async function watch(port, child, said) {
  const giveUpAt = performance.now() + PATIENCE_MS;
  const get = (path) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  let startedAt;
  for (;;) {
    if (child.exitCode !== null || performance.now() > giveUpAt) throw new Error(`Ponder did not finish:\n${said()}`);
    if (startedAt === undefined && (await get('/health'))?.ok) startedAt = performance.now();
    if (startedAt !== undefined && (await get('/ready'))?.ok) break;
    await sleep(20);
  }
  return (performance.now() - startedAt) / 1_000;
}
