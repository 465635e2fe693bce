/** What the API reads with. */
export * from '../dashboard/dashboard.repository.js';
export * from '../index-audit/audit.repository.js';
export * from '../index-dispute/dispute.repository.js';
export * from '../index-model/family.repository.js';
export * from '../index-model/version.repository.js';
export * from '../index-offering/offering.repository.js';
export * from '../index-operator/operator.repository.js';
export * from '../index-oracle/request.repository.js';
export * from '../index-router/fee.repository.js';
export * from '../index-token/revenue.repository.js';
export * from '../index-token/token.repository.js';
export * from './page.js';
export { ReadTable } from './read-table.js';
