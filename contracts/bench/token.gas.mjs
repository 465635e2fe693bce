// Gas of ModelToken, whole transactions, against the bars of its design and against its peers in the same run.
import { parseSignature, zeroAddress } from 'viem';
import { withChain } from './chain.mjs';

const E18 = 10n ** 18n;
const DAY = 86_400;
const PEERS = 'test/token/peers/Peers.sol';
const ETH = zeroAddress;

const BARS = {
  'transfer.oneAsset': 37_500,
  'transfer.twoAssets': 50_500,
  'transfer.furtherAsset': 13_000,
  // Missed: set before a first receipt had to look whether the receiver has code, which is one cold account, 2,600 gas.
  'transfer.newHolder': 55_500,
  'transfer.acrossBoundary': 47_500,
  transferFrom: 43_500,
  'transfer.afterMark': 83_000,
  'transfer.afterMark.twoAssets': 95_500,
  claimAll: 51_500,
  'claim.next': 66_000,
  'claim.first': 97_000,
  'notifyRevenue.eth': 49_000,
  'notifyRevenue.erc20': 67_000,
  snapshot: 68_000,
  burn: 64_000,
  'permit.again': 42_000,
};

/** @returns {Promise<{ name: string, gas: number, bar: number | null, peers: Record<string, number> }[]>} */
export async function rows() {
  return withChain(async (chain) => {
    const people = Object.fromEntries(
      await Promise.all(
        ['sale', 'publisher', 'payer', 'pool', 'alice', 'bob', 'carol', 'spender'].map(async (name) => [
          name,
          await chain.account(name),
        ]),
      ),
    );
    const measured = { ...(await eth(chain, people)), ...(await ethAndDollars(chain, people)) };
    const peers = await peerRows(chain, people);
    return Object.entries(BARS).map(([name, bar]) => ({ name, gas: measured[name], bar, peers: peers[name] ?? {} }));
  });
}

/** A token in the middle of its life: holders with history, a running stream, revenue of `assets` besides ETH. */
async function tokenWith(chain, people, assets) {
  const { sale, publisher, payer, pool, alice, bob } = people;
  const token = await chain.deploy(sale, 'src/token/ModelToken.sol:ModelToken', [
    {
      name: 'Model',
      symbol: 'MDL',
      supply: 10n ** 27n,
      claimableBps: 8_000,
      streamPeriod: 7 * DAY,
      snapshotInterval: DAY,
      distributor: sale.account.address,
      publisher: publisher.account.address,
      assets: assets.map(({ address }) => address),
      nonSharing: [pool.account.address],
    },
  ]);
  for (const asset of assets) await chain.gas(payer, asset, 'approve', [token.address, 2n ** 256n - 1n]);
  await chain.gas(sale, token, 'transfer', [alice.account.address, 4n * 10n ** 26n]);
  await chain.gas(sale, token, 'transfer', [bob.account.address, 4n * 10n ** 26n]);
  await chain.gas(sale, token, 'transfer', [pool.account.address, 10n ** 26n]);
  await chain.gas(sale, token, 'openRevenue', [0n]);
  await chain.gas(payer, token, 'notifyRevenue', [ETH, 10n * E18], 10n * E18);
  for (const asset of assets) await chain.gas(payer, token, 'notifyRevenue', [asset.address, 10n ** 10n]);
  await chain.skip(DAY);
  await chain.gas(alice, token, 'transfer', [bob.account.address, E18]);
  await chain.skip(3_600);
  await chain.gas(bob, token, 'transfer', [alice.account.address, 2n * E18]);
  await chain.gas(pool, token, 'transfer', [alice.account.address, E18]);
  await chain.skip(3_600);
  return token;
}

