// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {Datatype} from "../../src/dispute/Datatype.sol";
import {StepVerifier} from "../../src/dispute/StepVerifier.sol";
import {Trees} from "./Trees.sol";

/// One step with everything around it made up: bytes around what it reads, tensors around its operands, axes, strides, the
/// place of the element. A test says what is read and what comes out of it.
abstract contract StepFixture is Test {
    StepVerifier internal verifier = new StepVerifier();

    /// What the element reads of an operand.
    struct Operand {
        uint256 datatype;
        bytes value;
        /// How far behind the operand's address the value is, in bytes.
        int256 further;
        /// Concat.
        uint32 bound;
        /// Not read by this element, and so not proven.
        bool unread;
    }

    struct Step {
        uint8 op;
        uint256 datatype;
        uint32 length;
        int32[3] p;
        Operand[] operands;
        /// Made up if empty.
        uint32[] dims;
        uint32[] at;
    }

    /// What the verifier is asked.
    struct Question {
        IStepVerifier.Evidence evidence;
        bytes descriptor;
        IStepVerifier.ElementProof proof;
    }

    function ask(Question memory q) internal view returns (bool) {
        return verifier.isWrong(q.evidence, q.descriptor, q.proof);
    }

    // ---------------------------------------------------------------- what tests say

    /// The element is `expected` and nothing else.
    function assertElement(Step memory step, bytes memory expected, uint256 seed) internal view {
        Question memory q = questionOf(step, expected, seed);
        assertFalse(ask(q), "right");
        uint256 size = expected.length;
        uint256 at = q.proof.element * size + (seed % size);
        q.proof.chunk[at] ^= bytes1(uint8(1 << ((seed >> 8) % 8)));
        assertTrue(ask(q), "wrong");
    }

    function assertRefused(Step memory step, bytes memory reason, uint256 seed) internal {
        Question memory q = questionOf(step, new bytes(sizeOf(step.datatype)), seed);
        vm.expectRevert(reason);
        ask(q);
    }

    function stepOf(uint8 op, uint256 datatype, Operand memory x) internal pure returns (Step memory step) {
        (step.op, step.datatype, step.operands) = (op, datatype, new Operand[](1));
        step.operands[0] = x;
    }

    function stepOf(
        uint8 op,
        uint256 datatype,
        Operand memory x,
        Operand memory y
    ) internal pure returns (Step memory step) {
        (step.op, step.datatype, step.operands) = (op, datatype, new Operand[](2));
        (step.operands[0], step.operands[1]) = (x, y);
    }

    function stepOf(
        uint8 op,
        uint256 datatype,
        Operand memory x,
        Operand memory y,
        Operand memory z
    ) internal pure returns (Step memory step) {
        (step.op, step.datatype, step.operands) = (op, datatype, new Operand[](3));
        (step.operands[0], step.operands[1], step.operands[2]) = (x, y, z);
    }

    function operand(uint256 datatype, bytes memory value) internal pure returns (Operand memory) {
        return Operand(datatype, value, 0, 0, false);
    }

    /// An operand that is one element.
    function element(uint256 datatype, int256 value) internal pure returns (Operand memory) {
        return operand(datatype, little(value, sizeOf(datatype)));
    }

    function little(int256 value, uint256 size) internal pure returns (bytes memory data) {
        data = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            data[i] = bytes1(uint8(uint256(value) >> (8 * i)));
        }
    }

    function sizeOf(uint256 datatype) internal pure returns (uint256) {
        if (datatype == Datatype.INT64) return 8;
        return datatype == Datatype.INT32 || datatype == Datatype.FP32 ? 4 : 1;
    }

    // ---------------------------------------------------------------- what is made up

    /// The question whether `claimed` is the element. Operands are steps and constants by turns.
    function questionOf(
        Step memory step,
        bytes memory claimed,
        uint256 seed
    ) internal pure returns (Question memory q) {
        if (step.dims.length == 0) (step.dims, step.at) = _someAxes(seed);
        uint256 flat = 0;
        uint256 elements = 1;
        for (uint256 axis = 0; axis < step.dims.length; ++axis) {
            flat = flat * step.dims[axis] + step.at[axis];
            elements *= step.dims[axis];
        }
        uint256 size = claimed.length;
        q.evidence.chunkIndex = (flat * size) / 256;
        q.proof.element = flat - (q.evidence.chunkIndex * 256) / size;
        uint256 rest = elements * size - q.evidence.chunkIndex * 256;
        q.proof.chunk = Trees.random(~seed, rest < 256 ? rest : 256);
        Trees.put(q.proof.chunk, q.proof.element * size, claimed);
        _proveReads(q, step, seed);
    }

    function _someAxes(uint256 seed) private pure returns (uint32[] memory dims, uint32[] memory at) {
        uint256 rank = 1 + (seed % 6);
        (dims, at) = (new uint32[](rank), new uint32[](rank));
        for (uint256 axis = 0; axis < rank; ++axis) {
            dims[axis] = uint32(1 + (uint256(keccak256(abi.encode(seed, axis))) % 7));
            at[axis] = uint32(uint256(keccak256(abi.encode(axis, seed))) % dims[axis]);
        }
    }

    /// Descriptor, reads and roots.
    function _proveReads(Question memory q, Step memory step, uint256 seed) private pure {
        (bytes32[] memory trace, bytes32[] memory constants) = _trees(step, seed);
        (q.evidence.traceRoot, q.evidence.constRoot) = (Trees.rootOf(trace), Trees.rootOf(constants));
        (q.evidence.nodesHeight, ) = Trees.proofOf(trace, 0, 0);
        (q.evidence.constantsHeight, ) = Trees.proofOf(constants, 0, 0);
        q.evidence.node = trace.length - 1;
        q.descriptor = _header(step);
        for (uint256 k = 0; k < step.operands.length; ++k) {
            (bytes memory tensor, uint256 at) = _tensor(step, k, seed);
            q.descriptor = bytes.concat(q.descriptor, _operandBytes(step, k, tensor.length, at, seed));
            if (step.operands[k].unread) continue;
            uint256 size = step.operands[k].value.length;
            bytes32[] memory outer = isConstant(seed, k) ? constants : trace;
            q.proof.reads = bytes.concat(q.proof.reads, readOf(tensor, at, size, outer, idOf(seed, k)));
        }
    }

    /// The leaves of both trees. The tensor of operand `k` is leaf `2k + 1` or `2k + 2` of one of them, next to others.
    function _trees(
        Step memory step,
        uint256 seed
    ) private pure returns (bytes32[] memory trace, bytes32[] memory constants) {
        uint256 count = step.operands.length;
        (trace, constants) = (_words(seed ^ 2, 2 * count + 3), _words(seed ^ 3, 2 * count + 3));
        for (uint256 k = 0; k < count; ++k) {
            (bytes memory tensor, ) = _tensor(step, k, seed);
            (isConstant(seed, k) ? constants : trace)[idOf(seed, k)] = Trees.rootOf(Trees.leavesOf(tensor));
        }
    }

    /// One packed read of `size` bytes from byte `from` of a tensor that is leaf `id` of `outer`.
    function readOf(
        bytes memory tensor,
        uint256 from,
        uint256 size,
        bytes32[] memory outer,
        uint256 id
    ) internal pure returns (bytes memory) {
        (uint256 first, uint256 last) = (from / 256, (from + size - 1) / 256);
        (, bytes32[] memory siblings) = Trees.proofOf(Trees.leavesOf(tensor), first, last);
        (, bytes32[] memory path) = Trees.proofOf(outer, id, id);
        uint256 end = (last + 1) * 256 < tensor.length ? (last + 1) * 256 : tensor.length;
        return
            bytes.concat(
                bytes2(uint16(end - first * 256)),
                bytes1(uint8(siblings.length)),
                Trees.slice(tensor, first * 256, end - first * 256),
                abi.encodePacked(siblings),
                abi.encodePacked(path)
            );
    }

    /// The read of `size` bytes from byte `from` of what `questionOf` has operand `k` read.
    function readWithin(
        Step memory step,
        uint256 k,
        uint256 from,
        uint256 size,
        uint256 seed
    ) internal pure returns (bytes memory) {
        (bytes32[] memory trace, bytes32[] memory constants) = _trees(step, seed);
        (bytes memory tensor, uint256 at) = _tensor(step, k, seed);
        return readOf(tensor, at + from, size, isConstant(seed, k) ? constants : trace, idOf(seed, k));
    }

    function isConstant(uint256 seed, uint256 k) internal pure returns (bool) {
        return (seed >> k) % 2 == 1;
    }

    function idOf(uint256 seed, uint256 k) internal pure returns (uint256) {
        return 2 * k + 1 + ((seed >> (k + 8)) % 2);
    }

    /// Operand `k`'s tensor and where in it the value is.
    function _tensor(Step memory step, uint256 k, uint256 seed) private pure returns (bytes memory tensor, uint256 at) {
        bytes memory value = step.operands[k].value;
        uint256 word = uint256(keccak256(abi.encode(seed, k)));
        at = (word >> 32) % 900;
        tensor = Trees.random(word, at + value.length + ((word >> 64) % 900));
        Trees.put(tensor, at, value);
    }

    function _header(Step memory step) private pure returns (bytes memory header) {
        uint256 elements = 1;
        for (uint256 axis = 0; axis < step.dims.length; ++axis) {
            header = bytes.concat(header, bytes4(step.dims[axis]));
            elements *= step.dims[axis];
        }
        return
            bytes.concat(
                abi.encodePacked(
                    step.op,
                    uint8(step.datatype),
                    uint8(step.dims.length),
                    uint8(step.operands.length),
                    heightOf(elements * sizeOf(step.datatype)),
                    step.length
                ),
                abi.encodePacked(step.p[0], step.p[1], step.p[2]),
                header
            );
    }

    /// Whatever the strides, the element's address is `position`, less how far behind it the value is.
    function _operandBytes(
        Step memory step,
        uint256 k,
        uint256 tensorBytes,
        uint256 position,
        uint256 seed
    ) private pure returns (bytes memory packed) {
        int256 offset = int256(position) - step.operands[k].further;
        bytes memory strides;
        for (uint256 axis = 0; axis < step.dims.length; ++axis) {
            int32 stride = int32(int256(uint256(keccak256(abi.encode(seed, k, axis))) % 2_001) - 1_000);
            offset -= int256(uint256(step.at[axis])) * stride;
            strides = bytes.concat(strides, bytes4(uint32(stride)));
        }
        packed = abi.encodePacked(
            isConstant(seed, k),
            uint8(step.operands[k].datatype),
            heightOf(tensorBytes),
            uint32(idOf(seed, k)),
            int32(offset)
        );
        return bytes.concat(packed, bytes4(step.operands[k].bound), strides);
    }

    function heightOf(uint256 bytes_) internal pure returns (uint8 height) {
        while (256 << height < bytes_) ++height;
    }

    function _words(uint256 seed, uint256 count) private pure returns (bytes32[] memory words) {
        words = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            words[i] = keccak256(abi.encode(seed, i));
        }
    }
}
