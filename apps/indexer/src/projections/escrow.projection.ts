import { vestingEscrowAbi } from '@openimo/contracts';
import { GrantEntity } from '@openimo/persistence';
import { safeCount } from '../events/values.js';
import type { Projection } from './projection.js';

export const escrowProjection: Projection<typeof vestingEscrowAbi> = {
  Released({ grantId, amount }, { ledger, log }) {
    const key = { escrow: log.address, grantId: safeCount(grantId) };
    ledger.update(GrantEntity, key, ({ released }) => ({ released: released + amount }));
  },
};
