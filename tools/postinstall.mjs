// npm leaves out *optional* packages whose "engines" exclude the Node that runs npm. Hardhat's native binding wants
// Node >= 22, so an install started by Node 20 gets a second pass under the pinned Node of node_modules/.bin.
import { spawnSync } from 'node:child_process';

const SECOND_PASS = 'OPENIMO_INSTALL_SECOND_PASS';
const npmNodeMajor = Number(/node\/v(\d+)/.exec(process.env.npm_config_user_agent ?? '')?.[1] ?? 0);
const ownNodeMajor = Number(process.versions.node.split('.')[0]);

if (process.env[SECOND_PASS] === '1' || npmNodeMajor >= 22 || npmNodeMajor === 0) process.exit(0);
if (ownNodeMajor < 22) {
  console.error('The pinned Node (npm package "node") did not install. Install Node >= 22 and run npm ci again.');
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  [
    process.env.npm_execpath,
    'install',
    '--no-save',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ],
  { stdio: 'inherit', env: { ...process.env, [SECOND_PASS]: '1' } },
);
process.exit(status ?? 1);
