import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '@openimo/chain';
import { DomainError } from '@openimo/domain';
import { readLocalFile } from '../input/local-file.js';
import { type DeploymentOptions, openReader } from '../session/reader.js';
import { parseRole } from '../session/session.js';
import { Children } from '../stack/children.js';
import { takeWatchLock } from '../stack/lock.js';
import { stackPaths } from '../stack/paths.js';
import { watcherSpec, type WatcherOptions } from '../stack/services.js';
import { Shutdown } from '../stack/shutdown.js';
import { siblingScript } from '../stack/start-stack.js';
import type { Output } from '../ui/output.js';
import { describeLine, isFailure, readLogLine } from './watch-line.js';

export interface WatchOptions extends DeploymentOptions {
  readonly versions: string;
  /** Local account that pays for disputes. */
  readonly as: string;
  readonly keystore?: string;
  readonly passwordFile?: string;
  readonly databaseUrl?: string;
}

interface Ready {
  readonly address: string;
  readonly httpPort: number;
}

/** Runs a node that only watches, and says what it sees, until Ctrl-C. */
export async function watch(output: Output, folder: string, options: WatchOptions): Promise<void> {
  const shutdown = new Shutdown();
  const interrupted = interruption(shutdown.signal);
  try {
    const signer = signerOf(options);
    requireVersions(options.versions);
    const { root, logs, lock } = watchPaths(folder, await accountOf(options));
    const reader = await openReader(folder, options);
    shutdown.add('the lock', takeWatchLock(lock));
    const children = new Children(logs, (name, how) => {
      process.stderr.write(`  ${name} ended unexpectedly (${how}); its log: ${children.logPath(name)}\n`);
    });
    shutdown.add('the child processes', () => children.stop());
    const databaseUrl = options.databaseUrl ?? (await startDatabase(children, root, shutdown.signal));
    const connections = {
      rpcUrl: reader.rpcUrl,
      databaseUrl,
      deployment: reader.deploymentPath,
      models: reader.modelsPath,
    };
    let isReady = false;
    const say = (text: string) => {
      const line = readLogLine(text);
      if (line === undefined || (!isReady && isFailure(line))) return;
      if (output.json) output.result(line);
      else output.line(describeLine(line));
    };
    const spec = { ...watcherSpec(connections, { signer, versions: options.versions }), restart: true, onLine: say };
    const { address, httpPort } = await children.start<Ready>(spec, shutdown.signal);
    isReady = true;
    if (output.json) output.result({ ready: true, address, httpPort });
    else {
      output.heading('Watching; Ctrl-C ends it');
      output.fact('versions', options.versions);
      output.fact('account', `${address}; disputes need a bond, which it pays`);
      output.fact('status', `http://127.0.0.1:${httpPort}/status`);
      output.fact('log', children.logPath('watcher'));
    }
    await interrupted;
  } catch (error) {
    if (!shutdown.signal.aborted) throw error;
  } finally {
    await shutdown.run('done');
  }

  /** At the first signal everything stops, a start that goes on still included; a second Ctrl-C ends at once. */
  function interruption(signal: AbortSignal): Promise<unknown> {
    let count = 0;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (++count > 1 && name === 'SIGINT') process.exit(130);
        void shutdown.run(name);
      });
    }
    return once(signal, 'abort');
  }
}

function signerOf({ as, keystore, passwordFile }: WatchOptions): WatcherOptions['signer'] {
  if (keystore === undefined) return { role: parseRole(as) };
  if (passwordFile !== undefined) return { keystore, passwordFile };
  throw new DomainError('PasswordMissing', 'Say where the password of the keystore is: --password-file <file>.');
}

/** As the node's own configuration has it; said before anything is started. */
function requireVersions(versions: string): void {
  if (/^(all|[1-9]\d*(,\s*[1-9]\d*)*)$/.test(versions)) return;
  throw new DomainError('VersionsMalformed', `--versions takes all, or ids such as 1,2,7; "${versions}" is neither.`);
}

/** Who watches, as far as that is known without the password. */
async function accountOf({ as, keystore, passwordFile }: WatchOptions): Promise<string> {
  if (keystore === undefined) return as;
  const [content] = await Promise.all([readLocalFile(keystore), readLocalFile(passwordFile!)]);
  return addressIn(content) ?? createHash('sha256').update(content).digest('hex').slice(0, 40);
}

/** Version 3 keystores may name their address, and mostly do. */
function addressIn(keystore: Uint8Array): string | undefined {
  try {
    const { address } = JSON.parse(new TextDecoder().decode(keystore)) as { address?: unknown };
    return /^(0x)?([0-9a-f]{40})$/i.exec(String(address))?.[2]?.toLowerCase();
  } catch {
    return undefined;
  }
}

/** Everything a watcher keeps; every account has a place of its own. */
function watchPaths(folder: string, account: string): { root: string; logs: string; lock: string } {
  const root = join(stackPaths(folder).folder, 'watch', account);
  return { root, logs: join(root, 'logs'), lock: join(root, 'watch.lock') };
}

async function startDatabase(children: Children, root: string, signal: AbortSignal): Promise<string> {
  const script = siblingScript('database-process.js');
  const args = [join(root, 'database'), String(await freePort())];
  const { url } = await children.start<{ url: string }>({ name: 'database', script, args, restart: true }, signal);
  return url;
}
