export {
  createOfferingCall,
  metadataHashOf,
  publishVersionCall,
  registerFamilyCall,
  type FamilyParams,
  type FileFacts,
  type OfferingParams,
  type VersionParams,
  type VersionTerms,
} from './calls.js';
export { describeTransaction } from './describe-transaction.js';
export { moneyInWords, tokensInWords } from './in-words.js';
export {
  dryRun,
  prepareTransaction,
  type ContractCall,
  type DryRun,
  type PreparedTransaction,
} from './prepared-transaction.js';
export { standardOffering, type StandardOfferingTerms } from './standard-offering.js';
