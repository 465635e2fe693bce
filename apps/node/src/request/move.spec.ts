import fc from 'fast-check';
import { type JobFacts, type Move, nextMove, type RequestFacts, TURN_SECONDS } from './move.js';

const ME = '0x00000000000000000000000000000000000000a1';
const OTHER = '0x00000000000000000000000000000000000000B2';
const DEADLINE = 1_060;

const fresh: JobFacts = { answered: false, convicted: false };
const answered: JobFacts = { answered: true, convicted: false };

function open(facts: Partial<RequestFacts> = {}): RequestFacts {
  return {
    status: 'Open',
    deadline: DEADLINE,
    hasCallback: true,
    optimistic: false,
    round: 0,
    draw: { operator: ME },
    openSince: 1_000,
    openToAllAt: 1_005,
    place: 0,
    enrolled: true,
    bond: 10n,
    freeStake: 10n,
    feeHeld: false,
    disputed: false,
    ...facts,
  };
}

function asserted(by: typeof ME | typeof OTHER, facts: Partial<RequestFacts> = {}, delivered = false): RequestFacts {
  return open({
    status: 'Asserted',
    round: 1,
    assertion: { operator: by, finalAt: 1_080, delivered, callbackFailed: false },
    ...facts,
  });
}

describe('nextMove while the answer is disputed', () => {
  it('waits for the judge once the window is over, and finalizes then', () => {
    const disputed = asserted(ME, { disputed: true }, true);

    expect(nextMove(answered, disputed, ME, 1_080)).toEqual({ do: 'wait', until: 1_085, why: 'dispute' });
    expect(nextMove(answered, { ...disputed, disputed: false }, ME, 1_080)).toMatchObject({ do: 'finalize' });
  });
});

describe('nextMove while the request is open', () => {
  it('runs the model at once when drawn, then asserts', () => {
    expect(nextMove(fresh, open(), ME, 1_000)).toEqual({ do: 'run' });
    expect(nextMove(answered, open(), ME, 1_001)).toEqual({ do: 'assert', round: 1 });
  });

  it('compares addresses without their letter case', () => {
    const shouting = open({
      draw: { operator: `0x${ME.slice(2).toUpperCase()}` },
    });

    expect(nextMove(fresh, shouting, ME, 1_000)).toEqual({ do: 'run' });
  });

  it('waits for the draw, looking again every second', () => {
    expect(nextMove(fresh, open({ draw: undefined }), ME, 1_000)).toEqual({ do: 'wait', until: 1_001, why: 'draw' });
  });

  it('does not wait for a draw any longer than the drawn operator could', () => {
    expect(nextMove(fresh, open({ draw: undefined }), ME, 1_005)).toEqual({ do: 'run' });
  });

  it('leaves the exclusive window to the drawn operator, then answers in its stead', () => {
    const theirs = open({ draw: { operator: OTHER } });

    expect(nextMove(fresh, theirs, ME, 1_004)).toEqual({
      do: 'wait',
      until: 1_005,
      why: 'exclusive window of the drawn operator',
    });
    expect(nextMove(fresh, theirs, ME, 1_005)).toEqual({ do: 'run' });
  });

  it('takes its turn after the operators before it', () => {
    const third = open({ draw: { operator: OTHER }, place: 2 });

    expect(nextMove(fresh, third, ME, 1_005)).toEqual({ do: 'wait', until: 1_005 + 2 * TURN_SECONDS, why: 'turn' });
    expect(nextMove(fresh, third, ME, 1_005 + 2 * TURN_SECONDS)).toEqual({ do: 'run' });
  });

  it('leaves the last of many operators half of the time that remains', () => {
    const last = open({ draw: { operator: OTHER }, place: 500 });

    expect(nextMove(fresh, last, ME, 1_006)).toMatchObject({ do: 'wait', until: 1_005 + 27 });
  });

  it('answers at once where nobody was drawn', () => {
    expect(nextMove(fresh, open({ draw: {} }), ME, 1_000)).toEqual({ do: 'run' });
  });

  it('waits for free stake, and for nothing beyond the deadline', () => {
    const poor = open({ freeStake: 9n });

    expect(nextMove(answered, poor, ME, 1_000)).toEqual({ do: 'wait', until: 1_001, why: 'free stake' });
    expect(nextMove(answered, poor, ME, DEADLINE)).toEqual({ do: 'wait', until: DEADLINE + 1, why: 'free stake' });
  });

  it('does not answer again once convicted, nor what the runner cannot answer', () => {
    expect(nextMove({ answered: true, convicted: true }, open({ round: 1 }), ME, 1_000)).toMatchObject({
      do: 'wait',
      why: 'cannot answer',
    });
    expect(nextMove({ ...fresh, refused: 'ModelDoesNotLoad' }, open(), ME, 1_000)).toMatchObject({
      why: 'cannot answer',
    });
  });

  it('waits to be enrolled', () => {
    const theirs = open({ enrolled: false, draw: { operator: OTHER } });

    expect(nextMove(fresh, theirs, ME, 1_010)).toMatchObject({ do: 'wait', why: 'enrolment' });
  });

  it('answers what it was drawn for before it left', () => {
    expect(nextMove(fresh, open({ enrolled: false }), ME, 1_000)).toEqual({ do: 'run' });
  });

  it('answers the second round after another operator was convicted', () => {
    expect(nextMove(answered, open({ round: 1 }), ME, 1_000)).toEqual({ do: 'assert', round: 2 });
  });

  it('triggers the refund in its turn after the deadline', () => {
    expect(nextMove(answered, open({ place: 1 }), ME, DEADLINE + 1)).toEqual({
      do: 'wait',
      until: DEADLINE + 1 + TURN_SECONDS,
      why: 'turn to refund',
    });
    expect(nextMove(answered, open({ place: 1 }), ME, DEADLINE + 1 + TURN_SECONDS)).toEqual({ do: 'refund' });
  });
});

