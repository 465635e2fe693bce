import { Operator1700000000001 } from './1700000000001-operator.js';
import { ReadModel1700000000002 } from './1700000000002-read-model.js';

/** Oldest first. A migration that has landed is never rewritten. */
export const MIGRATIONS = [Operator1700000000001, ReadModel1700000000002] as const;
