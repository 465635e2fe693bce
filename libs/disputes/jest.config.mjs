import preset from '../../jest.preset.mjs';

// Whole disputes on a chain take seconds where many things run at once, thousands of them most of an hour.
export default { ...preset, testTimeout: process.env.OPENIMO_DEEP ? 3_600_000 : 180_000 };
