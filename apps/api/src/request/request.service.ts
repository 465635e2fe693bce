import { Injectable } from '@nestjs/common';
import type { Address } from '@openimo/domain';
import {
  type AssertionEntity,
  AssertionRepository,
  type CallbackEntity,
  CallbackRepository,
  type RequestEntity,
  type RequestInputEntity,
  RequestInputRepository,
  RequestRepository,
} from '@openimo/persistence';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readMany, readOne, readPage, readPageOf, readPair } from '../graphql/read.js';
import type { AssertionList, RequestList } from './request.types.js';

const LAST_ROUND = 255;

@Injectable()
export class RequestService {
  constructor(
    private readonly requests: RequestRepository,
    private readonly inputs: RequestInputRepository,
    private readonly assertions: AssertionRepository,
    private readonly callbacks: CallbackRepository,
  ) {}

  list(list: RequestList): Promise<Connection<RequestEntity>> {
    return readPage(this.requests, list);
  }

  /** Of a version, a family, an account or an operator. */
  of(
    field: 'versionId' | 'familyId' | 'account' | 'operator',
    parent: bigint | Address,
    list: RequestList,
    loaders: Loaders,
  ): Promise<Connection<RequestEntity>> {
    return readPageOf(this.requests, field, parent, list, loaders);
  }

  byId(requestId: bigint, loaders: Loaders): Promise<RequestEntity | null> {
    return readOne(this.requests, 'requestId', requestId, loaders);
  }

  inputOf(requestId: bigint, loaders: Loaders): Promise<RequestInputEntity | null> {
    return readOne(this.inputs, 'requestId', requestId, loaders);
  }

  assertionsOf(requestId: bigint, loaders: Loaders): Promise<readonly AssertionEntity[]> {
    return readMany(this.assertions, 'requestId', requestId, loaders);
  }

  /** The answer of a round, which assertions do not count beyond 255. */
  async assertionOf(requestId: bigint, round: number, loaders: Loaders): Promise<AssertionEntity | null> {
    const counted = BigInt(Math.min(round, LAST_ROUND));
    const [found] = await readPair(this.assertions, ['requestId', 'round'], [requestId, counted], loaders);
    return found ?? null;
  }

  assertionsBy(operator: Address, list: AssertionList, loaders: Loaders): Promise<Connection<AssertionEntity>> {
    return readPageOf(this.assertions, 'operator', operator, list, loaders);
  }

  callbacksOf(requestId: bigint, loaders: Loaders): Promise<readonly CallbackEntity[]> {
    return readMany(this.callbacks, 'requestId', requestId, loaders);
  }
}
