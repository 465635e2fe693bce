import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { freePort, startAnvil, type Anvil } from '../anvil/start-anvil.js';
import { startRpcProxy } from '../testing/rpc-proxy.js';
import { createChain } from './create-chain.js';
import { waitForChain } from './wait-for-chain.js';

let anvil: Anvil;
beforeAll(async () => {
  anvil = await startAnvil();
});
afterAll(() => anvil?.kill());

describe('createChain', () => {
  it('is healthy where its chain answers', async () => {
    const chain = createChain({ rpcUrl: anvil.rpcUrl, chainId: 31_337 });
    expect(await chain.health()).toEqual({ chainId: 31_337, blockNumber: 0n, blockAgeSeconds: expect.any(Number) });
  });

  it('refuses another chain behind its URL', async () => {
    const chain = createChain({ rpcUrl: anvil.rpcUrl, chainId: 1 });
    await expect(chain.health()).rejects.toMatchObject({ code: 'WrongChain', data: { expected: 1, actual: 31_337 } });
  });

  it('reports an RPC that is away as retryable, without the secret in its URL', async () => {
    const chain = createChain({ rpcUrl: `http://127.0.0.1:${await freePort()}/v2/api-key`, chainId: 31_337 });
    const error = await chain.health().catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'RpcUnavailable', retryable: true });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('api-key');
  });

  it('reports an RPC that does not answer in time', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const rpcUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;

    const health = createChain({ rpcUrl, chainId: 31_337, timeoutMs: 50 }).health();

    await expect(health).rejects.toMatchObject({ code: 'RpcUnavailable', data: { reason: 'TimeoutError' } });
    silent.close();
  });
});

describe('waitForChain', () => {
  it('waits until somebody answers', async () => {
    const proxy = await startRpcProxy(anvil.rpcUrl);
    proxy.isDown = true;
    const waiting = waitForChain(createChain({ rpcUrl: proxy.rpcUrl, chainId: 31_337 }));
    setTimeout(() => (proxy.isDown = false), 100);

    expect(await waiting).toMatchObject({ chainId: 31_337 });
    await proxy.close();
  });

  it('gives up in time, or when told to', async () => {
    const chain = createChain({ rpcUrl: `http://127.0.0.1:${await freePort()}`, chainId: 31_337 });
    await expect(waitForChain(chain, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'RpcUnavailable' });

    const signal = AbortSignal.abort(new Error('shutting down'));
    await expect(waitForChain(chain, { signal })).rejects.toThrow('shutting down');
  });
});
