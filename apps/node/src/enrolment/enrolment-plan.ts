/** OperatorRegistry's `MAX_ENROLMENTS`. */
export const MOST_ENROLMENTS = 32;

/** What decides which versions an operator is enrolled for. Times in seconds of chain time. */
export interface Candidate {
  readonly versionId: bigint;
  readonly enrolled: boolean;
  /** Its file is here and passed our checks. */
  readonly fit: boolean;
  readonly publishedAt: number;
  /** Undefined where nobody has asked it yet. */
  readonly lastRequestAt?: number;
  /** A request of it is in our hands. */
  readonly busy: boolean;
}

export interface EnrolmentPlan {
  /** For which there is room now. */
  readonly enrol: readonly bigint[];
  /** To be left, so that others find room once that is done. */
  readonly leave: readonly bigint[];
  /** Nothing is left for these. */
  readonly wait: readonly bigint[];
}

/** A version that was asked within this time is not left: more versions in use than there is room for would chase each other. */
export const KEPT_SECONDS = 600;

/**
 * Which versions to enrol for and which to leave, with room for `most`. A version counts as recent as its last request, or its
 * publication when that is later; the most recent ones come first. One is only left for another that is more recent, so that
 * without news two plans never undo each other.
 *
 * @param enrolments how many the chain counts, those included that `candidates` does not have
 * @param mayLeave false where the versions were chosen by name
 */
export function planEnrolments(
  candidates: readonly Candidate[],
  enrolments: number,
  { most = MOST_ENROLMENTS, mayLeave, now }: { most?: number; mayLeave: boolean; now: number },
): EnrolmentPlan {
  const wanted = candidates.filter(({ enrolled, fit }) => fit && !enrolled).sort((a, b) => -byRecency(a, b));
  const enrol = wanted.slice(0, Math.max(0, most - enrolments));
  const rest = wanted.slice(enrol.length);
  const leavable = mayLeave ? candidates.filter((one) => one.enrolled && isIdle(one, now)).sort(byUse) : [];
  const leave = leavable.slice(0, rest.length).filter((one, i) => !one.fit || recency(one) < recency(rest[i]!));
  return { enrol: ids(enrol), leave: ids(leave), wait: ids(rest.slice(leave.length)) };
}

function isIdle({ busy, lastRequestAt }: Candidate, now: number): boolean {
  return !busy && (lastRequestAt === undefined || now - lastRequestAt >= KEPT_SECONDS);
}

function recency({ publishedAt, lastRequestAt = 0 }: Candidate): number {
  return Math.max(publishedAt, lastRequestAt);
}

/** Oldest first; the order of publication decides where the time does not. */
function byRecency(a: Candidate, b: Candidate): number {
  return recency(a) - recency(b) || (a.versionId < b.versionId ? -1 : 1);
}

/** What we cannot serve at all is left before anything that we can. */
function byUse(a: Candidate, b: Candidate): number {
  return Number(a.fit) - Number(b.fit) || byRecency(a, b);
}

function ids(candidates: readonly Candidate[]): bigint[] {
  return candidates.map(({ versionId }) => versionId);
}
