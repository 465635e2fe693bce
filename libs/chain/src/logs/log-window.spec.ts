import { LogWindow } from './log-window.js';

describe('LogWindow', () => {
  it('doubles while it is accepted, up to the most', () => {
    const window = new LogWindow(1_500n);
    window.accepted(500n);
    expect(window.blocks).toBe(1_000n);
    window.accepted(1_000n);
    expect(window.blocks).toBe(1_500n);
  });

  it('learns nothing from ranges smaller than itself', () => {
    const window = new LogWindow(10_000n);
    window.accepted(3n);
    expect(window.blocks).toBe(500n);
  });

  it('halves when refused and then grows slowly', () => {
    const window = new LogWindow(10_000n);
    expect(window.refused(500n)).toBe(true);
    expect(window.blocks).toBe(250n);
    window.accepted(250n);
    expect(window.blocks).toBe(313n);
  });

  it('cannot be refused below one block', () => {
    const window = new LogWindow(10n);
    expect([10n, 5n, 2n].map((blocks) => window.refused(blocks))).toEqual([true, true, true]);
    expect(window.blocks).toBe(1n);
    expect(window.refused(1n)).toBe(false);
  });
});
