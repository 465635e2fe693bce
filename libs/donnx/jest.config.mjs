import preset from '../../jest.preset.mjs';

// Property tests over random graphs, also on machines that are busy with other things.
export default { ...preset, testTimeout: 120_000 };
