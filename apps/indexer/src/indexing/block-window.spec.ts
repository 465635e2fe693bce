import { BlockWindow } from './block-window.js';

describe('BlockWindow', () => {
  it('grows where there are few logs and shrinks where there are many', () => {
    const window = new BlockWindow(10_000);
    for (let i = 0; i < 10; i++) window.read(window.blocks, 0);
    expect(window.blocks).toBe(10_000);

    window.read(10_000, 1_000_000);
    expect(window.blocks).toBe(120);
  });

  it('asks for half when the node refuses, and only slowly for more', () => {
    const window = new BlockWindow(10_000);
    for (let i = 0; i < 10; i++) window.read(window.blocks, 0);
    expect(window.refused(10_000)).toBe(true);
    expect(window.blocks).toBe(5_000);

    window.read(5_000, 0);
    expect(window.blocks).toBeLessThan(6_000);
    expect(window.blocks).toBeGreaterThan(5_000);
  });

  it('has nothing to halve at one block', () => {
    expect(new BlockWindow(10).refused(1)).toBe(false);
  });
});
