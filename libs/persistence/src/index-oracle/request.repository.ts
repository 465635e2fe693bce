import type { DataSource } from 'typeorm';
import { ReadTable } from '../query/read-table.js';
import { AssertionEntity } from './assertion.entity.js';
import { CallbackEntity } from './callback.entity.js';
import { PenaltyEntity } from './penalty.entity.js';
import { RequestInputEntity } from './request-input.entity.js';
import { RequestEntity } from './request.entity.js';

export class RequestRepository extends ReadTable<RequestEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, RequestEntity);
  }
}

export class RequestInputRepository extends ReadTable<RequestInputEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, RequestInputEntity);
  }
}

export class AssertionRepository extends ReadTable<AssertionEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, AssertionEntity);
  }
}

export class CallbackRepository extends ReadTable<CallbackEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, CallbackEntity);
  }
}

export class PenaltyRepository extends ReadTable<PenaltyEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, PenaltyEntity);
  }
}
