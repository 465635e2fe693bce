import { DomainError } from '@openimo/domain';
import { LimitedChild, toDomainError } from '@openimo/inference';
import type {
  EncodedMove,
  MoveTask,
  PlayerReply,
  PlayerRequest,
  TimeoutTask,
  TraceSummary,
  TraceTask,
} from './player-task.js';

export type TraceErrorCode =
  /** The model or the input cannot be traced; it says why. */
  | 'TraceFailed'
  | 'TraceOutOfMemory'
  /** Retryable. */
  | 'TraceTimedOut'
  /** The caller gave up. */
  | 'TraceAborted'
  /** The process died for no reason of the task's; retryable. */
  | 'TracerCrashed'
  | 'TraceServiceClosed';

export interface TraceServiceOptions {
  /** Resident memory above which the process is ended. 2 GiB by default: a trace of the GPT and its trees take 0.5 GiB. */
  readonly memoryLimitBytes?: number;
  /** Of one task, committing the model included. Two minutes by default. */
  readonly timeoutMs?: number;
}

export interface TraceOptions {
  readonly signal?: AbortSignal;
  /** Tasks with the smallest are done first; by default those that nobody's clock waits for come last. */
  readonly urgency?: number;
}

interface Waiting {
  readonly request: PlayerRequest;
  readonly urgency: number;
  readonly signal: AbortSignal | undefined;
  readonly settle: (reply: PlayerReply) => void;
  readonly fail: (error: unknown) => void;
}

// The folder above is src under test and dist when built; children only exist built.
const PLAYER_CHILD = new URL('../../dist/player/player-child.js', import.meta.url);
const MEMORY_LIMIT_BYTES = 2 * 2 ** 30;
const TIMEOUT_MS = 120_000;
const LAST = Number.MAX_SAFE_INTEGER;

/**
 * Commits models and traces their runs in a limited process of its own, one task at a time, and says what a player's next move
 * is. The process keeps models and traces between tasks; it starts with the first task and after each death.
 */
export class TraceService {
  readonly #waiting: Waiting[] = [];
  #child: Promise<LimitedChild> | undefined;
  #settle: ((reply: PlayerReply) => void) | undefined;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly options: TraceServiceOptions = {}) {}

  /** Tasks that wait, the one in hand included. */
  get load(): number {
    return this.#waiting.length + (this.#settle === undefined ? 0 : 1);
  }

  /**
   * What the profile says of one run, and the root of its trace.
   *
   * @throws DomainError `TraceErrorCode`, `ModelRootMismatch`, or why the file is no model of the profile
   */
  async trace(task: TraceTask, options: TraceOptions = {}): Promise<TraceSummary> {
    const reply = await this.#do({ type: 'trace', ...task }, options);
    if (reply.type === 'trace') return reply.trace;
    throw crashed({ unexpected: reply.type });
  }

  /** What the profile says of one run, at the cost of the run alone. Throws as `trace`. */
  async run(task: TraceTask, options: TraceOptions = {}): Promise<Uint8Array> {
    const reply = await this.#do({ type: 'run', ...task }, options);
    if (reply.type === 'output') return reply.output;
    throw crashed({ unexpected: reply.type });
  }

  /** The move that a side has to make now; undefined where it has none, as whoever disputes a right answer. Throws as `trace`. */
  async nextMove(task: MoveTask, options: TraceOptions = {}): Promise<EncodedMove | undefined> {
    const reply = await this.#do({ type: 'move', ...task }, options);
    if (reply.type === 'move') return reply.move;
    throw crashed({ unexpected: reply.type });
  }

  /** The call that ends a dispute in which a side's time is up. Throws as `trace`. */
  async timeout(task: TimeoutTask, options: TraceOptions = {}): Promise<EncodedMove> {
    const reply = await this.#do({ type: 'timeout', ...task }, options);
    if (reply.type === 'move' && reply.move !== undefined) return reply.move;
    throw crashed({ unexpected: reply.type });
  }

