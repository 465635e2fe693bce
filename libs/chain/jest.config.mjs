import preset from '../../jest.preset.mjs';

// A database and a chain take seconds to start where many things run at once.
export default { ...preset, testTimeout: 180_000 };
