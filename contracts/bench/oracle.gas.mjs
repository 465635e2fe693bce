// Gas of the oracle, whole transactions, against the bars of its design: 256 bytes of input and output, eight operators, of
// which the drawn one answers, an OAO-style client contract that requests and is called back.
import { bytesToHex, encodeFunctionData, getContractAddress, parseEther, parseGwei, toHex, zeroAddress } from 'viem';
import { artifact, withChain } from './chain.mjs';

const ETH = zeroAddress;
const HOUR = 3_600;
const OPERATORS = 8;
const BATCH = 8;
const CALLBACK_GAS = 100_000n;
/** `Client.Behaviour`: the callback costs next to nothing, so that what is measured is the delivery. */
const IGNORE = 1;
const SOURCES = {
  registry: 'src/registry/ModelRegistry.sol:ModelRegistry',
  router: 'src/revenue/RevenueRouter.sol:RevenueRouter',
  operators: 'src/oracle/OperatorRegistry.sol:OperatorRegistry',
  oracle: 'src/oracle/InferenceOracle.sol:InferenceOracle',
  client: 'test/oracle/Clients.sol:Client',
};
const BARS = {
  'oracle.request': null,
  'oracle.request.noCallback': null,
  'oracle.assert': 75_000,
  'oracle.assert.batched': 55_000,
  'oracle.assert.late': null,
  'oracle.finalize': null,
  'oracle.deliver': null,
  'oracle.finalizeAndDeliver': null,
  'oracle.refund': null,
  'operators.register': null,
  'operators.enrol': null,
};

/** @returns {Promise<{ name: string, gas: number, bar: number | null, peers: Record<string, number> }[]>} */
export async function rows() {
  const measured = await withChain(measure);
  return Object.entries(BARS).map(([name, bar]) => ({ name, gas: measured[name], bar, peers: {} }));
}

async function measure(chain) {
  const gas = {};
  const user = await chain.account('user');
  const stack = await deploy(chain);
  const operators = await enlist(chain, stack, gas);
  // Two epochs on: the draw knows the stakes.
  await chain.skip(2 * HOUR);
  await answers(chain, stack, user, operators, gas);
  await batches(chain, stack, user, operators, gas);
  await refunds(chain, stack, user, gas);
  return gas;
}

export async function deploy(chain) {
  const deployer = await chain.account('deployer');
  const from = deployer.account.address;
  const registry = await chain.deploy(deployer, SOURCES.registry, [
    {
      priceDelay: 48 * HOUR,
      priceBoundPeriod: 168 * HOUR,
      maxOperatorBps: 5_000,
      maxLineageBps: 5_000,
      minHoldersBps: 2_000,
      protocolBps: 200,
      attestingOperators: 3,
    },
    from,
    getContractAddress({ from, nonce: BigInt(await chain.public.getTransactionCount({ address: from })) + 2n }),
  ]);
  const router = await chain.deploy(deployer, SOURCES.router, [registry.address, 200, from]);
  const nonce = await chain.public.getTransactionCount({ address: from });
  const predicted = getContractAddress({ from, nonce: BigInt(nonce) + 1n });
  const operators = await chain.deploy(deployer, SOURCES.operators, [
    { minStake: parseEther('1'), exitDelay: 14 * 24 * HOUR, epochLength: HOUR },
    registry.address,
    predicted,
    ETH,
  ]);
  const oracle = await chain.deploy(deployer, SOURCES.oracle, [
    {
      safeWindow: 26 * HOUR,
      fastWindow: HOUR,
      requestDeadline: HOUR / 2,
      exclusiveWindow: 120,
      maxOutputBytes: 8_192,
      maxBatchSize: 64,
      gasPriceFloor: parseGwei('0.01'),
      minBond: parseEther('0.01'),
      winnerGas: 850_000n,
    },
    registry.address,
    router.address,
    operators.address,
    ETH,
  ]);
  const client = await chain.deploy(deployer, SOURCES.client);
  await chain.gas(deployer, client, 'behave', [IGNORE]);
  await chain.gas(deployer, registry, 'registerFamily', [
    { name: 'bench', operatorBps: 2_000, publisherBps: 1_000, holdersFloorBps: 5_000, lineage: [], assets: [] },
  ]);
  await chain.gas(deployer, registry, 'publishVersion', [
    {
      familyId: 1n,
      fileHash: toHex(1, { size: 32 }),
      modelRoot: toHex(2, { size: 32 }),
      weightsRoot: toHex(3, { size: 32 }),
      metadataHash: toHex(4, { size: 32 }),
      metadataURI: '',
      licence: 'MIT',
      io: { minInput: 256, maxInput: 256, minOutput: 256, maxOutput: 256, context: 0 },
      prices: [{ asset: ETH, amount: parseEther('0.0001') }],
    },
  ]);
  return { registry, router, operators, oracle, client };
}

