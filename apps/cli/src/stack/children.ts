import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DomainError } from '@openimo/domain';
import { LastWords } from './last-words.js';

const STOP_GRACE_MS = 10_000;
/** Whoever dies this soon is given a longer rest. */
const DIED_EARLY_MS = 5_000;

export interface ChildSpec {
  name: string;
  /** A JavaScript file that ends when its parent disconnects, run by this Node. */
  script: string;
  args?: string[];
  env?: Record<string, string>;
  /** Started again after it died on its own. */
  restart?: boolean;
  /** Its end is no surprise, and it stays down, while this holds. */
  isHeld?: () => boolean;
  /** Called with the ready message of every start and restart. */
  onReady?: (ready: unknown, pid: number) => void;
  /** Called with every line of its log. */
  onLine?: (line: string) => void;
}

/** Child processes of the stack: each logs to a file of its own, is restarted if asked, and ends with the stack. */
export class Children {
  readonly #running = new Map<string, { child: ChildProcess; spec: ChildSpec }>();
  #stopping = false;

  constructor(
    private readonly logs: string,
    private readonly onExit: (name: string, how: string) => void,
  ) {
    mkdirSync(logs, { recursive: true });
  }

  /**
   * Starts a child and waits for its ready message, the first it sends over IPC. One that ends before stays down.
   * @throws DomainError `ChildFailed` with its own reason when it dies or stays silent
   */
  async start<Ready>(spec: ChildSpec, signal: AbortSignal, timeoutMs = 60_000): Promise<Ready> {
    signal.throwIfAborted();
    const words = new LastWords();
    const child = this.#spawn(spec, words);
    return new Promise<Ready>((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        child.off('close', onExit);
        finish();
      };
      const fail = (why: string) =>
        settle(() =>
          reject(
            new DomainError('ChildFailed', `${spec.name} ${why}. ${reason()}Its log: ${this.logPath(spec.name)}`, {
              data: { name: spec.name, log: this.logPath(spec.name), reason: String(words) },
            }),
          ),
        );
      const reason = () => (String(words) === '' ? '' : `It says: ${String(words).replace(/[^.!?]$/, '$&.')} `);
      const onAbort = () => settle(() => reject(signal.reason));
      const onExit = (code: number | null, killedBy: string | null) =>
        fail(`ended during start (${killedBy ?? `exit code ${code}`})`);
      const timer = setTimeout(() => fail(`was not ready after ${timeoutMs / 1000} s`), timeoutMs);
      signal.addEventListener('abort', onAbort, { once: true });
      // With `close` its last words have arrived.
      child.once('close', onExit);
      child.once('message', (message) => settle(() => resolve(message as Ready)));
    });
  }

  /** Asks every child to end, newest first, and kills what does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { child } of [...this.#running.values()].reverse()) await stopChild(child);
  }

  logPath(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  /** @param words of a first start: whoever waits for it hears of its end */
  #spawn(spec: ChildSpec, words?: LastWords): ChildProcess {
    const log = createWriteStream(this.logPath(spec.name), { flags: 'a' });
    // A group of its own: Ctrl-C reaches the stack alone, which then ends its children in order.
    const child = spawn(process.execPath, ['--no-warnings', spec.script, ...(spec.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...spec.env },
      detached: true,
    });
    child.stdout!.pipe(log);
    if (spec.onLine) createInterface({ input: child.stdout! }).on('line', spec.onLine);
    child.stderr!.pipe(log);
    if (words) {
      createInterface({ input: child.stdout! }).on('line', (line) => words.readLog(line));
      createInterface({ input: child.stderr! }).on('line', (line) => words.readError(line));
    }
    this.#running.set(spec.name, { child, spec });
    const startedAt = Date.now();
    let isAwaited = words !== undefined;
    child.once('message', (ready) => {
      isAwaited = false;
      spec.onReady?.(ready, child.pid!);
    });
    child.once('exit', (code, killedBy) => {
      if (this.#stopping || this.#running.get(spec.name)?.child !== child) return;
      this.#running.delete(spec.name);
      if (isAwaited) return;
      if (!spec.isHeld?.()) this.onExit(spec.name, killedBy ?? `exit code ${code}`);
      if (spec.restart) this.#restart(spec, Date.now() - startedAt < DIED_EARLY_MS ? 2_000 : 200);
    });
    return child;
  }

  #restart(spec: ChildSpec, afterMs: number): void {
    setTimeout(() => {
      if (this.#stopping) return;
      if (spec.isHeld?.()) this.#restart(spec, afterMs);
      else this.#spawn(spec);
    }, afterMs).unref();
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  // A paused process answers SIGTERM only once it runs again.
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await ended;
  clearTimeout(timer);
}
