import { LocalKeySigner, MemoryTransactionStore, TransactionManager } from '@openimo/chain';
import { createTestClient, encodeFunctionData, http, parseEther } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import { TestChain } from '../testing/test-chain.js';
import { type Call, Protocol } from './protocol.js';

/** No block but those that are asked for. */
let chain: TestChain;
let manager: TransactionManager;
let protocol: Protocol;
beforeEach(async () => {
  chain = await TestChain.start({ blockTime: undefined, args: [] });
  const { chainId } = chain.deployment;
  const signer = new LocalKeySigner(generatePrivateKey(), chainId);
  await chain.fund(signer.address, '100');
  const store = new MemoryTransactionStore(chainId, signer.address);
  manager = new TransactionManager({ chain: chain.anvil.chain, signer, store });
  await manager.start();
  protocol = new Protocol(chain.client, chain.deployment, signer.address);
}, 60_000);
afterEach(async () => {
  await manager?.stop();
  await chain?.anvil.kill();
});

let sent = 0;
async function submit({ to, abi, functionName, args, value, spareGas }: Call): Promise<string> {
  const key = `${functionName}:${sent++}`;
  await manager.submit({ key, to, data: encodeFunctionData({ abi, functionName, args: [...args] }), value, spareGas });
  return key;
}

describe('The gas of a change of stake', () => {
  it.each([
    ['suffices though an epoch begins between the dry run and the block', (call: Call) => call, 'confirmed'],
    ['would not, without what is added for that', (call: Call) => ({ ...call, spareGas: 0n }), 'failed'],
  ])(
    '%s',
    async (_, withGas, status) => {
      const anvil = createTestClient({ mode: 'anvil', chain: chain.client.chain, transport: http(chain.anvil.rpcUrl) });
      const { epochLength } = chain.deployment.parameters.operators;
      await manager.wait(await submit(protocol.register('', parseEther('1'))));
      await manager.wait(await submit(protocol.enrol(1n, 0)));
      await anvil.setAutomine(false);

      const key = await submit(withGas(protocol.addStake(10n ** 12n, 1)));
      await anvil.increaseTime({ seconds: epochLength });
      await anvil.mine({ blocks: 1 });

      await expect(manager.wait(key)).resolves.toMatchObject({ status });
    },
    60_000,
  );
});
