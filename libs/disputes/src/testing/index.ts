/** For tests of other workspaces: disputes on a local chain. */
export { Arena, type Match } from './arena.js';
export { AuditStory, type AuditFacts } from './audit-story.js';
export { DisputeStory, type Quarrel } from './dispute-story.js';
