import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { concat, encodeAbiParameters, keccak256, toHex as viemToHex, type Hex } from 'viem';
import { execute } from '../model/execute.js';
import { randomGraph } from '../testing/random-graph.js';
import { Random } from '../testing/random.js';
import { commitFile } from './commit-file.js';
import { modelRootOf } from './commit-model.js';
import { commitTrace } from './commit-trace.js';
import { decodeDescriptor, describeStep, encodeDescriptor } from './descriptor.js';
import { equalBytes, fromHex, hashLeaf, toHex, ZERO_HASH } from './hash.js';
import { MerkleTree, rootOfRange } from './merkle-tree.js';
import { tensorTree } from './tensor-tree.js';

const counting = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7 + 3) % 256);

/** The rules of TensorRoot.sol once more, by other means: viem, hex, and padding written out. */
function rootByRule(bytes: Uint8Array): Hex {
  const chunks = Array.from({ length: Math.max(1, Math.ceil(bytes.length / 256)) }, (_, at) =>
    bytes.subarray(at * 256, (at + 1) * 256),
  );
  let nodes = chunks.map((chunk) => keccak256(concat(['0x00', viemToHex(chunk)])));
  while (Math.log2(nodes.length) % 1 !== 0) nodes.push(`0x${'00'.repeat(32)}`);
  while (nodes.length > 1) {
    nodes = Array.from({ length: nodes.length / 2 }, (_, at) =>
      keccak256(concat(['0x01', nodes[2 * at]!, nodes[2 * at + 1]!])),
    );
  }
  return nodes[0]!;
}

describe('the tree over a tensor', () => {
  // What TensorRoot.ofBytes of contracts/src/oracle returned in an EVM for `bytes[i] = (7 i + 3) mod 256`.
  it.each([
    [0, '0xbc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a'],
    [1, '0x95bd33e76f23a0f2f742dae8e54a36b2ed82fb1e60b353f5b130ee750198b59b'],
    [255, '0x92efb6e1421e66d36289230d7c31d05095e1c49f8a73ff817ba2fb44abba7308'],
    [256, '0xfe3e2e6067a9aadd6ec1e0f8e02ddf5d71d7adfd6a79b53c28e4c8e4b3b38cd8'],
    [257, '0x82f24a8fb3b6966109fc69b938f57528caab9fd16f9dab95b3f1a0a913e2e2f7'],
    [700, '0x6dc15465861672b8ececf7466f16a18d54c8eb109de2e2972207352af5dd6859'],
    [1025, '0x223ea2790c2cb1f6ffdc73d0491a6e04d40086524fd6603cba755c78acba8fc5'],
  ])('of %i bytes has the root that the contract computes', (length, vector) => {
    const root = toHex(tensorTree(counting(length)).root);

    expect(root).toBe(rootByRule(counting(length)));
    expect(root).toBe(vector);
  });

  it('keeps leaves and nodes apart: a chunk that looks like two nodes has another root', () => {
    const [a, b] = [hashLeaf(counting(1)), hashLeaf(counting(2))];

    expect(toHex(tensorTree(Uint8Array.from([...a, ...b])).root)).not.toBe(toHex(new MerkleTree([a, b]).root));
  });

  it('proves every range of its leaves, and no other leaves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), (count, from, size) => {
        const leaves = Array.from({ length: count }, (_, at) => hashLeaf(Uint8Array.of(at)));
        const tree = new MerkleTree(leaves);
        const first = from % count;
        const last = first + (size % (count - first));
        const range = leaves.slice(first, last + 1);
        const proof = tree.rangeProof(first, last);

        expect(toHex(rootOfRange(range, first, tree.height, proof))).toBe(toHex(tree.root));
        const forged = range.with(0, hashLeaf(Uint8Array.of(200)));
        expect(toHex(rootOfRange(forged, first, tree.height, proof))).not.toBe(toHex(tree.root));
        expect(() => rootOfRange(range, first, tree.height, [...proof, ZERO_HASH])).toThrow(/too long/);
        if (proof.length > 0) expect(() => rootOfRange(range, first, tree.height, proof.slice(1))).toThrow(/too short/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('descriptors', () => {
  it('are read back as they were written, for every step of random graphs', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { compiled } = randomGraph(new Random(seed));
        fc.pre(compiled !== undefined);
        compiled!.steps.forEach((_, id) => {
          const descriptor = describeStep(compiled!, id);
          expect(decodeDescriptor(encodeDescriptor(descriptor))).toEqual(descriptor);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('are refused when they are cut off or longer than they say', () => {
    const { compiled } = randomGraph(new Random(1));
    const bytes = encodeDescriptor(describeStep(compiled!, 1));

    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeDescriptor(bytes.subarray(0, length))).toThrow(/malformed/);
    expect(() => decodeDescriptor(Uint8Array.from([...bytes, 0]))).toThrow(/malformed/);
  });
});

describe('the commitment to a model', () => {
  const file = readFileSync(fileURLToPath(new URL('../../../models/digits/digits.onnx', import.meta.url)));
  const model = commitFile(file);

  it('is the same for everyone who reads the file: these are the roots of digits.onnx', () => {
    expect({ modelRoot: toHex(model.modelRoot), graphRoot: toHex(model.commitment.graphRoot) }).toMatchInlineSnapshot(`
      {
        "graphRoot": "0xaf16d88faab75ed27126ef222e49918e98f9059c3040bb0c34366b1431fc0906",
        "modelRoot": "0xa8dc880abb5bf39812df9451780e762296823512276ce270b28974738296d8e7",
      }
    `);
  });

  it('hashes its parts as abi.encode writes them', () => {
    const { commitment } = model;
    const { profileVersion, nodesHeight, constantsHeight, nodeCount, outNode, inputBytes, outputBytes } = commitment;
    const types = ['uint32', 'bytes32', 'bytes32', 'uint8', 'uint8', 'uint32', 'uint32', 'uint32', 'uint32', 'bytes32'];
    const encoded = encodeAbiParameters(
      types.map((type) => ({ type })),
      [
        profileVersion,
        toHex(commitment.graphRoot),
        toHex(commitment.constRoot),
        nodesHeight,
        constantsHeight,
        nodeCount,
        outNode,
        inputBytes,
        outputBytes,
        toHex(commitment.fileHash),
      ],
    );

    expect(toHex(model.modelRoot)).toBe(keccak256(encoded));
  });

  it('changes with every part', () => {
    const changed = Object.entries(model.commitment).map(([key, value]) =>
      toHex(modelRootOf({ ...model.commitment, [key]: typeof value === 'number' ? value + 1 : hashLeaf(value) })),
    );

    expect(new Set([...changed, toHex(model.modelRoot)]).size).toBe(11);
  });

  it('has a tree over a trace with the input under node 0 and the answer under the out node', () => {
    const input = new Uint8Array(64).fill(9);
    const committed = commitTrace(execute(model.graph, input));
    const { nodesHeight, outNode } = model.commitment;
    const { tree, trees, trace } = committed;

    expect(tree.height).toBe(nodesHeight);
    expect(equalBytes(trees[0]!.root, tensorTree(input).root)).toBe(true);
    for (const id of [0, outNode]) {
      expect(toHex(rootOfRange([tensorTree(trace[id]!).root], id, nodesHeight, tree.path(id)))).toBe(
        toHex(committed.root),
      );
    }
  });

  it('reads hex and bytes into each other', () => {
    expect(fromHex(toHex(counting(40)))).toEqual(counting(40));
  });
});
