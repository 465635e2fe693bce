import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { $schema, ...swc } = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

const kinds = ['spec', 'int-spec', 'e2e-spec'];
/** Minutes long each: `npm run test:deep` alone runs them. */
if (process.env.OPENIMO_DEEP) kinds.push('deep-spec');

/** What every workspace's jest.config.mjs starts from. */
export default {
  testEnvironment: fileURLToPath(new URL('./jest-environment.mjs', import.meta.url)),
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: kinds.map((kind) => `<rootDir>/src/**/*.${kind}.ts`),
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  maxWorkers: 2,
  // For what hangs: how fast anything is, no test says, and the machine may be busy with others.
  testTimeout: 180_000,
};
