import { createUnionType, Field, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { KeyScope } from '../auth/scopes.js';
import { errorResult } from '../graphql/error-result.js';
import { DateTimeScalar } from '../graphql/scalars.js';

export enum ApiKeyScope {
  read = 'read',
  publish = 'publish',
  webhooks = 'webhooks',
}
registerEnumType(ApiKeyScope, {
  name: 'ApiKeyScope',
  description: 'What a key may do with what is yours. Public data needs none.',
  valuesMap: {
    read: { description: 'See drafts, uploads, webhooks and usage.' },
    publish: { description: 'Make drafts, upload, try models, prepare transactions.' },
    webhooks: { description: 'Change webhooks.' },
  } satisfies Record<KeyScope, object>,
});

@ObjectType({ description: 'A key of yours, without its secret.' })
export class ApiKey {
  @Field({ description: 'The part of the key between `imo_` and the secret.' })
  keyId: string;

  @Field()
  name: string;

  @Field(() => [ApiKeyScope])
  scopes: string[];

  @Field(() => Int, { nullable: true, description: 'Cost units per period. Null: only what holds for everybody.' })
  budget: number | null;

  @Field(() => Int)
  periodSeconds: number;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Null: it does not.' })
  expiresAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  rotatedAt: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Until then the secret before the last rotation works too.',
  })
  previousExpiresAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'To the minute.' })
  lastUsedAt: Date | null;
}

@InputType()
export class CreateApiKeyInput {
  @Field({ description: '1 to 64 characters, for you to recognise it.' })
  name: string;

  @Field(() => [ApiKeyScope])
  scopes: ApiKeyScope[];

  @Field(() => Int, { nullable: true, description: 'Cost units per period.' })
  budget?: number | null;

  @Field(() => Int, { defaultValue: 86_400, description: '60 to 31,622,400.' })
  periodSeconds: number;

  @Field(() => DateTimeScalar, { nullable: true })
  expiresAt?: Date | null;
}

@ObjectType({ description: 'A key, and for this one time its secret.' })
export class CreatedApiKey {
  @Field(() => ApiKey)
  apiKey: ApiKey;

  @Field({ description: 'Send it as `authorization: Bearer <key>`. It is shown now and never again.' })
  key: string;
}

export const TooManyApiKeys = errorResult('TooManyApiKeys', 'You have as many keys as one account may have.');
export const ApiKeyNotFound = errorResult('ApiKeyNotFound', 'You have no live key of this id.');

export const CreateApiKeyResult = createUnionType({
  name: 'CreateApiKeyResult',
  types: () => [CreatedApiKey, TooManyApiKeys] as const,
});

export const RotateApiKeyResult = createUnionType({
  name: 'RotateApiKeyResult',
  types: () => [CreatedApiKey, ApiKeyNotFound] as const,
});
