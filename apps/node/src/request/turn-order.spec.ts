import fc from 'fast-check';
import { placeOf } from './turn-order.js';

const operator = fc.bigInt(1n, 2n ** 160n - 1n).map((n) => `0x${n.toString(16).padStart(40, '0')}` as const);
const operators = fc.uniqueArray(operator, { minLength: 1, maxLength: 8 });

describe('placeOf', () => {
  it('gives every operator a place of its own', () => {
    fc.assert(
      fc.property(operators, fc.bigInt(1n, 10n ** 30n), (all, requestId) => {
        const places = all.map((me) => placeOf(me, all, requestId)).sort((a, b) => a - b);
        expect(places).toEqual(all.map((_, index) => index));
      }),
    );
  });

  it('closes the gap that the drawn operator leaves', () => {
    fc.assert(
      fc.property(operators, fc.bigInt(1n, 10n ** 30n), (all, requestId) => {
        const [drawn, ...others] = all;
        const places = others.map((me) => placeOf(me, all, requestId, drawn)).sort((a, b) => a - b);
        expect(places).toEqual(others.map((_, index) => index));
      }),
    );
  });

  it('does not depend on the order of the list nor on letter case', () => {
    const all = ['0x00000000000000000000000000000000000000aa', '0x00000000000000000000000000000000000000bb'] as const;
    const shouting = [
      '0x00000000000000000000000000000000000000BB',
      '0x00000000000000000000000000000000000000AA',
    ] as const;

    for (const me of all) expect(placeOf(me, all, 7n)).toBe(placeOf(me, shouting, 7n));
  });

  it('lets everybody be first now and then', () => {
    const all = ['0x00000000000000000000000000000000000000aa', '0x00000000000000000000000000000000000000bb'] as const;
    const first = Array.from({ length: 100 }, (_, id) => all.find((me) => placeOf(me, all, BigInt(id)) === 0));

    expect(first.filter((me) => me === all[0]).length).toBeGreaterThan(25);
    expect(first.filter((me) => me === all[1]).length).toBeGreaterThan(25);
  });
});
