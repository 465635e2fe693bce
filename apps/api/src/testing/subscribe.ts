import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** A follower of a subscription, with a socket of its own. */
export class Follower<Row> {
  readonly rows: Row[] = [];
  readonly errors: unknown[] = [];
  #wake: () => void = () => undefined;
  #isOver = false;
  readonly #client;

  constructor(
    url: string,
    query: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    class WithHeaders extends WebSocket {
      constructor(address: string, protocols?: string | string[]) {
        super(address, protocols, { headers });
      }
    }
    this.#client = createClient({
      url: url.replace(/^http/, 'ws'),
      webSocketImpl: WithHeaders,
      retryAttempts: 0,
      lazy: true,
    });
    this.#client.subscribe<Record<string, Row>>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (data) this.rows.push(Object.values(data)[0]!);
          if (errors) this.errors.push(...errors);
          this.#wake();
        },
        error: (error) => {
          this.errors.push(...(Array.isArray(error) ? error : [error]));
          this.#isOver = true;
          this.#wake();
        },
        complete: () => {
          this.#isOver = true;
          this.#wake();
        },
      },
    );
  }

  /** Waits until what has come is enough, or nothing more will. */
  async until(isEnough: (rows: readonly Row[]) => boolean): Promise<readonly Row[]> {
    while (!isEnough(this.rows) && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.rows;
  }

  async over(): Promise<void> {
    while (!this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }
}
