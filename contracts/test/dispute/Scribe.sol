// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {PlayerTrees} from "./PlayerTrees.sol";

/// A model that writes on the third byte of the 16 it reads, and so ends where there is none. Step 0 is the input, step 1, which
/// copies that byte, the answer.
library Scribe {
    uint256 internal constant CONTEXT = 16;

    function model() internal pure returns (IDisputeGame.Model memory m) {
        m.graphRoot = PlayerTrees.nodeOf(PlayerTrees.leafOf(descriptor(0)), PlayerTrees.leafOf(descriptor(1)));
        m.nodesHeight = 1;
        m.nodeCount = 2;
        m.outNode = 1;
        m.inputBytes = CONTEXT;
        m.outputBytes = 1;
        m.fileHash = keccak256("scribe.onnx");
    }

    function modelRoot() internal pure returns (bytes32) {
        return keccak256(abi.encode(uint256(1), model()));
    }

    function descriptor(uint256 node) internal pure returns (bytes memory head) {
        head = abi.encodePacked(
            uint8(node),
            uint8(2),
            uint8(1),
            uint8(node),
            uint8(0),
            uint32(1),
            uint96(0),
            uint32(node == 0 ? CONTEXT : 1)
        );
        if (node == 0) return head;
        return
            bytes.concat(
                head,
                abi.encodePacked(uint8(0), uint8(2), uint8(0), uint32(0), uint32(2), uint32(0), uint32(1))
            );
    }

    function step() internal pure returns (IDisputeGame.StepProof memory) {
        return IDisputeGame.StepProof(descriptor(1), just(PlayerTrees.leafOf(descriptor(0))));
    }

    // ---------------------------------------------------------------- texts

    /// What the model reads in step `t`.
    function inputOf(bytes memory prompt, bytes memory output, uint256 t) internal pure returns (bytes memory input) {
        input = new bytes(CONTEXT);
        for (uint256 i = 0; i < prompt.length + t; ++i) {
            input[i] = i < prompt.length ? prompt[i] : output[i - prompt.length];
        }
    }

    /// What the answer says that the model gives in step `t`.
    function claimOf(bytes memory output, uint256 t) internal pure returns (bytes memory) {
        return abi.encodePacked(t < output.length ? output[t] : bytes1(0));
    }

    /// What the model writes on from a prompt.
    function write(bytes memory prompt, uint256 most) internal pure returns (bytes memory output) {
        uint256 room = CONTEXT - prompt.length;
        if (room > most) room = most;
        for (uint256 t = 0; t < room; ++t) {
            bytes1 next = inputOf(prompt, output, t)[2];
            if (next == 0) return output;
            output = abi.encodePacked(output, next);
        }
    }

    // ---------------------------------------------------------------- traces

    function rootOf(bytes memory input, bytes memory answer) internal pure returns (bytes32) {
        return PlayerTrees.nodeOf(PlayerTrees.leafOf(input), PlayerTrees.leafOf(answer));
    }

    function trace(
        bytes memory input,
        bytes memory answer,
        uint256 postedAt
    ) internal pure returns (IDisputeGame.Trace memory) {
        return IDisputeGame.Trace(rootOf(input, answer), postedAt, model());
    }

    function traceProof(
        bytes memory input,
        bytes memory answer
    ) internal pure returns (IDisputeGame.TraceProof memory proof) {
        (bytes32 left, bytes32 right) = (PlayerTrees.leafOf(input), PlayerTrees.leafOf(answer));
        proof.root = rootOf(input, answer);
        proof.inputPath = just(right);
        proof.outputPath = just(left);
        proof.children = new bytes32[](2);
        (proof.children[0], proof.children[1]) = (left, right);
    }

    /// What shows how the answer is computed from the input.
    function element(
        bytes memory input,
        bytes memory answer
    ) internal pure returns (IStepVerifier.ElementProof memory) {
        bytes memory reads = abi.encodePacked(uint16(input.length), uint8(0), input, PlayerTrees.leafOf(answer));
        return IStepVerifier.ElementProof(answer, 0, 0, reads);
    }

    function just(bytes32 sibling) internal pure returns (bytes32[] memory path) {
        path = new bytes32[](1);
        path[0] = sibling;
    }
}
