import { JOB_STATUSES, JOB_TRANSITIONS } from '@openimo/persistence';
import { jobPath } from './job-path.js';

describe('jobPath', () => {
  it('leads from every status to every other over moves that exist', () => {
    for (const from of JOB_STATUSES) {
      for (const to of JOB_STATUSES) {
        const path = jobPath(from, to);
        expect({ from, to, end: [from, ...(path ?? [])].at(-1) }).toEqual({ from, to, end: to });
        [from, ...(path ?? [])].reduce((at, next) => {
          expect(JOB_TRANSITIONS[at]).toContain(next);
          return next;
        });
      }
    }
  });

  it('takes the shortest way', () => {
    expect(jobPath('open', 'computed')).toEqual(['computed']);
    expect(jobPath('computed', 'asserted')).toEqual(['asserting', 'asserted']);
    expect(jobPath('open', 'open')).toEqual([]);
  });
});
