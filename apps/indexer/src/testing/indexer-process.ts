import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ReadyMessage } from '../indexer-app.js';

/** The built program, as production runs it; the tests run after the build. */
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The indexer in a process of its own. */
export class IndexerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: LogLine[] = [];
  #stderr = '';

  constructor(env: Record<string, string>, args: readonly string[] = []) {
    this.#child = spawn(process.execPath, ['--no-warnings', MAIN, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit');
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#lines.push(parse(line)));
    this.#child.stderr!.on('data', (bytes: Buffer) => (this.#stderr += bytes.toString()));
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async ready(): Promise<ReadyMessage> {
    const died = this.#exited.then(() => {
      throw new Error(
        `the indexer ended before it was ready:\n${this.#stderr}${this.#lines.map((l) => JSON.stringify(l)).join('\n')}`,
      );
    });
    const [message] = (await Promise.race([once(this.#child, 'message'), died])) as [ReadyMessage];
    return message;
  }

  /** @returns the exit code */
  async exit(): Promise<number | null> {
    await this.#exited;
    return this.#child.exitCode;
  }

  /** SIGTERM, and waits. @returns the exit code */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM');
    return this.exit();
  }

  /** kill -9, and waits. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Closes the IPC channel, as a parent that dies does. */
  disconnect(): void {
    this.#child.disconnect();
  }
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 0, msg: line };
  }
}
