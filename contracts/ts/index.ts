export { deploy, type DeployOptions } from './deploy.js';
export * from './deployment.js';
export * from './generated/index.js';
export { waitForReceipt } from './wait-for-receipt.js';
export { local, production, type Parameters } from './parameters.js';
