import type { ModelDescription, ModelRunnerErrorCode, Sha256 } from '@openimo/domain';
import type { RunReply, RunRequest, RunTask } from '../child/run-child.js';
import type { InspectLimits } from '../onnx/inspect-model.js';
import { toDomainError } from '../process/error-message.js';
import { LimitedChild, type ChildDeath } from '../process/limited-child.js';
import { canAnswer } from './runner-task.js';
import { modelDoesNotLoad, runOutOfMemory, runTimedOut, runnerCrashed, type RunnerError } from './runner-errors.js';

export interface RunnerProcessOptions {
  readonly sha256: Sha256;
  readonly path: string;
  readonly inspectLimits: InspectLimits;
  readonly memoryLimitBytes: number;
  readonly loadTimeoutMs: number;
  readonly runTimeoutMs: number;
  /** Ends the process, also while it loads. */
  readonly signal: AbortSignal;
}

type Outcome = RunReply | { readonly type: 'died'; readonly death: ChildDeath; readonly timedOut: boolean };

// The folder above is src under test and dist when built; children only exist built.
const RUN_CHILD = new URL('../../dist/child/run-child.js', import.meta.url);

/** One process with one model, doing one thing at a time. Anything that goes beyond a limit ends the process. */
export class RunnerProcess {
  readonly died: Promise<ChildDeath>;
  readonly #child: LimitedChild;
  readonly #options: RunnerProcessOptions;
  #description: ModelDescription | undefined;
  #settle: ((outcome: RunReply) => void) | undefined;
  #alive = true;

  /** Throws `ModelDoesNotLoad`, `ModelCorrupt` or, when it died for no reason of the model's, `RunnerCrashed`. */
  static async start(options: RunnerProcessOptions): Promise<RunnerProcess> {
    const runner = new RunnerProcess(await LimitedChild.start(RUN_CHILD, options), options);
    try {
      await runner.#load();
      return runner;
    } catch (error) {
      runner.kill();
      await runner.died;
      throw error;
    }
  }

  private constructor(child: LimitedChild, options: RunnerProcessOptions) {
    this.#child = child;
    this.#options = options;
    const kill = () => this.kill();
    options.signal.addEventListener('abort', kill);
    if (options.signal.aborted) kill();
    this.died = child.died.finally(() => {
      this.#alive = false;
      options.signal.removeEventListener('abort', kill);
    });
    child.onMessage((message) => this.#settle?.(message as RunReply));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get description(): ModelDescription {
    if (this.#description === undefined) throw new Error('the runner has not loaded its model');
    return this.#description;
  }

  /** Throws `RunFailed`, and `RunTimedOut`, `RunOutOfMemory` or `RunnerCrashed` with the end of the process. */
  async run(task: RunTask): Promise<Uint8Array> {
    const outcome = await this.#ask(task, this.#options.runTimeoutMs);
    if (outcome.type === 'output' && canAnswer(outcome.output, task, this.description)) return outcome.output;
    throw await this.#runError(outcome);
  }

  kill(): void {
    this.#child.kill();
  }

  async #load(): Promise<void> {
    const { path, sha256, inspectLimits: limits, loadTimeoutMs, memoryLimitBytes } = this.#options;
    const outcome = await this.#ask({ type: 'load', path, sha256, limits }, loadTimeoutMs);
    switch (outcome.type) {
      case 'loaded':
        this.#description = outcome.description;
        return;
      case 'failed':
        throw toDomainError(outcome.error);
      case 'died':
        if (outcome.timedOut) {
          throw modelDoesNotLoad('ModelTimedOut', `Loading the model took more than ${loadTimeoutMs} ms.`);
        }
        if (outcome.death.reason === 'memory') {
          throw modelDoesNotLoad('ModelOutOfMemory', `Loading the model took more than ${memoryLimitBytes} bytes.`);
        }
        throw crashOf(outcome.death);
      case 'output':
        throw runnerCrashed({ unexpected: 'output' });
    }
  }

  async #runError(outcome: Outcome): Promise<RunnerError> {
    const { runTimeoutMs, memoryLimitBytes } = this.#options;
    if (outcome.type === 'died') {
      if (outcome.timedOut) return runTimedOut(runTimeoutMs);
      return outcome.death.reason === 'memory' ? runOutOfMemory(memoryLimitBytes) : crashOf(outcome.death);
    }
    if (outcome.type === 'failed' && outcome.error.code !== 'RunOutOfMemory') {
      return toDomainError<ModelRunnerErrorCode>(outcome.error);
    }
    // An allocation failed, or it answers what was not asked: what its memory holds now is anybody's guess.
    this.kill();
    await this.died;
    return outcome.type === 'failed' ? runOutOfMemory(memoryLimitBytes) : runnerCrashed({ unexpected: outcome.type });
  }

  async #ask(request: RunRequest, limitMs: number): Promise<Outcome> {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, limitMs);
    try {
      const answered = new Promise<Outcome>((settle) => (this.#settle = settle));
      const died = this.died.then((death): Outcome => ({ type: 'died', death, timedOut }));
      this.#child.send(request);
      return await Promise.race([answered, died]);
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }
}

function crashOf({ exitCode, signal, stderr }: ChildDeath): RunnerError {
  return runnerCrashed({ exitCode, signal, stderr });
}
