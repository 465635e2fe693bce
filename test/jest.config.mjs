import preset from '../jest.preset.mjs';

/** Whole stacks: one at a time, minutes long. */
export default { ...preset, maxWorkers: 1, testTimeout: 300_000 };
