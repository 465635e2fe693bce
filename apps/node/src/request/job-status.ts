import type { Address } from '@openimo/domain';
import type { JobStatus } from '@openimo/persistence';
import type { RequestFacts } from './move.js';

/** What a job's status has to be, given what the chain says. Only the node's own progress is left to the status it has. */
export function statusFrom(
  status: JobStatus,
  job: { computed: boolean; refused: boolean },
  request: RequestFacts,
  me: Address,
): JobStatus {
  const ours = request.assertion?.operator.toLowerCase() === me.toLowerCase();
  switch (request.status) {
    case 'None':
      return 'failed';
    case 'Refunded':
      return 'refunded';
    case 'Asserted':
      if (!ours) return 'superseded';
      return status === 'finalizing' ? 'finalizing' : 'asserted';
    case 'Final':
      if (!ours) return 'superseded';
      return status === 'finalizing' || status === 'final' ? status : 'asserted';
    case 'Open':
      if (status === 'voided') return 'voided';
      // An answer of ours that is gone: proven wrong, or taken back with its block.
      if (status === 'asserted' || status === 'finalizing' || status === 'final') {
        return request.round > 0 ? 'voided' : 'asserting';
      }
      if (status === 'failed' && job.refused) return 'failed';
      if (status === 'superseded' || status === 'refunded' || status === 'failed')
        return job.computed ? 'computed' : 'open';
      return status;
  }
}
