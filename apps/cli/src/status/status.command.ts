import {
  inferenceOracleAbi,
  modelRegistryAbi,
  modelTokenAbi,
  operatorRegistryAbi,
  revenueRouterAbi,
} from '@openimo/contracts';
import { zeroAddress } from 'viem';
import { tierOf } from '../model/tier.js';
import type { Session } from '../session/session.js';
import { eth, tokens } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { healthOf } from './health.js';

const ETH = zeroAddress;
const STATUSES = ['none', 'open', 'asserted', 'final', 'refunded'] as const;
const SHOWN_REQUESTS = 8;

/** Who serves, what is published, what was asked and what it earned. */
export async function status(session: Session, output: Output): Promise<void> {
  const { client, deployment } = session;
  const registry = { address: deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;
  const oracle = { address: deployment.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;

  const block = await client.getBlock();
  output.heading('Chain');
  output.fact('block', `${block.number}, ${new Date(Number(block.timestamp) * 1000).toLocaleTimeString()}`);

  output.heading('Operators');
  for (const { name, address, httpPort } of session.record.operators) {
    const [stake, health] = await Promise.all([
      client.readContract({
        address: deployment.addresses.operatorRegistry,
        abi: operatorRegistryAbi,
        functionName: 'operator',
        args: [address],
      }),
      healthOf(httpPort),
    ]);
    output.fact(
      name,
      `${eth(stake.stake)} staked, ${eth(stake.locked)} locked under answers, ${stake.enrolments} versions, ${health}`,
    );
  }

  output.heading('Models');
  const versions = await client.readContract({ ...registry, functionName: 'versionCount' });
  for (let versionId = 1n; versionId <= versions; versionId++) {
    const version = await client.readContract({ ...registry, functionName: 'version', args: [versionId] });
    const [family, tier, duplicateOf, price] = await Promise.all([
      client.readContract({ ...registry, functionName: 'family', args: [version.familyId] }),
      tierOf(session, versionId),
      client.readContract({ ...registry, functionName: 'duplicateOf', args: [versionId] }),
      client.readContract({ ...registry, functionName: 'priceSchedule', args: [versionId, ETH] }),
    ]);
    const copy = duplicateOf === 0n ? '' : `, same weights as version ${duplicateOf}`;
    output.fact(
      `version ${versionId}`,
      `${family.name} (family ${version.familyId}), ${eth(price[0])}, ${tier}${copy}`,
    );
    if (family.token !== zeroAddress && versionId === (await lastVersionOf(session, version.familyId, versions))) {
      await tellToken(session, output, version.familyId, family.token);
    }
  }

  output.heading('Requests');
  const opened = await client.getContractEvents({
    ...oracle,
    eventName: 'RequestOpened',
    strict: true,
    fromBlock: deployment.startBlock,
  });
  const unshown = Math.max(0, opened.length - SHOWN_REQUESTS);
  for (const [index, { args }] of opened.slice(unshown).entries()) {
    const request = await client.readContract({ ...oracle, functionName: 'request', args: [args.requestId] });
    output.fact(
      `request ${unshown + index + 1}`,
      `${args.requestId}, version ${request.versionId}, ${STATUSES[request.status]}`,
    );
  }
  if (opened.length === 0) output.line('none yet; ask with: npm run openimo -- request --digit 7 --as alice');
}

async function lastVersionOf(session: Session, familyId: bigint, versions: bigint): Promise<bigint> {
  const registry = { address: session.deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;
  for (let versionId = versions; versionId > 0n; versionId--) {
    if ((await session.client.readContract({ ...registry, functionName: 'familyOf', args: [versionId] })) === familyId)
      return versionId;
  }
  return 0n;
}

async function tellToken(session: Session, output: Output, familyId: bigint, token: `0x${string}`): Promise<void> {
  const contract = { address: token, abi: modelTokenAbi } as const;
  const [symbol, sharing, [unstreamed, perSecond, , pool], pending] = await Promise.all([
    session.client.readContract({ ...contract, functionName: 'symbol' }),
    session.client.readContract({ ...contract, functionName: 'sharingSupply' }),
    session.client.readContract({ ...contract, functionName: 'streamOf', args: [ETH] }),
    session.client.readContract({
      address: session.deployment.addresses.revenueRouter,
      abi: revenueRouterAbi,
      functionName: 'holdersPending',
      args: [familyId, ETH],
    }),
  ]);
  output.fact('', `${symbol} ${token}: ${tokens(sharing)} tokens share`);
  output.fact(
    '',
    `${eth(perSecond)} a second streams, ${eth(unstreamed)} to come, ${eth(pool)} to redeem, ${eth(pending)} waits in the router`,
  );
}
