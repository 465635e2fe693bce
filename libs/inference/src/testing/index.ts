/** For tests of other workspaces that serve models: small ones that need no training. */
export { slowToProfileModel } from './heavy-models.js';
export { alphabetModel } from './text-models.js';
