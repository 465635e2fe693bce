import { Field, Int, InterfaceType, ObjectType } from '@nestjs/graphql';
import type { Hex } from '@openimo/domain';
import type { DisputeMoveKind } from '@openimo/persistence';
import { BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';
import { DisputeSide } from './dispute.types.js';

export type MoveKind = DisputeMoveKind | 'tracePosted';

@InterfaceType({
  description: 'What happened in a dispute, one move after the other.',
  resolveType: ({ kind }: { readonly kind: MoveKind }) => TYPES[kind],
})
export abstract class DisputeMove {
  kind: MoveKind;

  @Field(() => DisputeSide, {
    nullable: true,
    description: 'Whose move it was. Null for the end, which a proof, a clock or a malformed move brings.',
  })
  side: DisputeSide | null;

  @Field(() => BigIntScalar)
  blockNumber: bigint;

  @Field(() => Int, { description: 'Position of its event in the block.' })
  logIndex: number;

  @Field(() => HexScalar)
  transactionHash: Hex;

  @Field(() => DateTimeScalar)
  at: Date;

  @Field(() => Int, { nullable: true, description: 'Seconds left on the clock of the operator after it.' })
  operatorLeft: number | null;

  @Field(() => Int, { nullable: true, description: 'Seconds left on the clock of the challenger after it.' })
  challengerLeft: number | null;
}

@ObjectType({
  implements: () => [DisputeMove],
  description: 'Somebody says that the answer is wrong, and puts up a bond.',
})
export class ChallengeMove extends DisputeMove {}

@ObjectType({
  implements: () => [DisputeMove],
  description: 'The operator commits to all intermediate tensors of its run, once for all disputes of the item.',
})
export class TraceMove extends DisputeMove {
  @Field(() => HexScalar, { description: 'Root of the tree over the tensors of all steps.' })
  traceRoot: Hex;

  @Field(() => [HexScalar], { description: 'The first nodes below it, from the left.' })
  children: Hex[];
}

@ObjectType({
  implements: () => [DisputeMove],
  description: 'The challenger picks the first child that it has otherwise.',
})
export class PickMove extends DisputeMove {
  @Field(() => HexScalar)
  child: Hex;

  @Field(() => Int, { description: 'Which of the children that were revealed last, from 0.' })
  childIndex: number;

  @Field(() => Int, { nullable: true, description: 'The step of the model, once it is known.' })
  node: number | null;
}

@ObjectType({ implements: () => [DisputeMove], description: 'The nodes below the one that was picked.' })
export class RevealMove extends DisputeMove {
  @Field(() => [HexScalar])
  children: Hex[];
}

@ObjectType({ implements: () => [DisputeMove], description: "The operator's bytes in question." })
export class ChunkMove extends DisputeMove {
  @Field(() => HexScalar)
  chunk: Hex;

  @Field(() => Int, { description: "Which chunk of the step's tensor, from 0." })
  chunkIndex: number;
}

@ObjectType({
  implements: () => [DisputeMove],
  description: 'The operator has lost: its answer is void and its bond gone.',
})
export class ConvictionMove extends DisputeMove {}

@ObjectType({
  implements: () => [DisputeMove],
  description: 'The challenger has lost its bond. That makes no answer final.',
})
export class AcquittalMove extends DisputeMove {}

export const MOVE_TYPES = [
  ChallengeMove,
  TraceMove,
  PickMove,
  RevealMove,
  ChunkMove,
  ConvictionMove,
  AcquittalMove,
] as const;

const TYPES: Readonly<Record<MoveKind, (typeof MOVE_TYPES)[number]>> = {
  challenged: ChallengeMove,
  tracePosted: TraceMove,
  picked: PickMove,
  revealed: RevealMove,
  chunkRevealed: ChunkMove,
  operatorConvicted: ConvictionMove,
  challengeLost: AcquittalMove,
};
