import fc from 'fast-check';
import { type JobFacts, type Move, nextMove, type RequestFacts } from './move.js';
import { placeOf } from './turn-order.js';

/** One request and the operators that race for it, second by second, with the contract's rules written down a second time. */

const EXCLUSIVE = 5;
const DEADLINE = 60;
const WINDOW = 20;
const END = 400;

interface Plan {
  /** Seconds in which the process is down. */
  readonly down: readonly [from: number, length: number][];
  readonly enrolled: boolean;
  readonly solvent: boolean;
  readonly runSeconds: number;
}

class Operator {
  answeredAt: number | undefined;
  convicted = false;
  wakeAt = 0;
  constructor(
    readonly address: `0x${string}`,
    readonly plan: Plan,
  ) {}

  isUp(now: number): boolean {
    return this.plan.down.every(([from, length]) => now < from || now >= from + length);
  }

  wasUpUntil(deadline: number): boolean {
    return this.plan.down.every(([from]) => from > deadline);
  }

  facts(now: number): JobFacts {
    return { answered: this.answeredAt !== undefined && this.answeredAt <= now, convicted: this.convicted };
  }
}

class World {
  readonly operators: Operator[];
  status: RequestFacts['status'] = 'Open';
  round = 0;
  openSince = 0;
  privileged: `0x${string}` | undefined;
  assertion: { operator: `0x${string}`; finalAt: number; delivered: boolean; callbackFailed: boolean } | undefined;
  readonly #places = new Map<string, number>();
  readonly asserted: string[] = [];
  readonly deliveries: string[] = [];

  constructor(
    plans: readonly Plan[],
    drawn: number | undefined,
    readonly drawnKnownAt: number,
    readonly optimistic: boolean,
    /** Seconds after which the first answer is proven wrong; undefined: it is not. */
    readonly convictedAfter: number | undefined,
  ) {
    this.operators = plans.map((plan, i) => new Operator(`0x${(i + 1).toString(16).padStart(40, '0')}`, plan));
    this.privileged = drawn === undefined ? undefined : this.operators[drawn % plans.length]!.address;
  }

  get deadline(): number {
    return this.openSince + DEADLINE;
  }

  run(): void {
    for (let now = 0; now <= END; now++) {
      this.#convict(now);
      for (const operator of this.operators) this.#live(operator, now);
    }
  }

  #live(operator: Operator, now: number): void {
    if (!operator.isUp(now)) {
      // Whoever starts again looks at everything.
      operator.wakeAt = now + 1;
      return;
    }
    while (operator.wakeAt <= now) {
      const move = nextMove(operator.facts(now), this.#facts(operator, now), operator.address, now);
      this.#make(move, operator, now);
    }
  }

