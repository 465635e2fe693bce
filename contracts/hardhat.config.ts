import { createRequire } from 'node:module';
import { defineConfig } from 'hardhat/config';

// The compiler is the WebAssembly build inside the npm package "solc", so nothing is downloaded.
const require = createRequire(import.meta.url);
const { version } = require('solc/package.json') as { version: string };
const compiler = {
  version,
  path: require.resolve('solc/soljson.js'),
  settings: { optimizer: { enabled: true, runs: 200 }, viaIR: false, evmVersion: 'cancun' },
};

// OPENIMO_FUZZ=deep selects the profile `deep`; what a test costs may set other runs for it, per profile, in a comment above it.
if (process.env.OPENIMO_FUZZ === 'deep') process.env.HARDHAT_TEST_PROFILE = 'deep';
const seed = '0x1d0';

export default defineConfig({
  paths: { sources: './src', tests: { solidity: './test' } },
  solidity: { compilers: [compiler] },
  test: {
    solidity: {
      profiles: {
        default: { fuzz: { runs: 1_000, seed }, invariant: { runs: 256, depth: 128, failOnRevert: true } },
        deep: { fuzz: { runs: 100_000, seed }, invariant: { runs: 1_000, depth: 100, failOnRevert: true } },
      },
    },
  },
});
