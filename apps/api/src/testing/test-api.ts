import { createLogger, Shutdown } from '@openimo/service';
import type { GraphQLFormattedError } from 'graphql';
import { readConfig } from '../config/config.js';
import type { Authenticator } from '../graphql/authenticator.js';
import { type RunningApi, startApi } from '../start-api.js';
import type { IndexedChain } from './indexed-chain.js';

export interface Answer<Data> {
  readonly status: number;
  readonly data: Data;
  readonly errors?: readonly GraphQLFormattedError[];
}

export interface TestApiOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly authenticator?: Authenticator;
}

/** The API in this process, on a free port. */
export class TestApi {
  private constructor(
    readonly running: RunningApi,
    private readonly shutdown: Shutdown,
  ) {}

  static async start(indexed: IndexedChain, { env = {}, authenticator }: TestApiOptions = {}): Promise<TestApi> {
    const config = readConfig({ ...indexed.env, ...env });
    const shutdown = new Shutdown();
    const log = createLogger(config);
    return new TestApi(await startApi({ config, log, shutdown, authenticator }), shutdown);
  }

  get url(): string {
    return this.running.url;
  }

  async ask<Data = Record<string, never>>(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Data>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer<Data>, 'status'>) };
  }

  /** What must work. */
  async read<Data>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Data> {
    const { data, errors } = await this.ask<Data>(query, variables);
    if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
    return data;
  }

  close(): Promise<void> {
    return this.shutdown.run(new Error('the test is over'));
  }
}
