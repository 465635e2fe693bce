export type { ReadyMessage } from './ready-message.js';
