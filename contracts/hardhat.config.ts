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

const deep = process.env.OPENIMO_FUZZ === 'deep';

export default defineConfig({
  paths: { sources: './src', tests: { solidity: './test' } },
  solidity: { compilers: [compiler] },
  test: {
    solidity: {
      fuzz: { runs: deep ? 100_000 : 1_000, seed: '0x1d0' },
      invariant: deep ? { runs: 1_000, depth: 100, failOnRevert: true } : { runs: 256, depth: 128, failOnRevert: true },
    },
  },
});
