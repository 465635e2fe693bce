import { Recent } from './recent.js';

describe('Recent', () => {
  it('forgets the least recently used when there is too much', () => {
    const recent = new Recent<number>(10, (value) => value);
    recent.set('a', 4);
    recent.set('b', 4);
    expect(recent.get('a')).toBe(4);

    recent.set('c', 4);

    expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([4, undefined, 4]);
  });

  it('keeps the newest, however heavy', () => {
    const recent = new Recent<number>(10, (value) => value);
    recent.set('a', 4);
    recent.set('b', 40);

    expect([recent.get('a'), recent.get('b')]).toEqual([undefined, 40]);
  });

  it('weighs a value once that is set again', () => {
    const recent = new Recent<number>(10, (value) => value);
    for (let times = 0; times < 5; times++) recent.set('a', 4);
    recent.set('b', 4);

    expect([recent.get('a'), recent.get('b')]).toEqual([4, 4]);
  });
});
