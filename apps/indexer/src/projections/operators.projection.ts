import { operatorRegistryAbi } from '@openimo/contracts';
import type { Address } from '@openimo/domain';
import {
  EnrolmentEntity,
  OperatorEntity,
  StakeEventEntity,
  type StakeEventKind,
  VersionEntity,
} from '@openimo/persistence';
import { orNull, safeDate } from '../events/values.js';
import { eventRow, type Occurrence, type Projection } from './projection.js';

export const operatorsProjection: Projection<typeof operatorRegistryAbi> = {
  OperatorRegistered({ operator, endpoint }, { ledger, header }) {
    ledger.set(OperatorEntity, {
      ...{ address: operator, endpoint, stake: 0n, locked: 0n, exiting: 0n, exitAt: null, slashed: 0n },
      ...{ enrolmentCount: 0, assertionCount: 0, finalCount: 0, voidedCount: 0, penaltyCount: 0 },
      ...{ disputeCount: 0, disputeWonCount: 0 },
      ...{ registeredBlock: header.number, registeredAt: header.at },
    });
  },

  EndpointChanged({ operator, endpoint }, { ledger }) {
    ledger.update(OperatorEntity, { address: operator }, () => ({ endpoint }));
  },

  StakeAdded: ({ operator, amount, stake }, at) => changeStake('added', operator, amount, null, at, () => ({ stake })),

  StakeLocked: ({ operator, amount, locked }, at) =>
    changeStake('locked', operator, amount, null, at, () => ({ locked })),

  StakeUnlocked: ({ operator, amount, locked }, at) =>
    changeStake('unlocked', operator, amount, null, at, () => ({ locked })),

  /**
   * A penalty, which goes to the oracle, and what an auditor forfeits take free stake and then what is exiting; a conviction takes what
   * was locked.
   */
  StakeSlashed: ({ operator, to, amount }, at) =>
    changeStake('slashed', operator, amount, to, at, ({ stake, locked, exiting, slashed }) => {
      const all = { stake: stake - amount, slashed: slashed + amount };
      if (to !== at.fixed.oracle && to !== at.fixed.audits) return { ...all, locked: locked - amount };
      const free = stake - locked - exiting;
      return { ...all, exiting: amount > free ? exiting - (amount - free) : exiting };
    }),

  ExitRequested: ({ operator, amount, exitAt }, at) =>
    changeStake('exitRequested', operator, amount, null, at, () => ({ exiting: amount, exitAt: safeDate(exitAt) })),

  ExitCancelled: ({ operator, amount }, at) =>
    changeStake('exitCancelled', operator, amount, null, at, () => ({ exiting: 0n, exitAt: null })),

  StakeWithdrawn: ({ operator, to, amount }, at) =>
    changeStake('withdrawn', operator, amount, to, at, ({ stake }) => ({
      ...{ stake: stake - amount, exiting: 0n, exitAt: null },
    })),

  Enrolled({ operator, versionId, modelRoot }, { ledger, header }) {
    const times = { enrolledAt: header.at, leftAt: null };
    ledger.set(EnrolmentEntity, { operator, versionId, modelRoot: orNull(modelRoot), ...times });
    countEnrolment(operator, versionId, 1, ledger);
  },

  Withdrew({ operator, versionId }, { ledger, header }) {
    ledger.update(EnrolmentEntity, { operator, versionId }, () => ({ leftAt: header.at }));
    countEnrolment(operator, versionId, -1, ledger);
  },
};

function changeStake(
  kind: StakeEventKind,
  operator: Address,
  amount: bigint,
  to: Address | null,
  at: Occurrence,
  change: (before: OperatorEntity) => Partial<OperatorEntity>,
): void {
  const before = at.ledger.get(OperatorEntity, { address: operator });
  const after = { ...before, ...change(before) };
  at.ledger.set(OperatorEntity, after);
  const { stake, locked, exiting } = after;
  at.ledger.add(StakeEventEntity, { ...eventRow(at), operator, kind, amount, to, stake, locked, exiting });
}

function countEnrolment(operator: Address, versionId: bigint, by: number, ledger: Occurrence['ledger']): void {
  ledger.update(OperatorEntity, { address: operator }, ({ enrolmentCount }) => ({
    enrolmentCount: enrolmentCount + by,
  }));
  ledger.update(VersionEntity, { versionId }, ({ operatorCount }) => ({ operatorCount: operatorCount + by }));
}
