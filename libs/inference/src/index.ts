export { checkModel, DEFAULT_CHECK_LIMITS, type CheckLimits, type ModelReport } from './check/check-model.js';
export type { TestRun } from './child/check-child.js';
export type { InspectLimits, ModelInspection } from './onnx/inspect-model.js';
export type { ModelRefusalCode } from './onnx/model-refusal.js';
export type { ModelStatus, ModelWorkersOptions } from './runner/model-workers.js';
export { RunnerPool, type RunnerPoolOptions } from './runner/runner-pool.js';
export { FolderModelStore, type FolderModelStoreOptions } from './store/folder-model-store.js';
export { ioSchema, type IoSchema, type IoTensor } from './tensor/io-schema.js';
export { decodeTensors, encodeTensors, type TensorCodecErrorCode, type TensorData } from './tensor/tensor-codec.js';