async function eth(chain, people) {
  const { sale, payer, pool, alice, bob, carol, spender } = people;
  const token = await tokenWith(chain, people, []);
  const to = ({ account }, amount = E18) => [account.address, amount];
  const gas = {};

  gas['transfer.oneAsset'] = await chain.gas(alice, token, 'transfer', to(bob));
  gas['transfer.newHolder'] = await chain.gas(alice, token, 'transfer', to(carol));
  gas['transfer.acrossBoundary'] = Math.max(
    await chain.gas(alice, token, 'transfer', to(pool)),
    await chain.gas(pool, token, 'transfer', to(alice)),
  );
  await chain.gas(alice, token, 'approve', to(spender, 10n ** 24n));
  gas.transferFrom = await chain.gas(spender, token, 'transferFrom', [alice.account.address, ...to(bob)]);
  await chain.gas(bob, token, 'burn', [E18]);
  await chain.skip(3_600);
  gas.burn = await chain.gas(bob, token, 'burn', [E18]);
  gas['notifyRevenue.eth'] = await chain.gas(payer, token, 'notifyRevenue', [ETH, E18], E18);

  await chain.gas(sale, token, 'snapshot');
  await chain.skip(3_600);
  gas['transfer.afterMark'] = await chain.gas(alice, token, 'transfer', to(bob));
  await chain.skip(DAY);
  gas.snapshot = await chain.gas(sale, token, 'snapshot');
  await chain.skip(3_600);
  gas['claim.first'] = await chain.gas(bob, token, 'claim', [1n]);
  gas['claim.next'] = await chain.gas(bob, token, 'claim', [2n]);

  // Everything at once, whatever came before: the first time, again, after one more mark, after many, and after claims by mark.
  const claims = [];
  const claimAll = async (who) => claims.push(await chain.gas(who, token, 'claimAll', [who.account.address]));
  await claimAll(alice);
  await chain.skip(3_600);
  await claimAll(alice);
  for (let mark = 0; mark < 20; ++mark) {
    await chain.skip(DAY);
    await chain.gas(sale, token, 'snapshot');
    await chain.gas(alice, token, 'transfer', to(carol));
    if (mark % 19 === 0) await claimAll(alice);
    if (mark % 3 === 0) await chain.gas(payer, token, 'notifyRevenue', [ETH, 10n * E18], 10n * E18);
  }
  await chain.skip(3_600);
  await claimAll(alice);
  await claimAll(carol);
  gas.claimAll = Math.max(...claims);

  gas['permit.again'] = await secondPermit(chain, token, alice, spender, 'Model');
  return gas;
}

async function ethAndDollars(chain, people) {
  const { sale, payer, alice, bob } = people;
  const assets = [];
  for (const decimals of [6, 18]) {
    assets.push(await chain.deploy(payer, `${PEERS}:PlainDollar`, [decimals]));
  }
  const one = await tokenWith(chain, people, assets.slice(0, 1));
  const two = await tokenWith(
    chain,
    people,
    assets.map((asset) => asset),
  );
  const gas = {};
  const transfer = (token) => chain.gas(alice, token, 'transfer', [bob.account.address, E18]);
  // The second asset must have streamed something visible, or its correction would not be written.
  await chain.gas(payer, two, 'notifyRevenue', [assets[1].address, 10n ** 22n]);
  await chain.skip(3_600);
  await transfer(two);
  await chain.skip(3_600);
  gas['transfer.twoAssets'] = await transfer(one);
  gas['transfer.furtherAsset'] = (await transfer(two)) - gas['transfer.twoAssets'];
  gas['notifyRevenue.erc20'] = await chain.gas(payer, one, 'notifyRevenue', [assets[0].address, 10n ** 9n]);
  await chain.gas(sale, one, 'snapshot');
  await chain.skip(3_600);
  gas['transfer.afterMark.twoAssets'] = await transfer(one);
  return gas;
}

