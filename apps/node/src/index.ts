export type { ReadyMessage } from './operator-node.js';
export type { StatusReport } from '@openimo/service';
