export { deploy, type DeployOptions } from './deploy.js';
export * from './deployment.js';
export * from './generated/index.js';
export { local, production, type Parameters } from './parameters.js';
