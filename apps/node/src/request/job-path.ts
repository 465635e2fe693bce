import { JOB_TRANSITIONS, type JobStatus } from '@openimo/persistence';

/** The shortest way from one status to another over the moves that exist, `to` last; undefined when there is none. */
export function jobPath(from: JobStatus, to: JobStatus): JobStatus[] | undefined {
  const cameFrom = new Map<JobStatus, JobStatus | undefined>([[from, undefined]]);
  for (const status of cameFrom.keys()) {
    if (status === to) return unwind(cameFrom, to);
    for (const next of JOB_TRANSITIONS[status]) if (!cameFrom.has(next)) cameFrom.set(next, status);
  }
  return undefined;
}

function unwind(cameFrom: ReadonlyMap<JobStatus, JobStatus | undefined>, to: JobStatus): JobStatus[] {
  const path: JobStatus[] = [];
  for (let at: JobStatus | undefined = to; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
  return path.slice(1);
}