async function peerRows(chain, people) {
  const { sale, payer, alice, bob, carol, spender } = people;
  const rows = {};
  const note = (row, peer, gas) => ((rows[row] ??= {})[peer] = gas);
  const hold = async (token) => {
    for (const holder of [alice, bob]) {
      await chain.gas(sale, token, 'transfer', [holder.account.address, 10n ** 26n]);
    }
  };
  const transfer = (token, receiver = bob) => chain.gas(alice, token, 'transfer', [receiver.account.address, E18]);
  const transferFrom = async (token) => {
    await chain.gas(alice, token, 'approve', [spender.account.address, 10n ** 24n]);
    return chain.gas(spender, token, 'transferFrom', [alice.account.address, bob.account.address, E18]);
  };

  for (const [peer, contract, name] of [
    ['openzeppelin.erc20', 'PlainErc20', 'Plain'],
    ['solady.erc20', 'SoladyErc20', 'Solady'],
  ]) {
    const token = await chain.deploy(sale, `${PEERS}:${contract}`);
    await hold(token);
    note('transfer.oneAsset', peer, await transfer(token));
    note('transfer.newHolder', peer, await transfer(token, carol));
    note('transferFrom', peer, await transferFrom(token));
    note('permit.again', peer, await secondPermit(chain, token, alice, spender, name));
  }

  const funds = await chain.deploy(sale, `${PEERS}:Erc2222`);
  await hold(funds);
  await chain.gas(payer, funds, 'distribute', [], 10n * E18);
  await transfer(funds);
  note('notifyRevenue.eth', 'erc2222', await chain.gas(payer, funds, 'distribute', [], 10n * E18));
  note('transfer.oneAsset', 'erc2222', await transfer(funds));
  note('transfer.newHolder', 'erc2222', await transfer(funds, carol));
  await chain.gas(alice, funds, 'claim');
  await chain.gas(payer, funds, 'distribute', [], 10n * E18);
  note('claimAll', 'erc2222', await chain.gas(alice, funds, 'claim'));

  const reward = await chain.deploy(payer, `${PEERS}:PlainDollar`, [6]);
  const staked = await chain.deploy(sale, `${PEERS}:SynthetixHook`, [reward.address]);
  await chain.gas(payer, reward, 'approve', [staked.address, 2n ** 256n - 1n]);
  await hold(staked);
  await chain.gas(payer, staked, 'notifyReward', [10n ** 10n]);
  await chain.skip(3_600);
  await transfer(staked);
  await chain.skip(3_600);
  note('notifyRevenue.erc20', 'synthetix', await chain.gas(payer, staked, 'notifyReward', [10n ** 10n]));
  await chain.skip(3_600);
  note('transfer.oneAsset', 'synthetix', await transfer(staked));

  const reference = await chain.deploy(sale, `${PEERS}:ReferenceErc7641`);
  await hold(reference);
  await chain.pay(payer, reference.address, 10n * E18);
  await chain.gas(sale, reference, 'snapshot');
  note('transfer.afterMark', 'erc7641.reference', await transfer(reference));
  note('transfer.oneAsset', 'erc7641.reference', await transfer(reference));
  await chain.pay(payer, reference.address, 10n * E18);
  note('snapshot', 'erc7641.reference', await chain.gas(sale, reference, 'snapshot'));
  await chain.pay(payer, reference.address, 10n * E18);
  note('claim.first', 'erc7641.reference', await chain.gas(alice, reference, 'claim', [1n]));
  note('claim.next', 'erc7641.reference', await chain.gas(alice, reference, 'claim', [2n]));
  await chain.gas(bob, reference, 'burn', [E18]);
  await chain.gas(sale, reference, 'snapshot');
  await chain.pay(payer, reference.address, 10n * E18);
  note('burn', 'erc7641.reference', await chain.gas(bob, reference, 'burn', [E18]));
  const ids = [];
  for (let id = 3n; id < 14n; ++id) {
    if (id > 3n) await chain.gas(sale, reference, 'snapshot');
    await chain.pay(payer, reference.address, E18);
    ids.push(id);
  }
  note('claimAll', 'erc7641.reference.11', await chain.gas(bob, reference, 'claimBatch', [ids]));
  return rows;
}

/** The second permit of an owner for a spender: every word it writes is already there. */
async function secondPermit(chain, token, owner, spender, name) {
  const deadline = 2n ** 40n;
  let gas;
  for (const value of [7n * E18, 5n * E18]) {
    const message = {
      owner: owner.account.address,
      spender: spender.account.address,
      value,
      nonce: await chain.read(token, 'nonces', [owner.account.address]),
      deadline,
    };
    const fields = ['owner address', 'spender address', 'value uint256', 'nonce uint256', 'deadline uint256'];
    const signature = await owner.signTypedData({
      domain: { name, version: '1', chainId: owner.chain.id, verifyingContract: token.address },
      types: { Permit: fields.map((field) => field.split(' ')).map(([field, type]) => ({ name: field, type })) },
      primaryType: 'Permit',
      message,
    });
    const { r, s, v, yParity } = parseSignature(signature);
    const recovery = Number(v ?? BigInt(yParity) + 27n);
    gas = await chain.gas(spender, token, 'permit', [message.owner, message.spender, value, deadline, recovery, r, s]);
  }
  return gas;
}
