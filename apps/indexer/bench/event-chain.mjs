// A local chain whose blocks have a given number of our events each: transfers between holders of a token whose sale has
// settled, revenue arriving, and holders being paid.
import { fixedPriceOfferingAbi, modelTokenAbi } from '@openimo/contracts';
import { concat, encodeFunctionData, pad, parseEther, toHex, zeroAddress } from 'viem';
import { Story, TestChain } from '@openimo/testing';

/** 100 events: one payment of revenue, this many claims, and the rest transfers. */
const CLAIMS_PER_100 = 4;
const HOLDERS = 2_000;
const RECORD_BYTES = 160;
const CALL_BYTES = 100;

/**
 * Calls a target with 100 bytes, for every record of 160 bytes in its calldata: an address in 32 bytes, then the call, then
 * nothing. By hand, because it is smaller than what a compiler would need to be asked for.
 */
const MULTICALL_CODE = concat([
  '0x5f5b', // i = 0; loop:
  '0x36811015602557', // end if i >= calldatasize
  '0x6064816020015f37', // copy 100 bytes from i + 32
  '0x5f5f60645f5f8535', // (0, 0) out, (0, 100) in, no value, target at i
  '0x5af115602757', // call with all gas, revert if it failed
  '0x60a001600156', // i += 160
]);

export async function buildEventChain({ events, eventsPerBlock }) {
  const chain = await TestChain.start({ args: ['--gas-limit', '1000000000', '--prune-history', '70'] });
  const story = new Story(chain);
  await story.publish();
  await story.serve();
  const sale = await story.offer(2n);
  await chain.passSeconds(6);
  await story.commit('alice', sale, '9');
  await story.commit('bob', sale, '1');
  await chain.passSeconds(40);
  for (const [name, args] of [
    ['settle', []],
    ['claimTokensFor', [chain.addressOf('alice')]],
  ]) {
    await chain.do('carol', sale.offering, fixedPriceOfferingAbi, name, args);
  }
  await chain.passSeconds(20);
  const rpc = jsonRpc(chain.anvil.rpcUrl);
  const { contractAddress: multicall } = await chain.send('carol', null, creationCode(MULTICALL_CODE));
  const holders = Array.from({ length: HOLDERS }, (_, i) => pad(toHex(i + 0x10_0000), { size: 20 }));
  const { token } = sale;
  await rpc(
    [chain.addressOf('alice'), ...holders].map((owner) => [
      'anvil_setERC20Allowance',
      [owner, multicall, token, toHex(2n ** 255n)],
    ]),
  );

  const transferFrom = (from, to, amount) =>
    record(token, encodeFunctionData({ abi: modelTokenAbi, functionName: 'transferFrom', args: [from, to, amount] }));
  const claimFor = (account) =>
    record(token, encodeFunctionData({ abi: modelTokenAbi, functionName: 'claimFor', args: [account] }));
  const sender = chain.addressOf('developer');
  await rpc([
    ['anvil_setAutomine', [false]],
    ['anvil_setBalance', [sender, toHex(parseEther('1000000'))]],
  ]);
  const first = await chain.client.getBlockNumber();

  // Everybody gets some, then tokens go round.
  const endow = holders.map((holder) => transferFrom(chain.addressOf('alice'), holder, parseEther('0.01')));
  let turn = 0;
  const nextTransfer = () => {
    const from = (turn * 7) % HOLDERS;
    const to = (turn * 13 + 1) % HOLDERS;
    turn++;
    if (turn <= endow.length) return endow[turn - 1];
    return transferFrom(holders[from], holders[to === from ? (to + 1) % HOLDERS : to], BigInt(1 + (turn % 1_000)));
  };
  const notify = encodeFunctionData({
    abi: modelTokenAbi,
    functionName: 'notifyRevenue',
    args: [zeroAddress, 10n ** 15n],
  });
  const blocks = Math.ceil(events / eventsPerBlock);
  const withRevenue = eventsPerBlock >= 100;
  let nonce = await chain.client.getTransactionCount({ address: sender });
  for (let done = 0; done < blocks; done++) {
    const claims = withRevenue && turn > HOLDERS ? CLAIMS_PER_100 : 0;
    const transfers = eventsPerBlock - claims - (withRevenue ? 1 : 0);
    const data = concat([
      ...Array.from({ length: transfers }, nextTransfer),
      ...Array.from({ length: claims }, (_, n) => claimFor(holders[(done * claims + n) % HOLDERS])),
    ]);
    const sent = () => ({ from: sender, gas: toHex(100_000_000n), nonce: toHex(nonce++) });
    // The node takes the calls of a batch in any order.
    await rpc([
      ['eth_sendTransaction', [{ ...sent(), to: multicall, data }]],
      ...(withRevenue
        ? [['eth_sendTransaction', [{ ...sent(), to: token, data: notify, value: toHex(10n ** 15n) }]]]
        : []),
    ]);
    await rpc([['evm_mine', []]]);
  }
  const last = await chain.client.getBlockNumber();
  const logs = await rpc([['eth_getLogs', [{ address: token, fromBlock: toHex(last), toBlock: toHex(last) }]]]);
  if (logs[0].length !== eventsPerBlock)
    throw new Error(`the last block has ${logs[0].length} events, not ${eventsPerBlock}`);
  return { chain, first, last };
}

function creationCode(runtime) {
  const rest = '0x5b005b5f5ffd'; // end: stop; failed: revert
  const code = concat([runtime, rest]);
  const size = (code.length - 2) / 2;
  return concat(['0x60', toHex(size, { size: 1 }), '0x8060095f395ff3', code]);
}

function record(target, call) {
  const padded = call.padEnd(2 + CALL_BYTES * 2, '0');
  return concat([pad(target, { size: 32 }), padded]).padEnd(2 + RECORD_BYTES * 2, '0');
}

export function jsonRpc(url) {
  return async (calls) => {
    const results = [];
    for (let at = 0; at < calls.length; at += 200) {
      const body = calls.slice(at, at + 200).map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }));
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answers = await response.json();
      for (const answer of answers) {
        if (answer.error) throw new Error(`${body[answer.id].method}: ${answer.error.message}`);
        results[at + answer.id] = answer.result;
      }
    }
    return results;
  };
}
