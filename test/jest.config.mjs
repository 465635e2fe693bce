import preset from '../jest.preset.mjs';

/** Whole stacks, minutes long. They mostly wait, so two run side by side. */
export default { ...preset, testTimeout: 300_000 };
