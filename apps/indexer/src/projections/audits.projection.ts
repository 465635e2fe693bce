import { auditsAbi } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import { AuditEntity, AuditRunEntity, RequestEntity } from '@openimo/persistence';
import { orNull, safeDate } from '../events/values.js';
import { addCredit, takeCredit } from './credits.js';
import type { Projection } from './projection.js';

export const auditsProjection: Projection<typeof auditsAbi> = {
  AuditSelected({ auditId, requestId, audit }, { ledger, header, log }) {
    const { familyId, operator } = ledger.get(RequestEntity, { requestId });
    const auditors = audit.auditors.filter((auditor) => orNull(auditor) !== null);
    const quarters = (count: number) => safeDate(audit.assertedAt + count * audit.quarter);
    ledger.set(AuditEntity, {
      ...{ auditId, requestId, round: audit.round + 1, versionId: audit.versionId, familyId, operator: operator! },
      ...{ item: null, asset: audit.asset, share: audit.share, auditorCount: auditors.length },
      ...{ commitUntil: quarters(2), revealUntil: quarters(3), convicted: null },
      selectedBlock: header.number,
      selectedTransaction: log.transactionHash,
      ...{ selectedAt: header.at, settledAt: null },
    });
    for (const [place, auditor] of auditors.entries()) {
      ledger.set(AuditRunEntity, {
        ...{ auditId, auditor, place, stance: 'drawn', commitment: null, traceRoot: null, outputRoot: null },
        ...{ paid: 0n, missed: false, forfeited: 0n, committedAt: null, revealedAt: null },
      });
    }
  },

  Committed({ auditId, auditor, commitment }, { ledger, header }) {
    const committed = { stance: 'committed' as const, commitment, committedAt: header.at };
    ledger.update(AuditRunEntity, { auditId, auditor }, () => committed);
  },

  Revealed({ auditId, auditor, traceRoot, outputRoot, item, confirmed }, { ledger, header }) {
    ledger.update(AuditEntity, { auditId }, () => ({ item }));
    ledger.update(AuditRunEntity, { auditId, auditor }, () => ({
      ...{ stance: confirmed ? ('confirmed' as const) : ('denied' as const), traceRoot, outputRoot },
      revealedAt: header.at,
    }));
  },

  AuditorPaid({ auditId, auditor, asset, amount }, at) {
    at.ledger.update(AuditRunEntity, { auditId, auditor }, () => ({ paid: amount }));
    addCredit('audits', auditor, asset, amount, at);
  },

  AuditorMissed({ auditId, auditor, amount }, { ledger }) {
    ledger.update(AuditRunEntity, { auditId, auditor }, () => ({ missed: true, forfeited: amount }));
  },

  AuditSettled({ auditId, convicted }, { ledger, header }) {
    ledger.update(AuditEntity, { auditId }, () => ({ convicted, settledAt: header.at }));
  },

  Collected: ({ asset, amount, toPot }, at) => addCredit('audits', at.fixed.treasury, asset, amount - toPot, at),

  Withdrawn: ({ account, asset, to, amount }, at) => takeCredit('audits', account as Address, asset, to, amount, at),
};
