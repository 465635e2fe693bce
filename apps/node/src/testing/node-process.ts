import { fileURLToPath } from 'node:url';
import { ServiceProcess } from '@openimo/testing';
import type { ReadyMessage } from '../operator-node.js';

const script = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const LAST_LINES = 12;

/** A node in a process of its own. */
export class NodeProcess extends ServiceProcess<ReadyMessage> {
  static readonly #running = new Set<NodeProcess>();

  constructor(env: Record<string, string>) {
    super({ script, env });
    NodeProcess.#running.add(this);
    void this.exit().then(() => NodeProcess.#running.delete(this));
  }

  /** What the nodes that run have said last, for whoever waits for them in vain. */
  static lastWords(): string {
    const said = [...this.#running].flatMap(({ lines }) => lines.slice(-LAST_LINES));
    return said.map((line) => JSON.stringify(line)).join('\n');
  }
}
