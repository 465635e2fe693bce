import preset from '../../jest.preset.mjs';

// Property tests over random graphs, also on machines that are busy with other things.
export default { ...preset, testTimeout: process.env.DONNX_RUNS ? 3_600_000 : 120_000 };
