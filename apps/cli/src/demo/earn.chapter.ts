import { inferenceOracleAbi, modelTokenAbi, revenueRouterAbi } from '@openimo/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import { type Address, parseEventLogs, zeroAddress } from 'viem';
import type { Session } from '../session/session.js';
import { until } from '../session/until.js';
import { duration, eth, gas, tokens } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import type { Answered } from './ask.chapter.js';
import type { SoldToken } from './offer.chapter.js';
import type { Figures } from './figures.js';
import type { PublishedPair } from './publish.chapter.js';
import { HOLDING, REQUEST } from './queries.js';

export interface Earned {
  /** Wei holders claimed, and wei a burn redeemed. */
  claimed: bigint;
  redeemed: bigint;
  /** Wei the unanswered request got back: fee and prepaid gas. */
  refunded: bigint;
}

const ETH = zeroAddress;
const FINAL = 3;
const REFUNDED = 4;
const READINGS = 4;
const READING_SECONDS = 4;
const REDEEMED_PART = 10n;

/** Answers become final, fees go down the waterfall, the holders' part streams; they claim, and one redeems. */
export async function earn(
  session: Session,
  output: Output,
  figures: Figures,
  { served }: PublishedPair,
  sold: SoldToken,
  answered: Answered,
): Promise<Earned> {
  output.heading('4  Final answers, and what they earn');
  const { inferenceOracle, revenueRouter } = session.deployment.addresses;
  const { oracle } = session.deployment.parameters;
  const readRequest = (requestId: bigint) =>
    session.client.readContract({
      address: inferenceOracle,
      abi: inferenceOracleAbi,
      functionName: 'request',
      args: [requestId],
    });

  await output.step(
    'The dispute window runs',
    async (progress) => {
      const count = await until(
        'all answers to be final',
        async () => {
          const requests = await Promise.all(answered.requestIds.map(readRequest));
          const final = requests.filter(({ status }) => status === FINAL).length;
          progress(
            `The dispute window of ${duration(oracle.safeWindow)} runs; operators then finalize and call back: ${final} of ${requests.length}`,
          );
          return final;
        },
        (final) => final === answered.requestIds.length,
        { timeoutMs: (oracle.safeWindow + 60) * 1000 },
      );
      let told = 0;
      for (const requestId of answered.requestIds) {
        const { request } = await figures.read(REQUEST, { requestId });
        if (request.status === 'FINAL' && request.callbacks.some(({ succeeded }) => succeeded)) told++;
      }
      return figures.check('final answers', told, count);
    },
    (final) => `${final} answers are final, delivered to the client contract, and paid`,
  );
  const refunded = await output.step(
    'The unanswered request times out',
    async () => {
      await until(
        'the refund',
        () => readRequest(answered.unansweredId),
        ({ status }) => status === REFUNDED,
        {
          timeoutMs: (oracle.requestDeadline + 60) * 1000,
        },
      );
      const [log] = await session.client.getContractEvents({
        address: inferenceOracle,
        abi: inferenceOracleAbi,
        eventName: 'RequestRefunded',
        args: { requestId: answered.unansweredId },
        fromBlock: session.deployment.startBlock,
      });
      const { request: told } = await figures.read(REQUEST, { requestId: answered.unansweredId });
      figures.check('the unanswered request', told.status, 'REFUNDED');
      return figures.check('its refund', told.fee + told.gasPrepaid, log!.args.fee! + log!.args.gasPrepaid!);
    },
    (amount) => `The request nobody could answer is refunded: ${eth(amount)}, fee and gas`,
  );

  await output.step(
    "The holders' part is passed on to the token",
    async () => {
      const pending = await session.client.readContract({
        address: revenueRouter,
        abi: revenueRouterAbi,
        functionName: 'holdersPending',
        args: [served.familyId, ETH],
      });
      // An operator may have been first: passing it on is anybody's to do.
      if (pending === 0n) return 0n;
      const receipt = await session
        .actor('developer')
        .write({ address: revenueRouter, abi: revenueRouterAbi, functionName: 'flush', args: [served.familyId, ETH] });
      return receipt.gasUsed;
    },
    (used) =>
      used === 0n
        ? "An operator has passed the holders' part on to the token"
        : `The holders' part is in the token (${gas(used)})`,
  );

  output.heading('5  Revenue streams to whoever holds the token');
  await watchStream(session, output, figures, sold);

  let claimed = 0n;
  for (const buyer of sold.buyers) {
    claimed += await output
      .step(
        `${buyer} claims`,
        async () => {
          const actor = session.actor(buyer);
          const receipt = await actor.write({
            address: sold.token,
            abi: modelTokenAbi,
            functionName: 'claimAll',
            args: [actor.address],
          });
          const events = parseEventLogs({ abi: modelTokenAbi, logs: receipt.logs, eventName: 'RevenueClaimed' });
          const actual = events.reduce((sum, { args }) => sum + args.amount, 0n);
          const { paid } = await readHolding(figures, sold, actor.address);
          return { amount: figures.check(`what ${buyer} claimed`, paid.claimed, actual), used: receipt.gasUsed };
        },
        ({ amount, used }) => `${buyer} claims ${eth(amount)} (${gas(used)})`,
      )
      .then(({ amount }) => amount);
  }

  const redeemer = session.actor(sold.buyers.at(-1)!);
  const redeemed = await output.step(
    'A holder redeems',
    async () => {
      const balance = await session.client.readContract({
        address: sold.token,
        abi: modelTokenAbi,
        functionName: 'balanceOf',
        args: [redeemer.address],
      });
      const burned = balance / REDEEMED_PART;
      const receipt = await redeemer.write({
        address: sold.token,
        abi: modelTokenAbi,
        functionName: 'burn',
        args: [burned],
      });
      const [event] = parseEventLogs({ abi: modelTokenAbi, logs: receipt.logs, eventName: 'Redeemed' });
      const { paid } = await readHolding(figures, sold, redeemer.address);
      const amount = figures.check('what was redeemed', paid.redeemed, event?.args.amount ?? 0n);
      return { burned, amount, used: receipt.gasUsed };
    },
    ({ burned, amount, used }) =>
      `${redeemer.name} burns ${tokens(burned)} DIGIT for ${eth(amount)} of the redemption pool (${gas(used)})`,
  );
  return { claimed, redeemed: redeemed.amount, refunded };
}

