import { isDomainError, type DomainError, type ModelDescription, type ModelStore, type Sha256 } from '@openimo/domain';
import type { RunTask } from '../child/run-child.js';
import type { InspectLimits } from '../onnx/inspect-model.js';
import { RunnerProcess } from './runner-process.js';
import { queueFull, runAborted, runnerClosed, runnerCrashed, runnerUnavailable } from './runner-errors.js';
import { refusalOfTask } from './runner-task.js';

export interface ModelWorkersOptions {
  readonly store: Pick<ModelStore, 'pathOf'>;
  /** Processes per model. */
  readonly runnersPerModel: number;
  /** Runs that may wait for one model. */
  readonly queueLimit: number;
  readonly runTimeoutMs: number;
  readonly loadTimeoutMs: number;
  /** Resident memory of one process, of which Node and onnxruntime take about 100 MB. */
  readonly memoryLimitBytes: number;
  /** A process that died is started again after this long, twice as long each time it dies again without an answer. */
  readonly firstRestartDelayMs: number;
  readonly longestRestartDelayMs: number;
  /** So many deaths without an answer in between, and runs are refused for `coolDownMs`. */
  readonly deathsToCoolDown: number;
  readonly coolDownMs: number;
  /** Bounds that a model's file must keep to be loaded. */
  readonly inspectLimits: InspectLimits;
}

export interface ModelStatus {
  readonly sha256: Sha256;
  /** `ready`: a process waits or runs. `starting`: none does yet. `refusing`: runs are refused for a while. */
  readonly state: 'ready' | 'starting' | 'refusing';
  readonly pids: readonly number[];
  readonly running: number;
  readonly queued: number;
  /** Deaths since the last answer. */
  readonly deaths: number;
}

interface Waiter<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: DomainError) => void;
}

interface Job extends Waiter<Uint8Array> {
  readonly task: RunTask;
  readonly signal: AbortSignal | undefined;
}

/**
 * The processes of one model and the runs that wait for them. Every run settles: with its answer, with the error of
 * the process it was in, or with the reason why no process takes it.
 */
export class ModelWorkers {
  readonly #sha256: Sha256;
  readonly #options: ModelWorkersOptions;
  readonly #closing = new AbortController();
  readonly #idle: RunnerProcess[] = [];
  readonly #busy = new Set<RunnerProcess>();
  /** Processes we ended on purpose: their death counts against nobody. */
  readonly #dismissed = new WeakSet<RunnerProcess>();
  readonly #starts = new Set<Promise<void>>();
  readonly #loadWaiters: Waiter<ModelDescription>[] = [];
  #queue: Job[] = [];
  #description: ModelDescription | undefined;
  #deaths = 0;
  #refusal: { readonly untilMs: number; readonly error: (leftMs: number) => DomainError } | undefined;
  #restart: NodeJS.Timeout | undefined;

  constructor(sha256: Sha256, options: ModelWorkersOptions) {
    this.#sha256 = sha256;
    this.#options = options;
  }

  /** Nothing runs, waits or starts. */
  get quiet(): boolean {
    return this.#busy.size + this.#queue.length + this.#loadWaiters.length + this.#starts.size === 0;
  }