describe('nextMove once the request is answered', () => {
  it('waits for the dispute window, then finalizes and delivers', () => {
    expect(nextMove(answered, asserted(ME), ME, 1_079)).toEqual({ do: 'wait', until: 1_080, why: 'dispute window' });
    expect(nextMove(answered, asserted(ME), ME, 1_080)).toEqual({ do: 'finalize', deliver: true, round: 1 });
  });

  it('delivers early to an optimistic client, once', () => {
    const optimistic = asserted(ME, { optimistic: true });

    expect(nextMove(answered, optimistic, ME, 1_010)).toEqual({ do: 'deliver', round: 1 });
    expect(nextMove(answered, asserted(ME, { optimistic: true }, true), ME, 1_010)).toMatchObject({ do: 'wait' });
    expect(nextMove(answered, asserted(ME, { optimistic: true }, true), ME, 1_080)).toEqual({
      do: 'finalize',
      deliver: false,
      round: 1,
    });
  });

  it('tries a callback that failed early once more, when the answer is final', () => {
    const failed = asserted(ME, {
      optimistic: true,
      assertion: { operator: ME, finalAt: 1_080, delivered: false, callbackFailed: true },
    });

    expect(nextMove(answered, failed, ME, 1_010)).toMatchObject({ do: 'wait', why: 'dispute window' });
    expect(nextMove(answered, failed, ME, 1_080)).toEqual({ do: 'finalize', deliver: true, round: 1 });
  });

  it('finalizes without delivery where there is no callback', () => {
    expect(nextMove(answered, asserted(ME, { hasCallback: false }), ME, 1_080)).toMatchObject({ deliver: false });
  });

  it("leaves another operator's answer alone", () => {
    expect(nextMove(fresh, asserted(OTHER), ME, 2_000)).toMatchObject({ do: 'wait', why: 'another operator' });
    expect(nextMove(fresh, asserted(OTHER, { status: 'Final' }), ME, 2_000)).toEqual({ do: 'end', outcome: 'passed' });
  });

  it('delivers what somebody else finalized, then ends', () => {
    expect(nextMove(answered, asserted(ME, { status: 'Final' }), ME, 2_000)).toEqual({ do: 'deliver', round: 1 });
    expect(nextMove(answered, asserted(ME, { status: 'Final' }, true), ME, 2_000)).toEqual({
      do: 'end',
      outcome: 'collected',
    });
  });

  it('computes the output again when its database was lost after the answer', () => {
    expect(nextMove(fresh, asserted(ME), ME, 1_010)).toEqual({ do: 'run' });
    expect(nextMove(fresh, asserted(ME, { status: 'Final' }), ME, 2_000)).toEqual({ do: 'run' });
    expect(nextMove(fresh, asserted(ME, { hasCallback: false }), ME, 1_080)).toMatchObject({ do: 'finalize' });
  });

  it('does not repeat a callback that failed in the end', () => {
    const failed = asserted(ME, {
      status: 'Final',
      assertion: { operator: ME, finalAt: 1_080, delivered: false, callbackFailed: true },
    });

    expect(nextMove(answered, failed, ME, 2_000)).toEqual({ do: 'end', outcome: 'collected' });
  });

  it('ends with a refund, and with a request the chain does not know', () => {
    expect(nextMove(answered, open({ status: 'Refunded' }), ME, 2_000)).toEqual({ do: 'end', outcome: 'refunded' });
    expect(nextMove(answered, open({ status: 'None' }), ME, 2_000)).toEqual({ do: 'end', outcome: 'vanished' });
  });
});

