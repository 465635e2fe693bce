import { fileURLToPath } from 'node:url';
import { ServiceProcess } from '@openimo/testing';
import type { ReadyMessage } from '../operator-node.js';

const script = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A node in a process of its own. */
export class NodeProcess extends ServiceProcess<ReadyMessage> {
  constructor(env: Record<string, string>) {
    super({ script, env });
  }
}
