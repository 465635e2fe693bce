import preset from '../../jest.preset.mjs';

// Tests start, overload and kill real processes, also on machines that are busy with other things.
export default { ...preset, testTimeout: 60_000 };
