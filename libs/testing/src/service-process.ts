import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface ServiceProcessOptions {
  /** The built program, as production runs it; tests run after the build. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A service of ours in a process of its own, told about the world by its environment alone. */
export class ServiceProcess<Ready> {
  readonly #script: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: LogLine[] = [];
  #stderr = '';

  constructor({ script, env, args = [] }: ServiceProcessOptions) {
    this.#script = script;
    this.#child = spawn(process.execPath, ['--no-warnings', script, ...args], {
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

  async ready(): Promise<Ready> {
    const died = this.#exited.then(() => {
      throw new Error(
        `${this.#script} ended before it was ready:\n${this.#stderr}${this.#lines.map((l) => JSON.stringify(l)).join('\n')}`,
      );
    });
    const [message] = (await Promise.race([once(this.#child, 'message'), died])) as [Ready];
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
