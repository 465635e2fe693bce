import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OUT_OF_MEMORY_MARK } from './watchdog-mark.js';

/** Room for a model file of 256 MiB, which takes about three times its size while it loads. */
export const DEFAULT_MEMORY_LIMIT_BYTES = 2 * 2 ** 30;

export interface ChildLimits {
  /** Resident memory above which the child is killed. Node and onnxruntime take about 100 MB of it. */
  readonly memoryLimitBytes: number;
}

export interface ChildDeath {
  readonly reason: 'ended' | 'memory' | 'killed';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it wrote to stderr. */
  readonly stderr: string;
}

const STDERR_TAIL = 4096;

// Node maps this much writable memory without touching it (1.13 GB measured on Node 24 with onnxruntime loaded).
const UNTOUCHED_BYTES = 1.25 * 2 ** 30;

// No core dumps, no files, and no mapping far beyond the limit: one huge allocation fails before a page is touched.
// exec keeps the process id, so that a SIGKILL reaches node and not a shell.
const LIMIT_AND_RUN = 'ulimit -c 0 && ulimit -f 0 && ulimit -d "$1" && shift && exec "$@"';

/**
 * A Node process for work on untrusted models: empty working directory, empty environment, limited memory, no files to
 * write, and ended only by SIGKILL. It dies with its parent. On systems other than Linux the memory limit is watched
 * by the child itself (every 50 ms) and not by the kernel.
 */
export class LimitedChild {
  readonly died: Promise<ChildDeath>;
  readonly #process: ChildProcess;
  #killed = false;
  #stderr = '';

  /** Starts `entry`, a file built into dist. Its working directory is removed when it dies. */
  static async start(entry: URL, limits: ChildLimits): Promise<LimitedChild> {
    const folder = await mkdtemp(join(tmpdir(), 'openimo-child-'));
    try {
      return new LimitedChild(entry, limits, folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(entry: URL, { memoryLimitBytes }: ChildLimits, folder: string) {
    const heapMib = Math.max(64, Math.floor(memoryLimitBytes / 2 ** 20));
    const node = [process.execPath, `--max-old-space-size=${heapMib}`, '--no-warnings', fileURLToPath(entry)];
    const command = [...node, String(memoryLimitBytes), String(process.pid)];
    const dataKib = Math.ceil((memoryLimitBytes + UNTOUCHED_BYTES) / 1024);
    const [file, ...args] =
      process.platform === 'linux' ? ['/bin/sh', '-c', LIMIT_AND_RUN, 'sh', String(dataKib), ...command] : command;

    this.#process = spawn(file as string, args, {
      cwd: folder,
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
    });
    this.died = new Promise((resolve) => {
      const settle = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        void rm(folder, { recursive: true, force: true }).catch(() => undefined);
        resolve({ reason: this.#reasonOf(), exitCode, signal, stderr: this.#stderr });
      };
      this.#process.once('close', settle);
      this.#process.once('error', (error) => {
        this.#stderr += String(error);
        if (this.#process.pid === undefined) settle(null, null);
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Sends a message. To a child that is gone it does nothing: `died` tells. */
  send(message: object): void {
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#process.on('message', listener);
  }

  kill(): void {
    this.#killed = true;
    this.#process.kill('SIGKILL');
  }

  #reasonOf(): ChildDeath['reason'] {
    if (this.#killed) return 'killed';
    const outOfMemory = [OUT_OF_MEMORY_MARK, 'JavaScript heap out of memory', 'bad_alloc'];
    return outOfMemory.some((mark) => this.#stderr.includes(mark)) ? 'memory' : 'ended';
  }
}