/** Of the token's ETH. */
async function readHolding(figures: Figures, { token }: SoldToken, holder: Address) {
  const { holding } = (await figures.read(HOLDING, { token, holder })).token;
  const isEth = ({ asset }: { asset: string }) => asset === ETH;
  return {
    claimable: holding.claimable.find(isEth)?.amount ?? 0n,
    paid: holding.paid.find(isEth) ?? { claimed: 0n, redeemed: 0n },
  };
}

async function watchStream(session: Session, output: Output, figures: Figures, sold: SoldToken): Promise<void> {
  const [first] = sold.buyers;
  const holder = session.actor(first!).address;
  const contract = { address: sold.token, abi: modelTokenAbi } as const;
  const accruedNow = () =>
    session.client.readContract({ ...contract, functionName: 'accruedRevenue', args: [holder, ETH] });
  await until('the stream to run', accruedNow, (accrued) => accrued > 0n);
  for (let reading = 0; reading < READINGS; reading++) {
    const before = await accruedNow();
    const { claimable } = await readHolding(figures, sold, holder);
    const after = await accruedNow();
    // A block may come in between, and what accrues only grows: on the chain it lies between the two.
    figures.check('claimable now', claimable >= before && claimable <= after ? 'exact' : `${claimable}`, 'exact');
    const [unstreamed, perSecond] = await session.client.readContract({
      ...contract,
      functionName: 'streamOf',
      args: [ETH],
    });
    output.line(
      `${first} can claim ${eth(claimable)}; ${eth(perSecond)} a second streams, ${eth(unstreamed)} still to come`,
    );
    if (reading < READINGS - 1) await pause(READING_SECONDS * 1000);
  }
}
