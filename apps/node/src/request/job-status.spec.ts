import type { RequestFacts } from './move.js';
import { statusFrom } from './job-status.js';

const ME = '0x00000000000000000000000000000000000000a1';
const OTHER = '0x00000000000000000000000000000000000000b2';
const fresh = { computed: false, refused: false };
const computed = { computed: true, refused: false };

function facts(status: RequestFacts['status'], by?: typeof ME | typeof OTHER, round = 0): RequestFacts {
  return {
    status,
    openSince: 1_000,
    openToAllAt: 1_005,
    deadline: 1_060,
    hasCallback: false,
    optimistic: false,
    round,
    assertion: by && { operator: by, finalAt: 1_080, delivered: false, callbackFailed: false },
    place: 0,
    enrolled: true,
    bond: 0n,
    freeStake: 0n,
    feeHeld: false,
    disputed: false,
  };
}

describe('statusFrom', () => {
  it('leaves the progress of an open request to the node', () => {
    expect(statusFrom('open', fresh, facts('Open'), ME)).toBe('open');
    expect(statusFrom('computed', computed, facts('Open'), ME)).toBe('computed');
    expect(statusFrom('asserting', computed, facts('Open'), ME)).toBe('asserting');
  });

  it('follows our answer onto the chain', () => {
    expect(statusFrom('asserting', computed, facts('Asserted', ME, 1), ME)).toBe('asserted');
    expect(statusFrom('finalizing', computed, facts('Asserted', ME, 1), ME)).toBe('finalizing');
    expect(statusFrom('finalizing', computed, facts('Final', ME, 1), ME)).toBe('finalizing');
    expect(statusFrom('final', computed, facts('Final', ME, 1), ME)).toBe('final');
  });

  it("gives way to another operator's answer, and takes the request up again when that was proven wrong", () => {
    expect(statusFrom('asserting', computed, facts('Asserted', OTHER, 1), ME)).toBe('superseded');
    expect(statusFrom('superseded', computed, facts('Open', undefined, 1), ME)).toBe('computed');
    expect(statusFrom('superseded', fresh, facts('Open', undefined, 1), ME)).toBe('open');
  });

  it('tells an answer proven wrong from one whose block is gone', () => {
    expect(statusFrom('asserted', computed, facts('Open', undefined, 1), ME)).toBe('voided');
    expect(statusFrom('asserted', computed, facts('Open'), ME)).toBe('asserting');
    expect(statusFrom('voided', computed, facts('Open', undefined, 1), ME)).toBe('voided');
  });

  it('sets aside what the chain does not know, and takes it up when it does again', () => {
    expect(statusFrom('computed', computed, facts('None'), ME)).toBe('failed');
    expect(statusFrom('failed', computed, facts('Open'), ME)).toBe('computed');
  });

  it('does not take up what the model cannot answer', () => {
    expect(statusFrom('failed', { computed: false, refused: true }, facts('Open'), ME)).toBe('failed');
    expect(statusFrom('failed', { computed: false, refused: true }, facts('Refunded'), ME)).toBe('refunded');
  });
});
