import { Vitals } from './vitals.js';

describe('Vitals', () => {
  it('lists what is wrong with its reason until it is well again', () => {
    const vitals = new Vitals();
    vitals.set('database', true);
    vitals.set('funds', false, 'needs 2 wei');

    expect(vitals.problems()).toEqual(['funds: needs 2 wei']);

    vitals.set('funds', true);
    expect(vitals.problems()).toEqual([]);
  });

  it('tells warnings apart from what is wrong', () => {
    const vitals = new Vitals();
    vitals.warn('models', ['version 7 has no file', 'version 9 has no file']);

    expect(vitals.problems()).toEqual([]);
    expect(vitals.warnings()).toEqual(['models: version 7 has no file', 'models: version 9 has no file']);

    vitals.warn('models', []);
    expect(vitals.warnings()).toEqual([]);
  });

  it('tells news from repetition', () => {
    const vitals = new Vitals();

    expect([
      vitals.set('chain', false, 'down'),
      vitals.set('chain', false, 'still down'),
      vitals.set('chain', true),
    ]).toEqual([true, false, true]);
  });
});