describe('nextMove when the ERC-20 refused to move the fee', () => {
  const held = (facts: Partial<RequestFacts> = {}) => asserted(ME, { status: 'Final', feeHeld: true, ...facts }, true);

  it.each([
    [1_080, 5],
    [1_090, 10],
    [1_480, 400],
    [100_000, 3_600],
  ])('tries at %i, and again %i s later: as long as it has been held, within bounds', (now, seconds) => {
    expect(nextMove(answered, held(), ME, now)).toEqual({ do: 'distribute', again: now + seconds });
  });

  it('delivers first, and leaves the fees of others to them', () => {
    const undelivered = asserted(ME, { status: 'Final', feeHeld: true });

    expect(nextMove(answered, undelivered, ME, 2_000)).toEqual({ do: 'deliver', round: 1 });
    expect(nextMove({ ...fresh, refused: 'ModelFailed' }, undelivered, ME, 2_000).do).toBe('distribute');
    expect(nextMove(fresh, asserted(OTHER, { status: 'Final', feeHeld: true }), ME, 2_000)).toEqual({
      do: 'end',
      outcome: 'passed',
    });
  });
});

describe('nextMove, whatever the facts', () => {
  const seconds = fc.integer({ min: 990, max: 1_100 });
  const address = fc.constantFrom(ME, OTHER) as fc.Arbitrary<`0x${string}`>;
  const job: fc.Arbitrary<JobFacts> = fc.record({
    answered: fc.boolean(),
    convicted: fc.boolean(),
    refused: fc.option(fc.constant('ModelDoesNotLoad'), { nil: undefined }),
  });
  const request: fc.Arbitrary<RequestFacts> = fc
    .record({
      status: fc.constantFrom('None', 'Open', 'Asserted', 'Final', 'Refunded'),
      openSince: seconds,
      openToAllAt: seconds,
      deadline: seconds,
      hasCallback: fc.boolean(),
      optimistic: fc.boolean(),
      round: fc.nat(3),
      assertion: fc.record({
        operator: address,
        finalAt: seconds,
        delivered: fc.boolean(),
        callbackFailed: fc.boolean(),
      }),
      draw: fc.option(fc.record({ operator: fc.option(address, { nil: undefined }) }), { nil: undefined }),
      place: fc.nat(40),
      enrolled: fc.boolean(),
      bond: fc.bigInt(0n, 3n),
      freeStake: fc.bigInt(0n, 3n),
      feeHeld: fc.boolean(),
      disputed: fc.boolean(),
    })
    .map((facts) => ({ ...facts, status: facts.status as RequestFacts['status'] }));

  const always = (law: (move: Move, job: JobFacts, request: RequestFacts, now: number) => boolean) =>
    fc.assert(
      fc.property(job, request, seconds, (facts, onchain, now) =>
        law(nextMove(facts, onchain, ME, now), facts, onchain, now),
      ),
      { numRuns: 3_000 },
    );

  it('answers only what the contract would accept', () => {
    always(
      (move, facts, { status, enrolled, draw, openToAllAt, deadline, bond, freeStake }, now) =>
        move.do !== 'assert' ||
        (status === 'Open' &&
          (enrolled || draw?.operator === ME) &&
          facts.answered &&
          !facts.convicted &&
          (now >= openToAllAt || (draw !== undefined && (draw.operator === undefined || draw.operator === ME))) &&
          now <= deadline &&
          bond <= freeStake),
    );
  });

  it('finalizes only its own answer after the window, and refunds only what is overdue', () => {
    always((move, _, { status, assertion, deadline }, now) => {
      if (move.do === 'finalize')
        return status === 'Asserted' && assertion?.operator === ME && now >= assertion.finalAt;
      if (move.do === 'refund') return status === 'Open' && now > deadline;
      return true;
    });
  });

  it('always waits for something ahead', () => {
    always((move, _facts, _request, now) => move.do !== 'wait' || move.until > now);
  });

  it('ends exactly where nothing is left to do', () => {
    always((move, _, { status }) => {
      if (move.do === 'end') return status === 'None' || status === 'Final' || status === 'Refunded';
      return status !== 'None' && status !== 'Refunded';
    });
  });
});
