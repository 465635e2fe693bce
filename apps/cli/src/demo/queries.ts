import { z } from 'zod';
import { type TypedQuery, whole } from '../graphql/graphql-client.js';

/** What the demo asks GraphQL. */

const query = <Data>(text: string, data: z.ZodType<Data>): TypedQuery<Data> => ({ text, data });

export const VERSION = query(
  `query ($versionId: BigInt!) { version(versionId: $versionId) {
    fileHash operatorCount duplicateOf { versionId }
    prices { asset amount }
    family { operatorBps publisherBps lineage { shareBps } }
  } }`,
  z.object({
    version: z.object({
      fileHash: z.string(),
      operatorCount: z.int(),
      duplicateOf: z.object({ versionId: whole }).nullable(),
      prices: z.array(z.object({ asset: z.string(), amount: whole })),
      family: z.object({
        operatorBps: z.int(),
        publisherBps: z.int(),
        lineage: z.array(z.object({ shareBps: z.int() })),
      }),
    }),
  }),
);

export const OFFERING = query(
  `query ($offering: Address!) { offering(address: $offering) {
    status offered softCap hardCap committed buyerCount raised tokensSold released
  } }`,
  z.object({
    offering: z.object({
      status: z.string(),
      offered: whole,
      softCap: whole,
      hardCap: whole,
      committed: whole,
      buyerCount: z.int(),
      raised: whole,
      tokensSold: whole,
      released: whole,
    }),
  }),
);

export const COMMITMENT = query(
  `query ($offering: Address!, $buyer: Address!) { offering(address: $offering) { commitment(account: $buyer) {
    committed tokensClaimed refunded
  } } }`,
  z.object({
    offering: z.object({ commitment: z.object({ committed: whole, tokensClaimed: whole, refunded: whole }) }),
  }),
);

export const REQUEST = query(
  `query ($requestId: BigInt!) { request(requestId: $requestId) {
    status fee gasPrepaid callbacks { succeeded }
    assertions { status outputs operator { address } }
  } }`,
  z.object({
    request: z.object({
      status: z.string(),
      fee: whole,
      gasPrepaid: whole,
      callbacks: z.array(z.object({ succeeded: z.boolean() })),
      assertions: z.array(
        z.object({
          status: z.string(),
          outputs: z.array(z.string()),
          operator: z.object({ address: z.string() }),
        }),
      ),
    }),
  }),
);

export const HOLDING = query(
  `query ($token: Address!, $holder: Address!) { token(address: $token) { totalSupply holding(account: $holder) {
    balance claimable { asset amount } paid { asset claimed redeemed }
  } } }`,
  z.object({
    token: z.object({
      totalSupply: whole,
      holding: z.object({
        balance: whole,
        claimable: z.array(z.object({ asset: z.string(), amount: whole })),
        paid: z.array(z.object({ asset: z.string(), claimed: whole, redeemed: whole })),
      }),
    }),
  }),
);

export const FEES = query(
  `query ($familyId: BigInt!) { family(familyId: $familyId) { feeSeries(interval: DAY) {
    amount operatorAmount publisherAmount lineageAmount protocolAmount holdersAmount
  } } }`,
  z.object({
    family: z.object({
      feeSeries: z.array(
        z.object({
          amount: whole,
          operatorAmount: whole,
          publisherAmount: whole,
          lineageAmount: whole,
          protocolAmount: whole,
          holdersAmount: whole,
        }),
      ),
    }),
  }),
);
