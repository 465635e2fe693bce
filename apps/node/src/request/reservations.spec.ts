import { Reservations } from './reservations.js';

describe('Reservations', () => {
  it('counts what is promised to others', () => {
    const reservations = new Reservations();
    reservations.hold(1n, 5n);
    reservations.hold(2n, 7n);

    expect(reservations.besides(1n)).toBe(7n);
    expect(reservations.besides(3n)).toBe(12n);
  });

  it('holds one promise per request, the latest', () => {
    const reservations = new Reservations();
    reservations.hold(1n, 5n);
    reservations.hold(1n, 6n);

    expect(reservations.besides(2n)).toBe(6n);
    reservations.release(1n);
    expect(reservations.besides(2n)).toBe(0n);
  });
});
