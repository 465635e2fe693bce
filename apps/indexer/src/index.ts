export { readConfig, type IndexerConfig } from './config/config.js';
export type { ReadyMessage } from './indexer-app.js';
