/**
 * An operator's view of one request. What it is about to do is stored before it does it, so that a process killed at any moment
 * continues where it was.
 */
export type JobStatus =
  /** Seen, to be computed. */
  | 'open'
  /** The output is stored; to be asserted when it may be. */
  | 'computed'
  /** The assertion has a transaction. */
  | 'asserting'
  /** The assertion is on the chain; the dispute window runs. */
  | 'asserted'
  /** Finalising and delivering have a transaction. */
  | 'finalizing'
  /** Final, and delivered where there is a callback. */
  | 'final'
  /** Somebody else answered, or may. */
  | 'superseded'
  /** The deadline passed, the requester has its money back. */
  | 'refunded'
  /** Our assertion was convicted. */
  | 'voided'
  /** We cannot answer: the model does not run on this input, or the chain refuses our answer. */
  | 'failed';

export const JOB_TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  open: ['computed', 'superseded', 'refunded', 'failed'],
  computed: ['asserting', 'superseded', 'refunded', 'failed'],
  asserting: ['asserted', 'computed', 'superseded', 'refunded', 'failed'],
  asserted: ['finalizing', 'final', 'voided', 'asserting'],
  finalizing: ['final', 'asserted', 'voided'],
  // The chain may reorganise under each of these, and a convicted answer of another reopens the request.
  final: ['asserted'],
  superseded: ['open', 'computed', 'asserted', 'final', 'refunded'],
  refunded: ['open', 'computed'],
  voided: ['open', 'superseded', 'asserted'],
  failed: ['open'],
};

export const JOB_STATUSES = Object.keys(JOB_TRANSITIONS) as JobStatus[];

/** The operator has something to do in these, or to wait for. */
export const UNFINISHED: readonly JobStatus[] = ['open', 'computed', 'asserting', 'asserted', 'finalizing'];