async function enlist(chain, { operators }, gas) {
  const wallets = [];
  for (let i = 0; i < OPERATORS; ++i) {
    const wallet = await chain.account(`operator ${i}`);
    gas['operators.register'] = await chain.gas(wallet, operators, 'register', [''], parseEther('10'));
    gas['operators.enrol'] = await chain.gas(wallet, operators, 'enrol', [1n, toHex(2, { size: 32 })]);
    wallets.push(wallet);
  }
  return wallets;
}

/** One request from birth to callback, twice: the second finds the slots of those involved in use. */
async function answers(chain, stack, user, operators, gas) {
  const { oracle } = stack;
  const outputs = [bytes(256, 7)];
  for (let i = 0; i < 2; ++i) {
    gas['oracle.request'] = await request(chain, stack, user);
    const id = await newest(chain, oracle);
    await blocks(chain, 2);
    const [drawn] = await chain.read(oracle, 'drawnOperator', [id]);
    gas['oracle.assert'] = await chain.gas(walletOf(operators, drawn), oracle, 'assertOutputs', [id, outputs]);
    await chain.skip(26 * HOUR);
    if (i === 0) {
      gas['oracle.finalize'] = await chain.gas(user, oracle, 'finalize', [id]);
      gas['oracle.deliver'] = await chain.gas(user, oracle, 'deliver', [id, outputs, '0x1234']);
    } else {
      gas['oracle.finalizeAndDeliver'] = await chain.gas(user, oracle, 'finalizeAndDeliver', [id, outputs, '0x1234']);
    }
  }
  await request(chain, stack, user);
  const id = await newest(chain, oracle);
  await blocks(chain, 2);
  await chain.skip(300);
  const [drawn] = await chain.read(oracle, 'drawnOperator', [id]);
  const other = operators.find(({ account }) => account.address !== drawn);
  gas['oracle.assert.late'] = await chain.gas(other, oracle, 'assertOutputs', [id, outputs]);
}

/** Gas per answer where one operator answers all requests that were drawn for it. */
async function batches(chain, { oracle }, user, operators, gas) {
  const fee = await chain.read(oracle, 'estimateFee', [1n, 0n]);
  const request = [1n, bytes(256, 9), ETH, 0n, '0x'];
  const drawn = new Map(operators.map(({ account }) => [account.address, []]));
  while (Math.max(...[...drawn.values()].map(({ length }) => length)) < BATCH) {
    gas['oracle.request.noCallback'] = await chain.gas(user, oracle, 'requestCallback', request, fee);
    const id = await newest(chain, oracle);
    await blocks(chain, 2);
    const [operator] = await chain.read(oracle, 'drawnOperator', [id]);
    drawn.get(operator).push(id);
  }
  const [operator, ids] = [...drawn].find(([, { length }]) => length === BATCH);
  const outputs = ids.map((_, i) => [bytes(256, i)]);
  const all = await chain.gas(walletOf(operators, operator), oracle, 'assertMany', [ids, outputs]);
  for (const id of ids) {
    const { status } = await chain.read(oracle, 'request', [id]);
    if (status !== 2) throw new Error(`request ${id} was skipped`);
  }
  gas['oracle.assert.batched'] = Math.ceil(all / BATCH);
}

async function refunds(chain, stack, user, gas) {
  await request(chain, stack, user);
  const id = await newest(chain, stack.oracle);
  await chain.skip(HOUR);
  gas['oracle.refund'] = await chain.gas(user, stack.oracle, 'refund', [id]);
}

/** The client contract requests for itself, as contracts written for OAO do. */
async function request(chain, { oracle, client }, user) {
  const fee = await chain.read(oracle, 'estimateFee', [1n, CALLBACK_GAS]);
  const call = encodeFunctionData({
    abi: artifact(SOURCES.oracle).abi,
    functionName: 'requestCallback',
    args: [1n, bytes(256, 5), client.address, CALLBACK_GAS, '0x1234'],
  });
  return chain.gas(user, client, 'run', [oracle.address, fee, call], fee);
}

/** The id of the request that the newest block opened. */
export async function newest(chain, oracle) {
  const [{ args }] = await chain.public.getContractEvents({ ...oracle, eventName: 'RequestOpened' });
  return args.requestId;
}

/** Two blocks after a request its draw is known. */
async function blocks(chain, count) {
  await chain.test.mine({ blocks: count });
}

function walletOf(wallets, address) {
  return wallets.find(({ account }) => account.address === address);
}

/** `size` bytes, none of them zero. */
function bytes(size, seed) {
  return bytesToHex(Uint8Array.from({ length: size }, (_, i) => 1 + ((i * 31 + seed * 17) % 255)));
}
