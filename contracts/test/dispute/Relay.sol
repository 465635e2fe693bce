// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {PlayerTrees} from "./PlayerTrees.sol";
import {Trees} from "./Trees.sol";

/// A model whose hundred steps hand four bytes on from one to the next: deep enough for a second reveal among the steps, and in
/// one wide step among the chunks. Step 0 is the input, step `WIDE` repeats the first byte 16,700 times, step `OUT` is the
/// answer: the first two bytes.
library Relay {
    uint256 internal constant STEPS = 100;
    uint256 internal constant HEIGHT = 7;
    uint256 internal constant WIDE = 50;
    uint256 internal constant WIDE_BYTES = 16_700;
    uint256 internal constant WIDE_CHUNKS = 66;
    uint256 internal constant WIDE_HEIGHT = 7;
    uint256 internal constant OUT = 99;

    /// A run, and what its operator commits to: all tensors, the leaves over each, and their roots.
    struct Run {
        bytes[] tensors;
        bytes32[][] leaves;
        bytes32[] roots;
    }

    // ---------------------------------------------------------------- the model

    function model() internal pure returns (IDisputeGame.Model memory m) {
        m.graphRoot = PlayerTrees.root(descriptorLeaves());
        m.nodesHeight = HEIGHT;
        m.nodeCount = STEPS;
        m.outNode = OUT;
        m.inputBytes = 4;
        m.outputBytes = 2;
        m.fileHash = keccak256("relay.onnx");
    }

    function modelRoot() internal pure returns (bytes32) {
        return keccak256(abi.encode(uint256(1), model()));
    }

    function bytesOf(uint256 node) internal pure returns (uint256) {
        return
            node == WIDE
                ? WIDE_BYTES
                : node == OUT
                    ? 2
                    : 4;
    }

    function descriptor(uint256 node) internal pure returns (bytes memory) {
        bytes memory head = abi.encodePacked(
            uint8(node == 0 ? 0 : 1),
            uint8(2),
            uint8(1),
            uint8(node == 0 ? 0 : 1),
            uint8(node == WIDE ? WIDE_HEIGHT : 0),
            uint32(1),
            uint96(0),
            uint32(bytesOf(node))
        );
        if (node == 0) return head;
        uint8 sourceHeight = uint8(node - 1 == WIDE ? WIDE_HEIGHT : 0);
        uint32 stride = node == WIDE ? 0 : 1;
        return
            bytes.concat(
                head,
                abi.encodePacked(uint8(0), uint8(2), sourceHeight, uint32(node - 1), uint32(0), uint32(0), stride)
            );
    }

    function descriptorLeaves() internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](1 << HEIGHT);
        for (uint256 i = 0; i < STEPS; ++i) {
            leaves[i] = PlayerTrees.leafOf(descriptor(i));
        }
    }

    function step(uint256 node) internal pure returns (IDisputeGame.StepProof memory) {
        return IDisputeGame.StepProof(descriptor(node), PlayerTrees.path(descriptorLeaves(), node));
    }

    // ---------------------------------------------------------------- runs

    function honest(bytes memory input) internal pure returns (Run memory run) {
        run.tensors = new bytes[](STEPS);
        run.leaves = new bytes32[][](STEPS);
        run.roots = new bytes32[](1 << HEIGHT);
        run.tensors[0] = input;
        computeFrom(run, 1);
        commit(run, 0);
    }

    /// Computes the steps from `node` on and commits to them.
    function computeFrom(Run memory run, uint256 node) internal pure {
        for (uint256 i = node; i < STEPS; ++i) {
            bytes memory source = run.tensors[i - 1];
            run.tensors[i] = i == WIDE ? repeated(source[0], WIDE_BYTES) : Trees.slice(source, 0, bytesOf(i));
            commit(run, i);
        }
    }

    /// A word at a time, as a run of many is to be had for little.
    function repeated(bytes1 value, uint256 length) internal pure returns (bytes memory out) {
        uint256 word = uint256(uint8(value)) * (type(uint256).max / 0xff);
        out = new bytes(length);
        // The last word may reach into the padding of `out`, which is allocated in whole words.
        assembly ("memory-safe") {
            for {
                let at := 0
            } lt(at, length) {
                at := add(at, 32)
            } {
                mstore(add(add(out, 32), at), word)
            }
        }
    }

    function commit(Run memory run, uint256 node) internal pure {
        run.leaves[node] = PlayerTrees.leavesOf(run.tensors[node]);
        run.roots[node] = PlayerTrees.root(run.leaves[node]);
    }

    /// An honest run but for byte `at` of step `node`, and all that follows from it where the operator computed on.
    function faulty(bytes memory input, uint256 node, uint256 at, bool goOn) internal pure returns (Run memory run) {
        run = honest(input);
        run.tensors[node][at] = bytes1(uint8(run.tensors[node][at]) ^ 0x80);
        commit(run, node);
        if (goOn) computeFrom(run, node + 1);
    }

    /// A run whose leaf `at` of step `node` is another than its tensor has.
    function misshapen(
        bytes memory input,
        uint256 node,
        uint256 at,
        bytes32 leaf
    ) internal pure returns (Run memory run) {
        run = honest(input);
        run.leaves[node][at] = leaf;
        run.roots[node] = PlayerTrees.root(run.leaves[node]);
    }

    function rootOf(Run memory run) internal pure returns (bytes32) {
        return PlayerTrees.root(run.roots);
    }

    function trace(Run memory run, uint256 postedAt) internal pure returns (IDisputeGame.Trace memory) {
        return IDisputeGame.Trace(rootOf(run), postedAt, model());
    }

    function traceProof(Run memory run) internal pure returns (IDisputeGame.TraceProof memory) {
        return
            IDisputeGame.TraceProof({
                root: rootOf(run),
                inputPath: PlayerTrees.path(run.roots, 0),
                outputPath: PlayerTrees.path(run.roots, OUT),
                children: PlayerTrees.below(run.roots, HEIGHT, 0, 4)
            });
    }

    /// The path of a chunk to its tensor's root and on to that of the trace.
    function chunkPath(Run memory run, uint256 node, uint256 chunk) internal pure returns (bytes32[] memory) {
        return join(PlayerTrees.path(run.leaves[node], chunk), PlayerTrees.path(run.roots, node));
    }

    function join(bytes32[] memory a, bytes32[] memory b) internal pure returns (bytes32[] memory all) {
        all = new bytes32[](a.length + b.length);
        for (uint256 i = 0; i < all.length; ++i) {
            all[i] = i < a.length ? a[i] : b[i - a.length];
        }
    }

    /// What shows how byte `at` of step `node` is computed.
    function element(
        Run memory run,
        uint256 node,
        uint256 at
    ) internal pure returns (IStepVerifier.ElementProof memory) {
        bytes memory source = PlayerTrees.chunkOf(run.tensors[node - 1], 0);
        bytes32[] memory inner = PlayerTrees.path(run.leaves[node - 1], 0);
        bytes memory reads = abi.encodePacked(
            uint16(source.length),
            uint8(inner.length),
            source,
            inner,
            PlayerTrees.path(run.roots, node - 1)
        );
        return IStepVerifier.ElementProof(PlayerTrees.chunkOf(run.tensors[node], at / 256), at % 256, 0, reads);
    }

    /// The first node at which two runs differ among `children` of both, or their number.
    function firstDifference(bytes32[] memory a, bytes32[] memory b) internal pure returns (uint256 at) {
        while (at < a.length && a[at] == b[at]) ++at;
    }
}
