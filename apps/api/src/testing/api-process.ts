import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ReadyMessage } from '../ready-message.js';
import type { IndexedChain } from './indexed-chain.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The built API as a process, to be killed and measured. */
export class ApiProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly ready: ReadyMessage,
  ) {}

  static async start(indexed: IndexedChain, env: Readonly<Record<string, string>> = {}): Promise<ApiProcess> {
    const child = spawn(process.execPath, ['--no-warnings', MAIN], {
      env: { PATH: process.env['PATH'] ?? '', ...indexed.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [ready] = (await once(child, 'message')) as [ReadyMessage];
    return new ApiProcess(child, ready);
  }

  get url(): string {
    return this.ready.url;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** SIGKILL: it can tell nobody. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
