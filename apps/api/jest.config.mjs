import preset from '../../jest.preset.mjs';

// Chains, databases and processes take seconds to start where many things run at once.
export default { ...preset, testTimeout: 120_000 };
