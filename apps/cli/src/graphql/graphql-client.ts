import { DomainError } from '@openimo/domain';
import { z } from 'zod';
import { until } from '../session/until.js';

/** An operation, and what its answer must look like: the schema is the type, and is checked at run time. */
export interface TypedQuery<Data> {
  readonly text: string;
  readonly data: z.ZodType<Data>;
}

export type Variables = Readonly<Record<string, string | number | bigint>>;

/** Amounts and ids travel as decimal strings. */
export const whole = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);

const META: TypedQuery<{ _meta: { indexedBlock: bigint | null } }> = {
  text: '{ _meta { indexedBlock } }',
  data: z.object({ _meta: z.object({ indexedBlock: whole.nullable() }) }),
};

const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** Reads GraphQL of a running stack. */
export class GraphqlClient {
  constructor(readonly url: string) {}

  /** @throws DomainError `GraphqlUnreachable`, `GraphqlFailed` */
  async ask<Data>({ text, data }: TypedQuery<Data>, variables: Variables = {}): Promise<Data> {
    const answer = answerSchema.parse(await this.#post(text, variables));
    if (answer.errors !== undefined) {
      const messages = answer.errors.map(({ message }) => message).join('; ');
      throw new DomainError('GraphqlFailed', `GraphQL refuses: ${messages}`, { data: { url: this.url } });
    }
    return data.parse(answer.data);
  }

  /** Waits until everything up to and including a block is in the answers. */
  async upTo(block: bigint): Promise<void> {
    await until(
      `GraphQL to know block ${block}`,
      () => this.ask(META),
      ({ _meta: { indexedBlock } }) => indexedBlock !== null && indexedBlock >= block,
      { everyMs: 100 },
    );
  }

  async #post(query: string, variables: Variables): Promise<unknown> {
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }, (_, value: unknown) =>
          typeof value === 'bigint' ? value.toString() : value,
        ),
      });
      return await response.json();
    } catch (cause) {
      throw new DomainError('GraphqlUnreachable', `No GraphQL answers at ${this.url}. Is the stack still running?`, {
        cause,
        retryable: true,
      });
    }
  }
}
