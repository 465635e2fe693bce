import fc from 'fast-check';
import { type Candidate, KEPT_SECONDS, MOST_ENROLMENTS, planEnrolments } from './enrolment-plan.js';

const NOW = 100_000;
const version = (versionId: bigint, more: Partial<Candidate> = {}): Candidate => ({
  versionId,
  enrolled: false,
  fit: true,
  publishedAt: Number(versionId),
  busy: false,
  ...more,
});
const plan = (versions: readonly Candidate[], most: number, mayLeave = true) =>
  planEnrolments(versions, versions.filter(({ enrolled }) => enrolled).length, { most, mayLeave, now: NOW });

describe('planEnrolments', () => {
  it('enrols for all that are fit while there is room', () => {
    expect(plan([version(1n), version(2n, { fit: false }), version(3n, { enrolled: true })], 2)).toEqual({
      enrol: [1n],
      leave: [],
      wait: [],
    });
  });

  it('has the room that the registry has, and counts enrolments it was not told of', () => {
    expect(MOST_ENROLMENTS).toBe(32);
    expect(planEnrolments([version(1n)], 32, { mayLeave: true, now: NOW }).wait).toEqual([1n]);
    expect(planEnrolments([version(1n)], 31, { mayLeave: true, now: NOW }).enrol).toEqual([1n]);
  });

  it('leaves the one that has gone longest without a request, and enrols in the next plan', () => {
    const versions = [
      version(1n, { enrolled: true, lastRequestAt: 500 }),
      version(2n, { enrolled: true, lastRequestAt: 400 }),
      version(3n, { publishedAt: 600 }),
    ];
    expect(plan(versions, 2)).toEqual({ enrol: [], leave: [2n], wait: [] });
    const after = [versions[0]!, { ...versions[1]!, enrolled: false }, versions[2]!];
    expect(plan(after, 2)).toEqual({ enrol: [3n], leave: [], wait: [2n] });
  });

  it('comes back to one that is asked again', () => {
    const versions = [version(1n, { lastRequestAt: NOW, busy: true }), version(2n, { enrolled: true })];
    expect(plan(versions, 1).leave).toEqual([2n]);
  });

  it.each([
    ['with work in hand', { busy: true }],
    ['that was asked a moment ago', { lastRequestAt: NOW - KEPT_SECONDS + 1 }],
    ['that is more recent', { publishedAt: NOW - 1 }],
  ])('keeps one %s', (_, more) => {
    const versions = [version(1n, { enrolled: true, ...more }), version(2n, { publishedAt: NOW - 2 })];
    expect(plan(versions, 1)).toEqual({ enrol: [], leave: [], wait: [2n] });
  });

  it('leaves one it cannot serve before any other', () => {
    const versions = [version(1n, { enrolled: true }), version(9n, { enrolled: true, fit: false }), version(5n)];
    expect(plan(versions, 2).leave).toEqual([9n]);
  });

  const seconds = fc.integer({ min: 0, max: NOW });
  const world = fc.record({
    most: fc.integer({ min: 0, max: 6 }),
    mayLeave: fc.boolean(),
    versions: fc
      .array(
        fc.record({
          fit: fc.boolean(),
          enrolled: fc.boolean(),
          publishedAt: seconds,
          lastRequestAt: fc.option(seconds, { nil: undefined }),
          busy: fc.boolean(),
        }),
        { maxLength: 12 },
      )
      .map((all) => all.map((one, i): Candidate => ({ versionId: BigInt(i + 1), ...one }))),
  });

  it('whatever the versions: never exceeds the room, leaves only who may be left, and comes to rest', () => {
    fc.assert(
      fc.property(world, ({ most, mayLeave, versions }) => {
        let now = versions.map((one, i) => ({ ...one, enrolled: one.enrolled && i < most }));
        const enrolled = () => now.filter((one) => one.enrolled);
        const leftOnce = new Set<bigint>();
        for (let round = 0; ; round++) {
          expect(round).toBeLessThanOrEqual(2 * versions.length);
          const { enrol, leave, wait } = plan(now, most, mayLeave);
          const wanted = now.filter((one) => one.fit && !one.enrolled).map(({ versionId }) => versionId);
          expect([...enrol, ...wait].every((id) => wanted.includes(id))).toBe(true);
          expect(enrol.length + leave.length + wait.length).toBe(wanted.length);
          if (!mayLeave) expect(leave).toEqual([]);
          for (const id of leave) {
            const { busy, lastRequestAt = -Infinity } = now.find(({ versionId }) => versionId === id)!;
            expect({ busy, kept: NOW - lastRequestAt < KEPT_SECONDS }).toEqual({ busy: false, kept: false });
            expect(leftOnce.has(id)).toBe(false);
            leftOnce.add(id);
          }
          if (enrol.length + leave.length === 0) break;
          now = now.map((one) => ({
            ...one,
            enrolled: enrol.includes(one.versionId) || (one.enrolled && !leave.includes(one.versionId)),
          }));
          expect(enrolled().length).toBeLessThanOrEqual(most);
        }
        const waiting = now.filter((one) => one.fit && !one.enrolled);
        if (waiting.length > 0) expect(enrolled()).toHaveLength(most);
      }),
      { numRuns: 2_000 },
    );
  });
});
