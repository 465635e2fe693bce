import { Operator1700000000001 } from './1700000000001-operator.js';
import { ReadModel1700000000002 } from './1700000000002-read-model.js';
import { Account1700000000003 } from './1700000000003-account.js';
import { Payers1700000000004 } from './1700000000004-payers.js';
import { DisputePlay1700000000005 } from './1700000000005-dispute-play.js';
import { Watcher1700000000006 } from './1700000000006-watcher.js';
import { Disputes1700000000007 } from './1700000000007-disputes.js';
import { Profiles1700000000008 } from './1700000000008-profiles.js';
import { AttestedTier1700000000009 } from './1700000000009-attested-tier.js';
import { TextDrafts1700000000010 } from './1700000000010-text-drafts.js';
import { Audits1700000000011 } from './1700000000011-audits.js';
import { GrievanceBlocks1700000000012 } from './1700000000012-grievance-blocks.js';

/** Oldest first. A migration that has landed is never rewritten. */
export const MIGRATIONS = [
  Operator1700000000001,
  ReadModel1700000000002,
  Account1700000000003,
  Payers1700000000004,
  DisputePlay1700000000005,
  Watcher1700000000006,
  Disputes1700000000007,
  Profiles1700000000008,
  AttestedTier1700000000009,
  TextDrafts1700000000010,
  Audits1700000000011,
  GrievanceBlocks1700000000012,
] as const;
