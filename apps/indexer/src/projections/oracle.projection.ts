import { inferenceOracleAbi } from '@openimo/contracts';
import type { Address, Hex } from '@openimo/domain';
import {
  AssertionEntity,
  CALLBACK_MODES,
  CallbackEntity,
  FamilyEntity,
  OperatorEntity,
  PenaltyEntity,
  RequestEntity,
  RequestInputEntity,
  TIERS,
  VersionEntity,
} from '@openimo/persistence';
import { orNull, safeCount, safeDate } from '../events/values.js';
import { addCredit, takeCredit, useCredit } from './credits.js';
import { ETH, eventRow, payerNote, type Projection } from './projection.js';

export const oracleProjection: Projection<typeof inferenceOracleAbi> = {
  /** Comes just before `RequestOpened`, which does not name the callback. */
  AICallbackRequest({ requestId, input, callbackContract, gasLimit, callbackData }, at) {
    at.notes.set(`callback:${requestId}`, callbackContract);
    at.ledger.add(RequestInputEntity, {
      ...eventRow(at),
      ...{ requestId, input, callbackData, gasLimit: safeCount(gasLimit) },
    });
  },

  RequestOpened(args, { ledger, header, log, notes }) {
    const { requestId, versionId, account, batchSize, asset, fee, gasPrepaid, deadline, inputRoot, options } = args;
    const { familyId } = ledger.get(VersionEntity, { versionId });
    ledger.set(RequestEntity, {
      ...{ requestId, versionId, familyId, account, batchSize: safeCount(batchSize), asset, fee, gasPrepaid },
      minBond: options.minBond,
      windowSeconds: options.window,
      mode: CALLBACK_MODES[options.mode]!,
      minTier: TIERS[options.minTier]!,
      refundTo: options.refundTo,
      callbackContract: orNull(notes.get(`callback:${requestId}`) as Address),
      inputRoot,
      status: 'open',
      deadline: safeDate(deadline),
      ...{ operator: null, round: 0, finalAt: null, delivered: false, callbackFailed: false, feeHeld: false },
      ...{ gasPaid: 0n, gasReturned: 0n },
      openedBlock: header.number,
      openedTransaction: log.transactionHash,
      openedAt: header.at,
      ...{ reopenedAt: null, answeredAt: null, closedAt: null },
    });
    const count = ({ requestCount }: { requestCount: number }) => ({ requestCount: requestCount + 1 });
    ledger.update(VersionEntity, { versionId }, count);
    ledger.update(FamilyEntity, { familyId }, count);
  },

  OutputAsserted(args, { ledger, header, log }) {
    const { requestId, operator, versionId, outputRoot, bond, round } = args;
    const finalAt = safeDate(args.finalAt);
    ledger.set(AssertionEntity, {
      ...{ requestId, round, versionId, operator, outputRoot, bond, finalAt, outputs: args.outputs as Hex[] },
      ...{ status: 'standing', challenger: null, disputeCount: 0, openDisputeCount: 0 },
      ...{ blockNumber: header.number, transactionHash: log.transactionHash, at: header.at },
    });
    ledger.update(RequestEntity, { requestId }, ({ answeredAt }) => ({
      ...{ status: 'asserted' as const, operator, round, finalAt },
      answeredAt: answeredAt ?? header.at,
    }));
    ledger.update(OperatorEntity, { address: operator }, ({ assertionCount }) => ({
      assertionCount: assertionCount + 1,
    }));
  },

  /** The request waits again, as long as it did at first. */
  AssertionVoided({ requestId, operator, challenger }, { ledger, header }) {
    const { round } = ledger.get(RequestEntity, { requestId });
    ledger.update(AssertionEntity, { requestId, round }, () => ({
      status: 'voided' as const,
      challenger: orNull(challenger),
    }));
    ledger.update(RequestEntity, { requestId }, ({ deadline, openedAt, reopenedAt }) => ({
      ...{ status: 'open' as const, operator: null, finalAt: null, delivered: false, callbackFailed: false },
      deadline: new Date(header.at.getTime() + deadline.getTime() - (reopenedAt ?? openedAt).getTime()),
      reopenedAt: header.at,
    }));
    ledger.update(OperatorEntity, { address: operator }, ({ voidedCount }) => ({ voidedCount: voidedCount + 1 }));
  },

  RequestFinalized({ requestId, operator }, { ledger, header, log, notes }) {
    const { round, account } = ledger.get(RequestEntity, { requestId });
    ledger.update(AssertionEntity, { requestId, round }, () => ({ status: 'final' as const }));
    ledger.update(RequestEntity, { requestId }, () => ({ status: 'final' as const, closedAt: header.at }));
    ledger.update(OperatorEntity, { address: operator }, ({ finalCount }) => ({ finalCount: finalCount + 1 }));
    notes.set(payerNote(log), account);
  },

  RequestRefunded({ requestId, gasPrepaid }, { ledger, header }) {
    ledger.update(RequestEntity, { requestId }, ({ gasReturned }) => ({
      ...{ status: 'refunded' as const, closedAt: header.at },
      gasReturned: gasReturned + gasPrepaid,
    }));
  },

  LivenessPenalty({ requestId, operator, amount }, at) {
    at.ledger.add(PenaltyEntity, { ...eventRow(at), requestId, operator, amount });
    at.ledger.update(OperatorEntity, { address: operator }, ({ penaltyCount }) => ({ penaltyCount: penaltyCount + 1 }));
  },

  CallbackFailed({ requestId, reason }, at) {
    at.ledger.add(CallbackEntity, { ...eventRow(at), requestId, succeeded: false, invoker: null, reason });
    at.ledger.update(RequestEntity, { requestId }, () => ({ callbackFailed: true }));
  },

  AICallbackResult({ requestId, invoker }, at) {
    at.ledger.add(CallbackEntity, { ...eventRow(at), requestId, succeeded: true, invoker, reason: null });
    at.ledger.update(RequestEntity, { requestId }, () => ({ delivered: true, callbackFailed: false }));
  },

  FeeHeld({ requestId }, { ledger, log, notes }) {
    notes.delete(payerNote(log));
    ledger.update(RequestEntity, { requestId }, () => ({ feeHeld: true }));
  },

  GasSettled({ requestId, paid, returned }, { ledger }) {
    ledger.update(RequestEntity, { requestId }, ({ gasPaid, gasReturned }) => ({
      gasPaid: gasPaid + paid,
      gasReturned: gasReturned + returned,
    }));
  },

  CreditAdded: ({ account, asset, amount }, at) => addCredit('oracle', account, asset, amount, at),
  CreditUsed: ({ account, amount }, at) => useCredit('oracle', account, ETH, amount, at),
  CreditWithdrawn: ({ account, asset, to, amount }, at) => takeCredit('oracle', account, asset, to, amount, at),
};
