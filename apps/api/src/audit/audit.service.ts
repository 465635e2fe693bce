import { Injectable } from '@nestjs/common';
import type { Hex } from '@openimo/domain';
import { type AuditEntity, AuditRepository, type AuditRunEntity, AuditRunRepository } from '@openimo/persistence';
import type { Connection } from '../graphql/connection.js';
import type { Loaders } from '../graphql/loaders.js';
import { readMany, readOne, readPage, readPageOf, readPair } from '../graphql/read.js';
import type { AuditList } from './audit.types.js';

@Injectable()
export class AuditService {
  constructor(
    private readonly audits: AuditRepository,
    private readonly runs: AuditRunRepository,
  ) {}

  list(list: AuditList): Promise<Connection<AuditEntity>> {
    return readPage(this.audits, list);
  }

  ofVersion(versionId: bigint, list: AuditList, loaders: Loaders): Promise<Connection<AuditEntity>> {
    return readPageOf(this.audits, 'versionId', versionId, list, loaders);
  }

  byId(auditId: Hex, loaders: Loaders): Promise<AuditEntity | null> {
    return readOne(this.audits, 'auditId', auditId, loaders);
  }

  async ofAnswer(requestId: bigint, round: number, loaders: Loaders): Promise<AuditEntity | null> {
    const [audit] = await readPair(this.audits, ['requestId', 'round'], [requestId, BigInt(round)], loaders);
    return audit ?? null;
  }

  /** In the order in which their auditors were drawn. */
  async runsOf(auditId: Hex, loaders: Loaders): Promise<AuditRunEntity[]> {
    const runs = await readMany(this.runs, 'auditId', auditId, loaders);
    return runs.toSorted((a, b) => a.place - b.place);
  }
}