  /** Ends the process; what was asked for fails. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { fail } of this.#waiting.splice(0)) fail(closed());
    const child = await this.#child?.catch(() => undefined);
    child?.kill();
    await child?.died;
    await this.#working;
  }

  async #do(request: PlayerRequest, { signal, urgency = LAST }: TraceOptions): Promise<PlayerReply> {
    if (this.#closed) throw closed();
    if (signal?.aborted) throw aborted(signal.reason);
    const reply = await new Promise<PlayerReply>((settle, fail) => {
      this.#waiting.push({ request, urgency, signal, settle, fail });
      this.#working ??= this.#work().finally(() => (this.#working = undefined));
    });
    if (reply.type === 'failed') throw toDomainError(reply.error);
    return reply;
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#takeNext();
      if (next === undefined) return;
      if (next.signal?.aborted) next.fail(aborted(next.signal.reason));
      else await this.#ask(next).then(next.settle, next.fail);
    }
  }

  #takeNext(): Waiting | undefined {
    if (this.#waiting.length === 0) return undefined;
    const most = Math.min(...this.#waiting.map(({ urgency }) => urgency));
    const at = this.#waiting.findIndex(({ urgency }) => urgency === most);
    return this.#waiting.splice(at, 1)[0];
  }

  async #ask({ request, signal }: Waiting): Promise<PlayerReply> {
    const { timeoutMs = TIMEOUT_MS } = this.options;
    const child = await this.#start();
    if (signal?.aborted) throw aborted(signal.reason);
    let gaveUp: DomainError | undefined;
    const giveUp = (error: DomainError) => {
      gaveUp ??= error;
      child.kill();
    };
    const onAbort = () => giveUp(aborted(signal?.reason));
    const timer = setTimeout(() => giveUp(timedOut(timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    try {
      const died = child.died.then(({ reason, ...death }) => {
        if (this.#closed) throw closed();
        if (reason === 'memory') throw outOfMemory(this.#memoryLimitBytes);
        throw gaveUp ?? crashed(death);
      });
      const answered = new Promise<PlayerReply>((settle) => (this.#settle = settle));
      child.send(request);
      return await Promise.race([answered, died]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.#settle = undefined;
    }
  }

  #start(): Promise<LimitedChild> {
    this.#child ??= this.#startChild().catch((error: unknown) => {
      this.#child = undefined;
      throw crashed({}, error);
    });
    return this.#child;
  }

  async #startChild(): Promise<LimitedChild> {
    const child = await LimitedChild.start(PLAYER_CHILD, { memoryLimitBytes: this.#memoryLimitBytes });
    child.onMessage((message) => this.#settle?.(message as PlayerReply));
    void child.died.then(() => (this.#child = undefined));
    if (this.#closed) child.kill();
    return child;
  }

  get #memoryLimitBytes(): number {
    return this.options.memoryLimitBytes ?? MEMORY_LIMIT_BYTES;
  }
}

function timedOut(limitMs: number): DomainError<TraceErrorCode> {
  return new DomainError('TraceTimedOut', `Tracing was ended after ${limitMs} ms.`, {
    data: { limitMs },
    retryable: true,
  });
}

function outOfMemory(limitBytes: number): DomainError<TraceErrorCode> {
  return new DomainError('TraceOutOfMemory', `Tracing was ended because it took more than ${limitBytes} bytes.`, {
    data: { limitBytes },
  });
}

function aborted(cause: unknown): DomainError<TraceErrorCode> {
  return new DomainError('TraceAborted', 'The caller gave up on the trace.', { cause });
}

function crashed(data: Record<string, unknown>, cause?: unknown): DomainError<TraceErrorCode> {
  return new DomainError('TracerCrashed', 'The process that traces models died. It is started again when needed.', {
    data,
    cause,
    retryable: true,
  });
}

function closed(): DomainError<TraceErrorCode> {
  return new DomainError('TraceServiceClosed', 'Tracing is being shut down.');
}
