export { importOnnx } from './onnx/import-onnx.js';
export { lowerGraph } from './model/lower-graph.js';
