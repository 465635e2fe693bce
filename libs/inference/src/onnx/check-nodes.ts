import type { GraphProto, ModelProto, NodeProto } from '@openimo/donnx/onnx';
import { refuse } from './model-refusal.js';

/** Operators that run a graph of their own, so that a run may never end. */
const CONTROL_FLOW = new Set(['Loop', 'Scan', 'If', 'SequenceMap']);

/** Operators whose answer another machine cannot repeat. */
const RANDOM = new Set([
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
]);

/** Operators outside the standard that we admit, with the version their domain must be imported at. */
const ADMITTED_CUSTOM: Readonly<Record<string, bigint>> = { 'com.microsoft.QGemm': 1n };

export function isStandardDomain(domain: string | undefined): boolean {
  return domain === undefined || domain === '' || domain === 'ai.onnx';
}

/** `MatMulInteger`, or `com.microsoft.QGemm` outside the standard domain. */
export function operatorNameOf({ domain, opType = '' }: NodeProto): string {
  return isStandardDomain(domain) ? opType : `${domain}.${opType}`;
}

/** `Node "encoder/matmul" (MatMul)`, or `Node 7 (MatMul)` where it has no name. */
export function describeNode(node: NodeProto, index: number): string {
  return `Node ${node.name ? `"${node.name}"` : index} (${operatorNameOf(node)})`;
}

/** Refuses operators, domains and subgraphs outside the profile. */
export function checkNodes(graph: GraphProto, opsetImport: ModelProto['opsetImport']): void {
  graph.node.forEach((node, index) => {
    const where = describeNode(node, index);
    checkOperator(node, where);
    checkDomain(node, where, opsetImport);
    checkAttributes(node, where);
  });
}

function checkOperator(node: NodeProto, where: string): void {
  const operator = node.opType ?? '';
  if (CONTROL_FLOW.has(operator)) {
    refuse(
      'OperatorNotAllowed',
      `${where} is control flow, whose running time nobody can bound. Unroll it, or export the model with fixed steps.`,
      { node: where, operator },
    );
  }
  if (RANDOM.has(operator)) {
    refuse('OperatorNotAllowed', `${where} draws random numbers. Pass what it draws as an input.`, {
      node: where,
      operator,
    });
  }
}

function checkDomain(node: NodeProto, where: string, opsetImport: ModelProto['opsetImport']): void {
  if (isStandardDomain(node.domain)) return;
  const version = ADMITTED_CUSTOM[operatorNameOf(node)];
  const imports = opsetImport.filter(({ domain }) => domain === node.domain);
  if (version === undefined || imports.length !== 1 || imports[0]?.version !== version || node.overload) {
    refuse(
      'OperatorDomainNotAllowed',
      `${where} comes from the domain ${JSON.stringify(node.domain)}. Use standard ONNX operators, or ` +
        `${Object.entries(ADMITTED_CUSTOM)
          .map(([name, admitted]) => `${name} version ${admitted}`)
          .join(', ')}.`,
      { node: where, domain: node.domain },
    );
  }
}

function checkAttributes(node: NodeProto, where: string): void {
  for (const attribute of node.attribute) {
    const { name = '' } = attribute;
    if (attribute.g !== undefined || attribute.graphs.length > 0) {
      refuse('SubgraphNotAllowed', `${where} holds a graph in its attribute "${name}". Inline it.`, { node: where });
    }
    if (attribute.sparseTensor !== undefined || attribute.sparseTensors.length > 0) {
      refuse('SparseTensorNotAllowed', `${where} holds a sparse tensor in "${name}". Store it dense.`, { node: where });
    }
    if (attribute.refAttrName) {
      refuse('ModelMalformed', `${where} refers to a function's attribute outside of a function.`, { node: where });
    }
  }
}
