import { DomainError } from '@openimo/domain';

export type RpcErrorCode =
  /** No answer, or none that makes sense. */
  | 'RpcUnavailable'
  /** The node answered one of the calls with an error. */
  | 'RpcRefused';

export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface JsonRpcOptions {
  readonly url: string;
  readonly timeoutMs: number;
  /** Most calls in one HTTP request; 1 where the node takes no batches. */
  readonly maxBatch: number;
}

interface RpcAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** JSON-RPC without anything on top: a log costs its JSON and no more. */
export class JsonRpc {
  constructor(private readonly options: JsonRpcOptions) {}

  async call<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    const [result] = await this.batch<Result>([{ method, params }]);
    return result!;
  }

  /**
   * Results in the order of the calls.
   * @throws DomainError `RpcUnavailable`, `RpcRefused`; both may be tried again
   */
  async batch<Result>(calls: readonly RpcCall[]): Promise<Result[]> {
    const { maxBatch } = this.options;
    const portions: RpcCall[][] = [];
    for (let at = 0; at < calls.length; at += maxBatch) portions.push(calls.slice(at, at + maxBatch));
    const results = await Promise.all(portions.map((portion) => this.#post(portion)));
    return results.flat() as Result[];
  }

  async #post(calls: readonly RpcCall[]): Promise<unknown[]> {
    const requests = calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }));
    const text = await this.#send(JSON.stringify(calls.length === 1 ? requests[0] : requests));
    let answers: RpcAnswer[];
    try {
      const parsed = JSON.parse(text) as RpcAnswer | RpcAnswer[];
      answers = Array.isArray(parsed) ? parsed : [parsed];
    } catch {
      throw unavailable('NotJson');
    }
    const results = new Array<unknown>(calls.length);
    const answered = new Set<number>();
    for (const answer of answers) {
      if (answer?.error !== undefined) throw refused(calls[answer.id] ?? calls[0]!, answer.error);
      if (answer?.result === undefined) throw unavailable('NoResult');
      results[answer.id] = answer.result;
      answered.add(answer.id);
    }
    if (answered.size !== calls.length) throw unavailable('AnswersMissing');
    return results;
  }

  async #send(body: string): Promise<string> {
    try {
      const response = await fetch(this.options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(this.options.timeoutMs),
      });
      const text = await response.text();
      // Some nodes answer JSON-RPC errors with a status other than 200; the body says more then.
      if (response.ok || text.startsWith('{"jsonrpc"') || text.startsWith('[{')) return text;
      throw unavailable(`Http${response.status}`);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      // The message of fetch holds the URL, and the URL of a paid RPC holds its key.
      throw unavailable((error as Error).name === 'TimeoutError' ? 'Timeout' : 'NoConnection');
    }
  }
}

function unavailable(reason: string): DomainError<RpcErrorCode> {
  return new DomainError('RpcUnavailable', `The chain does not answer (${reason}). Try again.`, {
    data: { reason },
    retryable: true,
  });
}

function refused(call: RpcCall, error: { code: number; message: string }): DomainError<RpcErrorCode> {
  return new DomainError('RpcRefused', `The node refused ${call.method}: ${String(error.message).slice(0, 200)}`, {
    data: { method: call.method, code: error.code },
    retryable: true,
  });
}
