export type { ReadyMessage } from './operator-node.js';
export type { StatusReport } from './health/health.server.js';
