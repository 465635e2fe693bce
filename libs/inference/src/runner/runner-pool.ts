import type { GenerateTextOptions, ModelDescription, ModelRunner, RunOptions, Sha256 } from '@openimo/domain';
import { DEFAULT_CHECK_LIMITS } from '../check/check-model.js';
import { DEFAULT_MEMORY_LIMIT_BYTES } from '../process/limited-child.js';
import { ModelWorkers, type ModelStatus, type ModelWorkersOptions } from './model-workers.js';
import { runnerClosed, tooManyModels } from './runner-errors.js';

export interface RunnerPoolOptions extends Partial<Omit<ModelWorkersOptions, 'store'>> {
  /** Where the models are. */
  readonly store: ModelWorkersOptions['store'];
  /** Models loaded at once; one more evicts the one that has been quiet the longest. */
  readonly maxModels?: number;
  /** A model that has been quiet this long is unloaded. Default: never. */
  readonly idleTimeoutMs?: number;
}

const DEFAULTS: Omit<ModelWorkersOptions, 'store'> = {
  runnersPerModel: 1,
  queueLimit: 64,
  runTimeoutMs: 30_000,
  loadTimeoutMs: 60_000,
  memoryLimitBytes: DEFAULT_MEMORY_LIMIT_BYTES,
  firstRestartDelayMs: 100,
  longestRestartDelayMs: 10_000,
  deathsToCoolDown: 5,
  coolDownMs: 30_000,
  inspectLimits: DEFAULT_CHECK_LIMITS,
};

const DEFAULT_MAX_MODELS = 8;

/**
 * Runs models in child processes of their own, with onnxruntime on one thread each. A model can take down its process
 * and nothing else. See ModelRunner for what it promises and ModelWorkersOptions for its limits.
 *
 * @example
 * const pool = new RunnerPool({ store, runTimeoutMs: 5_000 });
 * const output = await pool.run(sha256, input);
 * await pool.close();
 */
export class RunnerPool implements ModelRunner {
  readonly #options: ModelWorkersOptions;
  readonly #maxModels: number;
  readonly #idleTimeoutMs: number | undefined;
  /** In order of use, the least recently used first. */
  readonly #models = new Map<Sha256, ModelWorkers>();
  readonly #evictions = new Set<Promise<void>>();
  readonly #idleTimers = new Map<Sha256, NodeJS.Timeout>();
  #closed = false;

  constructor({ maxModels = DEFAULT_MAX_MODELS, idleTimeoutMs, ...options }: RunnerPoolOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#maxModels = maxModels;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  async load(model: Sha256): Promise<void> {
    await this.describe(model);
  }

  async describe(model: Sha256): Promise<ModelDescription> {
    return (await this.#workersOf(model)).load();
  }

  async run(model: Sha256, input: Uint8Array, { signal }: RunOptions = {}): Promise<Uint8Array> {
    return (await this.#workersOf(model)).run({ type: 'run', input }, signal);
  }

  async generate(
    model: Sha256,
    prompt: Uint8Array,
    { mostNewBytes, signal }: GenerateTextOptions = {},
  ): Promise<Uint8Array> {
    // Nothing sent to a process can be undefined or without end.
    const most = mostNewBytes ?? Number.MAX_SAFE_INTEGER;
    return (await this.#workersOf(model)).run({ type: 'generate', prompt, mostNewBytes: most }, signal);
  }

  /** What is loaded, for readiness checks and metrics. */
  status(): readonly ModelStatus[] {
    return [...this.#models.values()].map((workers) => workers.status());
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const model of [...this.#models.keys()]) this.#evict(model);
    await Promise.all(this.#evictions);
  }

  async #workersOf(model: Sha256): Promise<ModelWorkers> {
    // Before a place is made for it: asking for models that do not exist must not push out those that do.
    if (!this.#models.has(model)) await this.#options.store.pathOf(model);
    if (this.#closed) throw runnerClosed();
    const workers = this.#models.get(model) ?? this.#newWorkers(model);
    this.#models.delete(model);
    this.#models.set(model, workers);
    this.#armIdleTimer(model);
    return workers;
  }

  #newWorkers(model: Sha256): ModelWorkers {
    if (this.#models.size >= this.#maxModels) {
      const quiet = [...this.#models].find(([, workers]) => workers.quiet);
      if (quiet === undefined) throw tooManyModels(this.#maxModels);
      this.#evict(quiet[0]);
    }
    return new ModelWorkers(model, this.#options);
  }

  #armIdleTimer(model: Sha256): void {
    if (this.#idleTimeoutMs === undefined) return;
    clearTimeout(this.#idleTimers.get(model));
    const onIdle = () => (this.#models.get(model)?.quiet ? this.#evict(model) : this.#armIdleTimer(model));
    this.#idleTimers.set(model, setTimeout(onIdle, this.#idleTimeoutMs).unref());
  }

  #evict(model: Sha256): void {
    clearTimeout(this.#idleTimers.get(model));
    this.#idleTimers.delete(model);
    const workers = this.#models.get(model);
    this.#models.delete(model);
    const eviction = (workers?.close() ?? Promise.resolve()).finally(() => this.#evictions.delete(eviction));
    this.#evictions.add(eviction);
  }
}