  #facts({ address, plan }: Operator, now: number): RequestFacts {
    const known = this.round > 0 || now >= this.drawnKnownAt;
    return {
      status: this.status,
      openSince: this.openSince,
      openToAllAt: this.openSince + EXCLUSIVE,
      deadline: this.deadline,
      hasCallback: true,
      optimistic: this.optimistic,
      round: this.round,
      assertion: this.assertion,
      draw: known ? { operator: this.privileged } : undefined,
      place: this.#placeOf(address),
      enrolled: plan.enrolled,
      bond: 1n,
      freeStake: plan.solvent ? 1n : 0n,
      feeHeld: false,
      disputed: false,
    };
  }

  #placeOf(address: `0x${string}`): number {
    const enrolled = this.operators.filter(({ plan }) => plan.enrolled).map((each) => each.address);
    const key = `${address} ${this.privileged}`;
    const place = this.#places.get(key) ?? placeOf(address, enrolled, 7n, this.privileged);
    this.#places.set(key, place);
    return place;
  }

  /** Fails where the contract would. */
  #make(move: Move, operator: Operator, now: number): void {
    const { address } = operator;
    const require = (holds: boolean) => {
      if (!holds) throw new Error(`at ${now} the contract refuses ${JSON.stringify(move)} of ${address}`);
    };
    switch (move.do) {
      case 'wait':
        require(move.until > now);
        operator.wakeAt = move.until;
        return;
      case 'run':
        operator.answeredAt = now + operator.plan.runSeconds;
        operator.wakeAt = operator.answeredAt;
        return;
      case 'assert': {
        const mayGoFirst = this.privileged === undefined || this.privileged === address;
        const known = this.round > 0 || now >= this.drawnKnownAt;
        require(this.status === 'Open' && now <= this.deadline && operator.plan.solvent);
        require(now >= this.openSince + EXCLUSIVE || (known && mayGoFirst));
        require(operator.plan.enrolled || this.privileged === address);
        this.status = 'Asserted';
        this.round++;
        this.asserted.push(address);
        this.assertion = { operator: address, finalAt: now + WINDOW, delivered: false, callbackFailed: false };
        return this.#tellAll(now);
      }
      case 'deliver':
      case 'finalize':
        if (move.do === 'finalize') {
          require(this.status === 'Asserted' && now >= this.assertion!.finalAt);
          this.status = 'Final';
          if (!move.deliver) return this.#tellAll(now);
        }
        require(this.status === 'Final' || this.optimistic);
        require(!this.assertion!.delivered);
        this.deliveries.push(address);
        this.assertion = { ...this.assertion!, delivered: true };
        return this.#tellAll(now);
      case 'refund':
        require(this.status === 'Open' && now > this.deadline);
        this.status = 'Refunded';
        return this.#tellAll(now);
      case 'end':
        operator.wakeAt = Infinity;
    }
  }

  #convict(now: number): void {
    const answeredAt = this.assertion && this.assertion.finalAt - WINDOW;
    if (this.round !== 1 || this.status !== 'Asserted' || answeredAt! + this.convictedAfter! !== now) return;
    this.operators.find(({ address }) => address === this.assertion!.operator)!.convicted = true;
    this.status = 'Open';
    this.openSince = now;
    this.privileged = undefined;
    this.assertion = undefined;
    this.#tellAll(now);
  }

  /** The event reaches those who are up; the others look when they are. */
  #tellAll(now: number): void {
    for (const operator of this.operators) operator.wakeAt = Math.min(operator.wakeAt, now);
  }
}

const plan: fc.Arbitrary<Plan> = fc.record({
  down: fc.array(fc.tuple(fc.nat(120), fc.integer({ min: 1, max: 60 })), { maxLength: 3 }),
  enrolled: fc.boolean(),
  solvent: fc.boolean(),
  runSeconds: fc.nat(3),
});
const world = fc
  .record({
    plans: fc.array(plan, { minLength: 1, maxLength: 5 }),
    drawn: fc.option(fc.nat(4), { nil: undefined }),
    knownAt: fc.nat(8),
    optimistic: fc.boolean(),
    convictedAfter: fc.option(fc.integer({ min: 1, max: WINDOW - 1 }), { nil: undefined }),
  })
  .map(({ plans, drawn, knownAt, optimistic, convictedAfter }) => {
    return new World(plans, drawn, knownAt, optimistic, convictedAfter);
  });

function always(law: (lived: World) => void): void {
  fc.assert(
    fc.property(world, (lived) => {
      lived.run();
      law(lived);
    }),
    { numRuns: 1_000 },
  );
}

describe('Operators that follow nextMove, whatever dies when', () => {
  it('answer once per round and deliver each answer at most once', () => {
    always(({ asserted, deliveries, round, convictedAfter }) => {
      expect(asserted).toHaveLength(round);
      expect(round).toBeLessThanOrEqual(convictedAfter === undefined ? 1 : 2);
      expect(deliveries.length).toBeLessThanOrEqual(round);
    });
  });

  it('never let a request lapse that one of them could answer all along', () => {
    always(({ operators, status, convictedAfter }) => {
      const able = operators.filter(({ plan: { enrolled, solvent } }) => enrolled && solvent);
      const steady = able.filter((operator) => operator.wasUpUntil(END));
      // The convicted one does not answer again.
      if (steady.length > (convictedAfter === undefined ? 0 : 1)) expect(status).toBe('Final');
    });
  });

  it('end what they began: final and delivered, or refunded, once they are up again', () => {
    always(({ status, asserted, assertion }) => {
      expect(['Final', 'Refunded']).toContain(status);
      if (status === 'Final') {
        expect(asserted.at(-1)).toBe(assertion!.operator);
        expect(assertion!.delivered).toBe(true);
      }
    });
  });

  it('give no operator two answers to one request', () => {
    always(({ asserted }) => expect(new Set(asserted).size).toBe(asserted.length));
  });
});
