import { Operator1700000000001 } from './1700000000001-operator.js';

/** Oldest first. A migration that has landed is never rewritten. */
export const MIGRATIONS = [Operator1700000000001] as const;
