import { fileURLToPath } from 'node:url';
import { ServiceProcess } from '@openimo/testing';
import type { ReadyMessage } from '../indexer-app.js';

const script = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The indexer in a process of its own. */
export class IndexerProcess extends ServiceProcess<ReadyMessage> {
  constructor(env: Record<string, string>, args: readonly string[] = []) {
    super({ script, env, args });
  }
}
