// Gas of an offering, whole transactions: created by its publisher, committed to, settled, claimed, released, exited.
import {
  concat,
  encodeAbiParameters,
  getContractAddress,
  keccak256,
  size,
  sliceHex,
  zeroAddress,
  zeroHash,
} from 'viem';
import { artifact, withChain } from './chain.mjs';

const E18 = 10n ** 18n;
const DAY = 86_400;
const SALE = 'src/offering/FixedPriceOffering.sol:FixedPriceOffering';
const TOKEN = 'src/token/ModelToken.sol:ModelToken';
/** Init code of a data contract, as in DataContract.sol. */
const LOADER = '0x600b5981380380925939f300';
const MAX_DATA = 24_575;
const PROBE = 10_000n;
const REGISTRY_PARAMETERS = {
  priceDelay: 2 * DAY,
  priceBoundPeriod: 7 * DAY,
  maxOperatorBps: 5_000,
  maxLineageBps: 5_000,
  minHoldersBps: 2_000,
  protocolBps: 200,
  attestingOperators: 3,
};
const LIMITS = {
  minStreamPeriod: DAY,
  snapshotInterval: DAY,
  minLiquidityLock: 180 * DAY,
  uncommitCutoff: DAY,
  exitWindow: 7 * DAY,
  revenueHold: DAY,
  minDuration: 3 * DAY,
  maxDuration: 90 * DAY,
};

/** About 2% above what was measured when the contracts were written: to notice a change. */
const BARS = {
  'offering.create': 4_700_000,
  'commit.eth.first': 91_000,
  'commit.eth.again': 50_500,
  'commit.erc20.first': 119_500,
  'uncommit.eth': 55_500,
  'settle.proRata': 204_000,
  'claimTokensFor.withRefund': 110_000,
  'releaseTranche.eth': 58_500,
  'exit.eth': 118_500,
  'settleAtLevel.perBuyer': 4_850,
};

/** @returns {Promise<{ name: string, gas: number, bar: number | null, peers: Record<string, number> }[]>} */
export async function rows() {
  return withChain(async (chain) => {
    const stage = await deploy(chain);
    const measured = { ...(await proRata(chain, stage)), ...(await smallestFirst(chain, stage)) };
    return Object.entries(BARS).map(([name, bar]) => ({ name, gas: measured[name], bar, peers: {} }));
  });
}

async function deploy(chain) {
  const [publisher, treasury, team] = await Promise.all(
    ['publisher', 'treasury', 'team'].map((name) => chain.account(name)),
  );
  const offeringImplementation = await chain.deploy(publisher, SALE);
  const escrowImplementation = await chain.deploy(publisher, 'src/offering/VestingEscrow.sol:VestingEscrow');
  const code = artifact(TOKEN).bytecode;
  const [tokenCodeHead, tokenCodeTail] = await storeCode(chain, publisher, code);
  const nonce = await chain.public.getTransactionCount({ address: publisher.account.address });
  const predicted = getContractAddress({ from: publisher.account.address, nonce: BigInt(nonce + 1) });
  const registry = await chain.deploy(publisher, 'src/registry/ModelRegistry.sol:ModelRegistry', [
    REGISTRY_PARAMETERS,
    predicted,
    publisher.account.address,
  ]);
  const factory = await chain.deploy(publisher, 'src/offering/OfferingFactory.sol:OfferingFactory', [
    registry.address,
    {
      offeringImplementation: offeringImplementation.address,
      escrowImplementation: escrowImplementation.address,
      tokenCodeHead,
      tokenCodeTail,
      tokenCodeHash: keccak256(code),
    },
    LIMITS,
    PROBE,
    [],
  ]);
  const dollar = await chain.deploy(publisher, 'test/support/TestERC20.sol:TestERC20', ['USD', 6]);
  return { publisher, treasury, team, registry, factory, dollar };
}

/** A sale over its cap by ETH, and one commitment in an ERC-20. */
async function proRata(chain, stage) {
  const { publisher, dollar, factory } = stage;
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((name) => chain.account(name)));
  const gas = {};
  const sale = await create(chain, stage, {});
  gas['offering.create'] = sale.gas;
  const commit = (buyer, ether) => chain.gas(buyer, sale, 'commit', [ether * E18, 0n, []], ether * E18);
  await commit(bob, 100n);
  gas['commit.eth.first'] = await commit(alice, 200n);
  gas['commit.eth.again'] = await commit(alice, 10n);
  gas['uncommit.eth'] = await chain.gas(alice, sale, 'uncommit', [10n * E18, alice.account.address]);
  await chain.skip(7 * DAY);
  gas['settle.proRata'] = await chain.gas(bob, sale, 'settle');
  await chain.gas(bob, sale, 'claimTokensFor', [bob.account.address]);
  gas['claimTokensFor.withRefund'] = await chain.gas(bob, sale, 'claimTokensFor', [alice.account.address]);
  gas['releaseTranche.eth'] = await chain.gas(bob, sale, 'releaseTranche', [0n]);
  await chain.skip(24 * DAY);
  const token = { address: await chain.read(sale, 'token'), abi: artifact(TOKEN).abi };
  await chain.gas(alice, token, 'approve', [sale.address, 2n ** 256n - 1n]);
  const exit = () => chain.gas(alice, sale, 'exit', [E18, alice.account.address]);
  await exit();
  gas['exit.eth'] = await exit();

  await chain.gas(publisher, dollar, 'mint', [publisher.account.address, PROBE]);
  await chain.gas(publisher, dollar, 'approve', [factory.address, PROBE]);
  const inDollars = await create(chain, stage, { currency: dollar.address });
  for (const buyer of [alice, bob]) {
    await chain.gas(buyer, dollar, 'mint', [buyer.account.address, E18]);
    await chain.gas(buyer, dollar, 'approve', [inDollars.address, E18]);
    gas['commit.erc20.first'] = await chain.gas(buyer, inDollars, 'commit', [10n ** 6n, 0n, []]);
  }
  return gas;
}

