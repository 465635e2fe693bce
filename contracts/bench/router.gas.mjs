// Gas of ModelRegistry and RevenueRouter, whole transactions. Unless a name says first, every slot written was written before.
import { zeroAddress, zeroHash } from 'viem';
import { withChain } from './chain.mjs';

const ETH = zeroAddress;
const E18 = 10n ** 18n;
const PROTOCOL_BPS = 200;
const REGISTRY_PARAMETERS = {
  priceDelay: 172_800,
  priceBoundPeriod: 604_800,
  maxOperatorBps: 5_000,
  maxLineageBps: 5_000,
  minHoldersBps: 2_000,
  protocolBps: PROTOCOL_BPS,
  attestingOperators: 3,
};

/** @returns {Promise<{ name: string, gas: number, bar: number | null, peers: Record<string, number> }[]>} */
export async function rows() {
  return withChain(async (chain) => {
    const measured = await measure(chain);
    return Object.entries(measured).map(([name, gas]) => ({ name, gas, bar: null, peers: {} }));
  });
}

async function measure(chain) {
  const [publisher, payer, operator, treasury, factory] = await Promise.all(
    ['publisher', 'payer', 'operator', 'treasury', 'factory'].map((name) => chain.account(name)),
  );
  const registry = await chain.deploy(publisher, 'src/registry/ModelRegistry.sol:ModelRegistry', [
    REGISTRY_PARAMETERS,
    factory.account.address,
    operator.account.address,
  ]);
  const router = await chain.deploy(publisher, 'src/revenue/RevenueRouter.sol:RevenueRouter', [
    registry.address,
    PROTOCOL_BPS,
    treasury.account.address,
  ]);
  const dollar = await chain.deploy(publisher, 'test/support/TestERC20.sol:TestERC20', ['USD', 6]);
  await chain.gas(payer, dollar, 'mint', [payer.account.address, E18]);
  await chain.gas(payer, dollar, 'approve', [router.address, E18]);

  const gas = {};
  const assets = [dollar.address];
  const contributors = await Promise.all(Array.from({ length: 7 }, (_, i) => chain.account(`contributor ${i}`)));
  gas['registerFamily'] = await chain.gas(publisher, registry, 'registerFamily', [family(assets, [])]);
  gas['registerFamily.eightParties'] = await chain.gas(publisher, registry, 'registerFamily', [
    family(assets, [
      { parentFamilyId: 1n, contributor: zeroAddress, shareBps: 500 },
      ...contributors.map(({ account }) => ({ parentFamilyId: 0n, contributor: account.address, shareBps: 100 })),
    ]),
  ]);
  gas['publishVersion'] = await chain.gas(publisher, registry, 'publishVersion', [version(1n)]);
  await chain.gas(publisher, registry, 'schedulePrice', [1n, ETH, 15n * 10n ** 14n]);
  gas['schedulePrice'] = await chain.gas(publisher, registry, 'schedulePrice', [1n, ETH, 10n ** 15n]);

  const eth = (familyId) => chain.gas(payer, router, 'distribute', [familyId, ETH, E18, operator.account.address], E18);
  const usd = () => chain.gas(payer, router, 'distribute', [1n, dollar.address, 10n ** 6n, operator.account.address]);
  gas['distribute.eth.first'] = await eth(1n);
  gas['distribute.eth'] = await eth(1n);
  gas['distribute.erc20.first'] = await usd();
  gas['distribute.erc20'] = await usd();
  await eth(2n);
  gas['distribute.eth.eightParties'] = await eth(2n);
  gas['distributeFamilyCredit.eth'] = await chain.gas(payer, router, 'distributeFamilyCredit', [1n, ETH]);
  gas['withdraw.eth'] = await chain.gas(operator, router, 'withdraw', [ETH, operator.account.address]);

  const token = await chain.deploy(publisher, 'src/token/ModelToken.sol:ModelToken', [
    tokenConfig(assets, publisher.account.address),
  ]);
  await chain.gas(publisher, token, 'transfer', [payer.account.address, E18]);
  await chain.gas(publisher, token, 'openRevenue', [(await chain.public.getBlock()).timestamp]);
  await chain.gas(factory, registry, 'bindToken', [1n, token.address]);
  for (const [name, asset, pay] of [
    ['flush.eth', ETH, () => eth(1n)],
    ['flush.erc20', dollar.address, usd],
  ]) {
    await chain.gas(payer, router, 'flush', [1n, asset]);
    await pay();
    await chain.skip(3_600);
    gas[name] = await chain.gas(payer, router, 'flush', [1n, asset]);
  }
  return gas;
}

function family(assets, lineage) {
  return { name: 'digits', operatorBps: 2_000, publisherBps: 1_000, holdersFloorBps: 5_000, lineage, assets };
}

function version(familyId) {
  return {
    familyId,
    fileHash: `0x${'11'.repeat(32)}`,
    modelRoot: zeroHash,
    weightsRoot: `0x${'22'.repeat(32)}`,
    metadataHash: `0x${'33'.repeat(32)}`,
    metadataURI: `ipfs://${'b'.repeat(59)}`,
    licence: 'Apache-2.0',
    io: { minInput: 784, maxInput: 784, minOutput: 48, maxOutput: 48, context: 0 },
    prices: [{ asset: ETH, amount: 10n ** 15n }],
  };
}

function tokenConfig(assets, publisher) {
  return {
    name: 'Digits',
    symbol: 'DIG',
    supply: 10n ** 27n,
    claimableBps: 8_000,
    streamPeriod: 604_800,
    snapshotInterval: 86_400,
    distributor: publisher,
    publisher,
    assets,
    nonSharing: [],
  };
}