  status(): ModelStatus {
    const runners = [...this.#idle, ...this.#busy];
    const refusing = this.#refusal !== undefined && this.#refusal.untilMs > Date.now();
    return {
      sha256: this.#sha256,
      state: runners.length > 0 ? 'ready' : refusing ? 'refusing' : 'starting',
      pids: runners.map(({ pid }) => pid).filter((pid) => pid !== undefined),
      running: this.#busy.size,
      queued: this.#queue.length,
      deaths: this.#deaths,
    };
  }

  /** Resolves when a process is ready. */
  load(): Promise<ModelDescription> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusalNow();
      if (this.#description !== undefined && this.#idle.length + this.#busy.size > 0) resolve(this.#description);
      else if (refusal !== undefined) reject(refusal);
      else {
        this.#loadWaiters.push({ resolve, reject });
        this.#ensureRunners();
      }
    });
  }

  run(task: RunTask, signal: AbortSignal | undefined): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusalOf(task, signal);
      if (refusal !== undefined) {
        reject(refusal);
        return;
      }
      this.#enqueue({ task, signal, resolve, reject });
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#restart);
    const runners = [...this.#idle, ...this.#busy];
    this.#closing.abort();
    this.#rejectAll(runnerClosed());
    await Promise.all([...runners.map(({ died }) => died), ...this.#starts]);
  }

  #refusalNow(): DomainError | undefined {
    if (this.#closing.signal.aborted) return runnerClosed();
    const leftMs = (this.#refusal?.untilMs ?? 0) - Date.now();
    return leftMs > 0 ? this.#refusal?.error(leftMs) : undefined;
  }

  #refusalOf(task: RunTask, signal: AbortSignal | undefined): DomainError | undefined {
    const misfit = this.#description && refusalOfTask(task, this.#description);
    if (misfit) return misfit;
    if (signal?.aborted) return runAborted(signal.reason);
    const refusal = this.#idle.length + this.#busy.size > 0 ? undefined : this.#refusalNow();
    if (refusal !== undefined || this.#closing.signal.aborted) return refusal ?? runnerClosed();
    const { queueLimit } = this.#options;
    return this.#idle.length === 0 && this.#queue.length >= queueLimit
      ? queueFull(this.#queue.length, queueLimit)
      : undefined;
  }

  #enqueue({ task, signal, resolve, reject }: Job): void {
    const forget = () => signal?.removeEventListener('abort', onAbort);
    const job: Job = {
      task,
      signal,
      resolve: (output) => (forget(), resolve(output)),
      reject: (error) => (forget(), reject(error)),
    };
    const onAbort = () => {
      this.#queue = this.#queue.filter((queued) => queued !== job);
      job.reject(runAborted(signal?.reason));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#queue.push(job);
    this.#pump();
  }

  /** Gives waiting runs to idle processes, and starts the processes that are missing. */
  #pump(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      void this.#dispatch(this.#idle.shift() as RunnerProcess, this.#queue.shift() as Job);
    }
    this.#ensureRunners();
  }

  async #dispatch(runner: RunnerProcess, job: Job): Promise<void> {
    this.#busy.add(runner);
    const onAbort = () => this.#dismiss(runner);
    job.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const misfit = refusalOfTask(job.task, runner.description);
      if (misfit) throw misfit;
      const output = await runner.run(job.task);
      this.#deaths = 0;
      job.resolve(output);
    } catch (error) {
      job.reject(this.#closing.signal.aborted ? runnerClosed() : asDomainError(error));
    } finally {
      job.signal?.removeEventListener('abort', onAbort);
      this.#busy.delete(runner);
      if (runner.alive && !this.#dismissed.has(runner)) this.#idle.push(runner);
      this.#pump();
    }
  }

  #dismiss(runner: RunnerProcess): void {
    this.#dismissed.add(runner);
    runner.kill();
  }

  /** Starts what is missing. Where that is refused and no process is left, nobody waits in vain. */
  #ensureRunners(): void {
    const present = this.#idle.length + this.#busy.size + this.#starts.size;
    const refusal = this.#refusalNow();
    if (refusal !== undefined && present === 0) this.#rejectAll(refusal);
    if (refusal !== undefined || this.#restart !== undefined) return;
    const missing = this.#options.runnersPerModel - present;
    for (let count = 0; count < missing; count++) {
      const start = this.#start().finally(() => {
        this.#starts.delete(start);
        this.#pump();
      });
      this.#starts.add(start);
    }
  }

  async #start(): Promise<void> {
    try {
      const path = await this.#options.store.pathOf(this.#sha256);
      const signal = this.#closing.signal;
      const runner = await RunnerProcess.start({ ...this.#options, sha256: this.#sha256, path, signal });
      void runner.died.then(() => this.#onDeath(runner));
      this.#description = runner.description;
      this.#idle.push(runner);
      for (const { resolve } of this.#loadWaiters.splice(0)) resolve(runner.description);
    } catch (error) {
      this.#onFailedStart(asDomainError(error));
    }
  }

  #onFailedStart(error: DomainError): void {
    if (this.#closing.signal.aborted) return;
    if (error.code === 'RunnerCrashed') {
      this.#countDeath();
      return;
    }
    // The model, not chance, is the reason: whoever waits hears it, and whoever asks soon after hears it again.
    this.#deaths += 1;
    this.#refusal = { untilMs: Date.now() + this.#restartDelayMs(), error: () => error };
    this.#rejectAll(error);
  }

  #onDeath(runner: RunnerProcess): void {
    const position = this.#idle.indexOf(runner);
    if (position >= 0) this.#idle.splice(position, 1);
    this.#busy.delete(runner);
    if (this.#closing.signal.aborted) return;
    if (this.#dismissed.has(runner)) this.#pump();
    else this.#countDeath();
  }

  #countDeath(): void {
    this.#deaths += 1;
    const { deathsToCoolDown, coolDownMs } = this.#options;
    if (this.#deaths < deathsToCoolDown) {
      clearTimeout(this.#restart);
      this.#restart = setTimeout(() => {
        this.#restart = undefined;
        this.#pump();
      }, this.#restartDelayMs());
      return;
    }
    const deaths = this.#deaths;
    this.#refusal = { untilMs: Date.now() + coolDownMs, error: (leftMs) => runnerUnavailable(leftMs, deaths) };
    this.#ensureRunners();
  }

  #restartDelayMs(): number {
    const { firstRestartDelayMs, longestRestartDelayMs } = this.#options;
    return Math.min(longestRestartDelayMs, firstRestartDelayMs * 2 ** Math.max(0, this.#deaths - 1));
  }

  #rejectAll(error: DomainError): void {
    for (const { reject } of this.#loadWaiters.splice(0)) reject(error);
    for (const { reject } of this.#queue.splice(0)) reject(error);
  }
}

function asDomainError(error: unknown): DomainError {
  return isDomainError(error) ? error : runnerCrashed({ reason: String(error) });
}
