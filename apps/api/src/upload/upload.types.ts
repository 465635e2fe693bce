import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Hex } from '@openimo/domain';
import type { UploadStatus as Status } from '@openimo/persistence';
import { Refusal } from '../draft/draft.types.js';
import { BigIntScalar, DateTimeScalar, HexScalar } from '../graphql/scalars.js';

export enum UploadStatus {
  open = 'open',
  complete = 'complete',
  refused = 'refused',
}
registerEnumType(UploadStatus, {
  name: 'UploadStatus',
  valuesMap: {
    open: { description: 'On its way; it can be continued until `expiresAt`.' },
    complete: { description: 'The file is the draft’s.' },
    refused: { description: 'It arrived and is not what was announced.' },
  } satisfies Record<Status, object>,
});

@ObjectType({ description: 'A file on its way to a draft.' })
export class Upload {
  @Field({ description: 'Continue at /uploads/<uploadId>, by the tus protocol.' })
  uploadId: string;

  @Field(() => UploadStatus)
  status: Status;

  @Field(() => BigIntScalar)
  sizeBytes: number;

  @Field(() => BigIntScalar, { description: 'As of the last request that ended well.' })
  receivedBytes: number;

  @Field(() => HexScalar, { nullable: true })
  sha256: Hex | null;

  @Field(() => Refusal, { nullable: true })
  refusal: Refusal | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  @Field(() => DateTimeScalar)
  expiresAt: Date;
}
