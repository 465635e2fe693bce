export { DomainError, isDomainError, type DomainErrorOptions } from './error/domain-error.js';
export { isAddress, isSha256, type Address, type Hex, type Sha256 } from './hex/hex.js';
export type {
  GenerateTextOptions,
  ModelDescription,
  ModelRunner,
  ModelRunnerErrorCode,
  RunOptions,
} from './model/model-runner.js';
export { textContextOf } from './model/text-model.js';
export type { ModelStore, ModelStoreErrorCode, StoredModel } from './model/model-store.js';
export {
  BPS_ONE,
  bpsOfDown,
  bpsOfUp,
  formatUnits,
  parseUnits,
  splitBpsDown,
  type MoneyErrorCode,
} from './money/money.js';
export {
  datatypeBytes,
  tensorBytes,
  tensorElements,
  totalTensorBytes,
  type TensorDatatype,
  type TensorSpec,
} from './tensor/tensor.js';
