import type { OutboxRow } from '@openimo/persistence';

/**
 * The JSON that is sent for a row of the outbox. `kind` is `event`, or `retracted` when its block has left the chain: the two have
 * block hash and log index in common.
 */
export function webhookBody(row: OutboxRow, familyId: bigint): string {
  const { eventId, kind, event, subject, subjectId, account, blockNumber, blockHash, logIndex, at } = row;
  return JSON.stringify({
    id: eventId,
    kind,
    event,
    familyId: familyId.toString(),
    subject,
    subjectId,
    account,
    blockNumber: blockNumber.toString(),
    blockHash,
    logIndex,
    at,
  });
}
