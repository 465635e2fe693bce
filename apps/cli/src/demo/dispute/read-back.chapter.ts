import type { GameEvent } from '@openimo/disputes';
import { z } from 'zod';
import { GraphqlClient, whole } from '../../graphql/graphql-client.js';
import type { Session } from '../../session/session.js';
import type { Output } from '../../ui/output.js';
import { Figures } from '../figures.js';
import type { Conviction } from './convict.chapter.js';

const DISPUTE = {
  text: `query ($disputeId: Hex!) { dispute(disputeId: $disputeId) {
    phase node bond challenger
    outcome { lostBond gasShare reward burned }
    moves { __typename side transactionHash }
  } }`,
  data: z.object({
    dispute: z.object({
      phase: z.string(),
      node: z.int().nullable(),
      bond: whole,
      challenger: z.string(),
      outcome: z.object({ lostBond: whole, gasShare: whole, reward: whole, burned: whole }),
      moves: z.array(z.object({ __typename: z.string(), side: z.string().nullable(), transactionHash: z.string() })),
    }),
  }),
};

/** How GraphQL calls what was sent. */
const TYPES: Readonly<Record<GameEvent['name'], string>> = {
  Challenged: 'ChallengeMove',
  TracePosted: 'TraceMove',
  Picked: 'PickMove',
  Revealed: 'RevealMove',
  ChunkRevealed: 'ChunkMove',
  OperatorConvicted: 'ConvictionMove',
  ChallengeLost: 'AcquittalMove',
};

/** The dispute as everybody can read it, held against what was sent. @returns whether it is the same */
export async function readBack(
  session: Session,
  output: Output,
  { turns, outcome }: Conviction,
  node: number,
): Promise<boolean> {
  output.heading('5  The dispute, from GraphQL');
  const figures = new Figures(new GraphqlClient(session.record.api.graphql), session.client);
  const { record } = turns.at(-1)!;
  const { dispute } = await figures.read(DISPUTE, { disputeId: record.id });
  figures.check('phase', dispute.phase, 'OPERATOR_LOST');
  figures.check('node', dispute.node, node);
  figures.check("the challenger's bond", dispute.bond, record.bond);
  figures.check('challenger', dispute.challenger, record.challenger.toLowerCase());
  for (const [name, amount] of Object.entries(outcome)) {
    figures.check(name, dispute.outcome[name as keyof typeof outcome], amount);
  }
  figures.check('moves', dispute.moves.length, turns.length);
  for (const [at, { event, side, hash }] of turns.entries()) {
    const told = dispute.moves[at];
    figures.check(`move ${at + 1}`, told?.__typename ?? null, TYPES[event.name]);
    figures.check(`transaction ${at + 1}`, told?.transactionHash ?? null, hash);
    // The end is nobody's move: a proof, a clock or a malformed move brings it.
    if (event.name !== 'OperatorConvicted') figures.check(`mover ${at + 1}`, told?.side ?? null, side.toUpperCase());
  }
  for (const { what, told, actual } of figures.differences) {
    output.fact('DIFFERENT', `${what}: GraphQL tells ${told}, the chain ${actual}`);
  }
  if (figures.differences.length === 0) output.fact('equal', `${figures.count} figures of GraphQL and of the chain`);
  return figures.differences.length === 0;
}
