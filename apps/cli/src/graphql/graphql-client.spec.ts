import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { GraphqlClient, whole } from './graphql-client.js';

const QUERY = { text: 'query ($id: BigInt!) { price(id: $id) }', data: z.object({ price: whole }) };

describe('GraphqlClient', () => {
  let server: Server;
  let client: GraphqlClient;
  let heard: unknown;
  let answers: unknown[] = [];
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      heard = JSON.parse(body);
      response.end(JSON.stringify(answers.length > 1 ? answers.shift() : answers[0]));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new GraphqlClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
  });
  afterAll(() => server.close());

  it('asks and reads amounts exactly', async () => {
    answers = [{ data: { price: '20000000000000000001' } }];

    expect(await client.ask(QUERY, { id: 2n ** 159n })).toEqual({ price: 20_000_000_000_000_000_001n });
    expect(heard).toEqual({ query: QUERY.text, variables: { id: (2n ** 159n).toString() } });
  });

  it('says what GraphQL refuses', async () => {
    answers = [{ errors: [{ message: 'no such field' }] }];

    await expect(client.ask(QUERY)).rejects.toMatchObject({
      code: 'GraphqlFailed',
      message: 'GraphQL refuses: no such field',
    });
  });

  it('takes nothing for an answer that is not of the expected shape', async () => {
    answers = [{ data: { price: 20 } }];

    await expect(client.ask(QUERY)).rejects.toThrow();
  });

  it('waits for a block to be indexed', async () => {
    answers = [null, '7', '8'].map((indexedBlock) => ({ data: { _meta: { indexedBlock } } }));

    await client.upTo(8n);

    expect(answers).toEqual([{ data: { _meta: { indexedBlock: '8' } } }]);
  });

  it('says that nobody answers', async () => {
    await expect(new GraphqlClient('http://127.0.0.1:1/graphql').ask(QUERY)).rejects.toMatchObject({
      code: 'GraphqlUnreachable',
      retryable: true,
    });
  });
});