/** What one more buyer adds to the walk: the difference between a page of twenty and a page of ten. */
async function smallestFirst(chain, stage) {
  const buyers = await Promise.all(Array.from({ length: 40 }, (_, i) => chain.account(`listed ${i}`)));
  const sale = await create(chain, stage, { allowList: buyers.map(({ account }) => account.address) });
  for (const [i, buyer] of buyers.entries()) {
    await chain.gas(buyer, sale, 'commit', [10n * E18, 10n * E18, sale.proofs[i]], 10n * E18);
  }
  await chain.skip(7 * DAY);
  // 150 ETH for forty equal commitments. The first page also writes the walk anew.
  const level = (150n * E18) / 40n;
  const page = (steps) => chain.gas(buyers[0], sale, 'settleAtLevel', [level, steps]);
  await page(5n);
  const ten = await page(10n);
  const twenty = await page(20n);
  return { 'settleAtLevel.perBuyer': Math.round((twenty - ten) / 10) };
}

async function create(chain, { publisher, treasury, team, registry, factory }, { currency = zeroAddress, allowList }) {
  await chain.gas(publisher, registry, 'registerFamily', [
    {
      name: 'OpenLM',
      operatorBps: 2_000,
      publisherBps: 1_000,
      holdersFloorBps: 5_000,
      lineage: [],
      assets: [],
    },
  ]);
  const familyId = await chain.read(registry, 'familyCount');
  const address = await chain.read(factory, 'predictOffering', [familyId]);
  const tree = allowList && allowListTree(await chain.public.getChainId(), address, allowList, 10n * E18);
  const { timestamp } = await chain.public.getBlock();
  const [softCap, hardCap] =
    currency === zeroAddress ? [50n * E18, 150n * E18] : [50_000n * 10n ** 6n, 150_000n * 10n ** 6n];
  const params = {
    familyId,
    token: { name: 'OpenLM', symbol: 'OLM', supply: 10n ** 27n, claimableBps: 8_000, streamPeriod: 7 * DAY },
    allocation: {
      offered: 5n * 10n ** 26n,
      liquidity: 3n * 10n ** 26n,
      liquidityRecipient: team.account.address,
      liquidityLock: 180 * DAY,
      grants: [
        { beneficiary: publisher.account.address, amount: 10n ** 26n, cliff: 0, duration: 90 * DAY },
        { beneficiary: team.account.address, amount: 10n ** 26n, cliff: 90 * DAY, duration: 360 * DAY },
      ],
    },
    sale: {
      currency,
      softCap,
      hardCap,
      walletCap: 0n,
      allowListRoot: tree?.root ?? zeroHash,
      oversubscription: tree ? 1 : 0,
      opensAt: 0,
      closesAt: Number(timestamp) + 7 * DAY,
      fundsRecipient: treasury.account.address,
      tranches: [
        { delay: 0, bps: 5_000 },
        { delay: 30 * DAY, bps: 2_500 },
        { delay: 60 * DAY, bps: 2_500 },
      ],
    },
  };
  const hash = await publisher.writeContract({ ...factory, functionName: 'create', args: [params], gas: 16_000_000n });
  const { gasUsed, status } = await chain.receipt(hash);
  if (status !== 'success') throw new Error('create reverted');
  return { address, abi: artifact(SALE).abi, gas: Number(gasUsed), proofs: tree?.proofs };
}

/** The creation code in data contracts of at most 24,575 bytes, at most two. */
async function storeCode(chain, wallet, code) {
  const pointers = [];
  for (let from = 0; from < size(code); from += MAX_DATA) {
    const part = sliceHex(code, from, Math.min(from + MAX_DATA, size(code)));
    const hash = await wallet.sendTransaction({ data: concat([LOADER, part]) });
    pointers.push((await chain.receipt(hash)).contractAddress);
  }
  return [pointers[0], pointers[1] ?? zeroAddress];
}

/** Pairs are sorted and hashed, an odd last node moves up unchanged. */
function allowListTree(chainId, sale, accounts, cap) {
  const types = ['uint256', 'address', 'address', 'uint256'].map((type) => ({ type }));
  let nodes = accounts.map((account) =>
    keccak256(keccak256(encodeAbiParameters(types, [BigInt(chainId), sale, account, cap]))),
  );
  const proofs = accounts.map(() => []);
  const positions = accounts.map((_, i) => i);
  while (nodes.length > 1) {
    for (const [i, position] of positions.entries()) {
      const sibling = nodes[position ^ 1];
      if (sibling) proofs[i].push(sibling);
      positions[i] = position >> 1;
    }
    nodes = Array.from({ length: Math.ceil(nodes.length / 2) }, (_, i) => {
      const pair = nodes.slice(2 * i, 2 * i + 2).sort();
      return pair.length === 2 ? keccak256(concat(pair)) : pair[0];
    });
  }
  return { root: nodes[0], proofs };
}
