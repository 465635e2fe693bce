import { claimOf } from '@openimo/disputes';
import type { GrievanceRepository } from '@openimo/persistence';
import type { Grievance, Grievances } from '../watch/grievances.js';
import type { DisputeWorker } from './dispute.worker.js';
import { toStoredAnswer } from './stored-answer.js';

/** Where whoever finds an answer wrong says so: watchers, audits. */
export class DisputeService implements Grievances {
  constructor(
    private readonly grievances: GrievanceRepository,
    private readonly worker: DisputeWorker,
  ) {}

  /**
   * Has an answer disputed, to the end: challenged with the least bond, played, and what is won withdrawn. It is a row when this
   * returns; filing it twice is filing it once. Grievances that the chain would not hear, and those that are wrong themselves,
   * are dropped with a reason.
   *
   * @throws DomainError `NoSuchClaim`
   */
  async file({ answer, item, ...rest }: Grievance): Promise<void> {
    claimOf(answer, item);
    await this.grievances.add({ ...rest, item, answer: toStoredAnswer(answer) });
    this.worker.wake();
  }
}
