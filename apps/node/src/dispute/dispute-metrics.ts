import { Gauge, type Registry } from '@openimo/service';
import type { DisputeWorker } from './dispute.worker.js';

/** What of our disputes is undecided, and how long we have. */
export function addDisputeMetrics(registry: Registry, disputes: Pick<DisputeWorker, 'open'>): void {
  new Gauge({
    name: 'openimo_node_disputes',
    help: 'Undecided disputes of ours, by our side and whose turn it is.',
    labelNames: ['side', 'turn'],
    registers: [registry],
    collect() {
      const open = disputes.open();
      for (const side of ['operator', 'challenger'] as const) {
        const ofSide = open.filter((dispute) => dispute.side === side);
        const ours = ofSide.filter(({ ourTurn }) => ourTurn).length;
        this.set({ side, turn: 'ours' }, ours);
        this.set({ side, turn: 'theirs' }, ofSide.length - ours);
      }
    },
  });
  new Gauge({
    name: 'openimo_node_dispute_seconds_left',
    help: 'Until the first of our clocks in a dispute runs out; infinite while none runs.',
    registers: [registry],
    collect() {
      const now = Date.now() / 1_000;
      const left = disputes.open().map(({ ourTurn, deadline }) => (ourTurn ? deadline - now : Infinity));
      this.set(Math.min(...left));
    },
  });
}
