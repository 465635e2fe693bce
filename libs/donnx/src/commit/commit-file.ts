import { compileModel } from '../model/compile-model.js';
import { commitModel, type CommittedModel } from './commit-model.js';
import { sha256 } from './hash.js';

/**
 * What an ONNX file is on-chain, recomputed from its bytes alone: whoever serves or watches a model compares this model
 * root with the registered one first. Refuses files outside of the profile, naming the node and the remedy.
 *
 * @example
 * if (toHex(commitFile(file).modelRoot) !== version.modelRoot) throw …
 */
export function commitFile(file: Uint8Array): CommittedModel {
  return commitModel(compileModel(file), sha256(file));
}
