// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Datatype} from "./Datatype.sol";
import {IntegerDot} from "./IntegerDot.sol";
import {MerkleRange} from "./MerkleRange.sol";
import {SoftFloat32} from "./SoftFloat32.sol";
import {StepArithmetic} from "./StepArithmetic.sol";
import {StepDescriptor} from "./StepDescriptor.sol";
import {StepReads} from "./StepReads.sol";
import {StepSignature} from "./StepSignature.sol";

/// @title StepVerifier
/// @notice See IStepVerifier.
contract StepVerifier is IStepVerifier {
    using StepDescriptor for bytes;
    using StepReads for StepReads.Reads;

    /// The element in question.
    struct Element {
        StepDescriptor.Step step;
        /// Along each of the step's axes.
        uint256[6] coordinates;
        int256 claimed;
    }

    /// @inheritdoc IStepVerifier
    function isWrong(
        Evidence calldata evidence,
        bytes calldata descriptor,
        ElementProof calldata proof
    ) external pure returns (bool wrong) {
        Element memory element = _locate(descriptor, evidence.chunkIndex, proof);
        StepReads.Reads memory reads = StepReads.over(evidence, proof.reads);
        if (element.step.op == StepSignature.ARG_MAX) {
            wrong = _isRefuted(descriptor, element, reads, proof.hint);
        } else {
            wrong = _committed(element.step, _recompute(descriptor, element, reads)) != element.claimed;
        }
        reads.expectUsed();
    }

    // ---------------------------------------------------------------- where

    /// Which element of the step's result the proof is about, and what the chunk has there.
    function _locate(
        bytes calldata descriptor,
        uint256 chunkIndex,
        ElementProof calldata proof
    ) private pure returns (Element memory found) {
        StepDescriptor.Step memory step = descriptor.decode();
        StepSignature.check(step);
        uint256 size = Datatype.sizeOf(step.datatype);
        if (proof.element >= proof.chunk.length / size) {
            revert StepVerifier_ElementOutsideChunk(proof.element, proof.chunk.length / size);
        }
        uint256 flat = (chunkIndex * MerkleRange.CHUNK) / size + proof.element;
        if (flat >= step.elements) revert StepVerifier_ElementOutsideTensor(flat, step.elements);
        found.step = step;
        found.claimed = Datatype.read(proof.chunk, proof.element * size, step.datatype);
        for (uint256 axis = step.rank; axis > 0;) {
            uint256 dim = descriptor.dim(--axis);
            found.coordinates[axis] = flat % dim;
            flat /= dim;
        }
    }

    /// The byte at which the element's view of the operand begins.
    function _addressOf(
        bytes calldata descriptor,
        Element memory element,
        StepDescriptor.Operand memory operand,
        uint256 index
    ) private pure returns (int256 position) {
        position = operand.offset;
        for (uint256 axis = 0; axis < element.step.rank; ++axis) {
            position += int256(element.coordinates[axis]) * descriptor.stride(element.step, index, axis);
        }
    }

    /// How many elements the element reduces: of a reduction that is cut, the last segment may be shorter.
    function _lengthOf(Element memory element) private pure returns (uint256) {
        StepDescriptor.Step memory step = element.step;
        int256 whole = int256(step.length);
        if (step.p2 <= whole) return step.length;
        int256 rest = step.p2 - whole * int256(element.coordinates[step.rank - 1]);
        if (rest <= 0) revert StepVerifier_WrongLength(step.op, step.length);
        return uint256(rest < whole ? rest : whole);
    }

    // ---------------------------------------------------------------- what

    /// The element as an exact integer or FP32 bits.
    function _recompute(
        bytes calldata descriptor,
        Element memory element,
        StepReads.Reads memory reads
    ) private pure returns (int256) {
        StepDescriptor.Step memory step = element.step;
        if (step.op == StepSignature.DOT) return _dot(descriptor, element, reads);
        if (step.op <= StepSignature.MAX_OF && step.op != StepSignature.CONCAT) {
            return _reduce(descriptor, element, reads);
        }
        if (step.op == StepSignature.CONCAT) {
            (int256 copied, ) = _scalar(descriptor, element, reads, _serving(descriptor, element), 0);
            return copied;
        }
        (int256 x, uint256 from) = _scalar(descriptor, element, reads, 0, 0);
        if (step.op == StepSignature.GATHER) {
            if (x < 0 || x >= step.p1) revert StepVerifier_IndexOutOfRange(x, step.p1);
            (int256 found, ) = _scalar(descriptor, element, reads, 1, x * step.p0);
            return found;
        }
        if (step.op == StepSignature.SELECT) {
            (int256 chosen, ) = _scalar(descriptor, element, reads, x != 0 ? 1 : 2, 0);
            return chosen;
        }
        int256 y;
        int256 z;
        if (step.operands > 1) (y, ) = _scalar(descriptor, element, reads, 1, 0);
        if (step.operands > 2) (z, ) = _scalar(descriptor, element, reads, 2, 0);
        return StepArithmetic.elementwise(step, from, x, y, z);
    }

    /// The element as it is committed: -0 as +0, and integers as they are, if they are the datatype's.
    function _committed(StepDescriptor.Step memory step, int256 result) private pure returns (int256) {
        if (step.datatype == Datatype.FP32) {
            return int256(uint256(SoftFloat32.canonical(uint32(uint256(result)))));
        }
        if (!Datatype.holds(step.datatype, result)) revert StepVerifier_OutOfRange(step.op, result);
        return result;
    }

    /// Concat: the operand that serves the coordinate on its axis, the last one what the others leave.
    function _serving(bytes calldata descriptor, Element memory element) private pure returns (uint256 index) {
        StepDescriptor.Step memory step = element.step;
        if (step.p0 < 0 || step.p0 >= int256(step.rank)) revert StepVerifier_WrongAxis(step.p0, step.rank);
        uint256 at = element.coordinates[uint256(step.p0)];
        while (index + 1 < step.operands && at >= descriptor.operand(step, index).bound) ++index;
    }

    function _dot(
        bytes calldata descriptor,
        Element memory element,
        StepReads.Reads memory reads
    ) private pure returns (int256) {
        (bytes calldata a, IntegerDot.Zero memory za) = _factor(descriptor, element, reads, 0, element.step.p0);
        (bytes calldata b, IntegerDot.Zero memory zb) = _factor(descriptor, element, reads, 1, element.step.p1);
        return IntegerDot.ofCalldata(a, b, za, zb);
    }

    function _factor(
        bytes calldata descriptor,
        Element memory element,
        StepReads.Reads memory reads,
        uint256 index,
        int256 zeroPoint
    ) private pure returns (bytes calldata row, IntegerDot.Zero memory zero) {
        uint256 datatype;
        (row, datatype) = _row(descriptor, element, reads, index);
        zero = IntegerDot.Zero(datatype == Datatype.INT8, int32(zeroPoint));
    }

    function _reduce(
        bytes calldata descriptor,
        Element memory element,
        StepReads.Reads memory reads
    ) private pure returns (int256) {
        StepDescriptor.Step memory step = element.step;
        (bytes calldata row, uint256 datatype) = _row(descriptor, element, reads, 0);
        if (step.op == StepSignature.MAX_OF) return StepArithmetic.maxOf(row, datatype);
        if (datatype == Datatype.FP32) return StepArithmetic.sumOfFloats(row);
        return StepArithmetic.sum(row, step.op == StepSignature.SUM_SQUARE);
    }

    /// ArgMax: whether the claimed position is outside of the row, or that of `hint` is better: the first of the greatest. Two
    /// reads, however long the row.
    function _isRefuted(
        bytes calldata descriptor,
        Element memory element,
        StepReads.Reads memory reads,
        uint256 hint
    ) private pure returns (bool) {
        uint256 length = element.step.length;
        if (element.claimed < 0 || element.claimed >= int256(length)) return true;
        if (hint >= length) revert StepVerifier_HintOutsideRow(hint, length);
        int256 size = int256(Datatype.sizeOf(descriptor.operand(element.step, 0).datatype));
        (int256 value, uint256 datatype) = _scalar(descriptor, element, reads, 0, element.claimed * size);
        (int256 better, ) = _scalar(descriptor, element, reads, 0, int256(hint) * size);
        (value, better) = (Datatype.orderOf(value, datatype), Datatype.orderOf(better, datatype));
        return better > value || (better == value && int256(hint) < element.claimed);
    }

    // ---------------------------------------------------------------- reads

    /// The element of operand `index`, `further` bytes behind where the element's view begins.
    function _scalar(
        bytes calldata descriptor,
        Element memory element,
        StepReads.Reads memory reads,
        uint256 index,
        int256 further
    ) private pure returns (int256 value, uint256 datatype) {
        StepDescriptor.Operand memory operand = descriptor.operand(element.step, index);
        datatype = operand.datatype;
        StepSignature.checkOperand(element.step, index, datatype);
        int256 position = _addressOf(descriptor, element, operand, index) + further;
        value = Datatype.read(reads.take(operand, index, position, Datatype.sizeOf(datatype)), 0, datatype);
    }

    /// The contiguous elements of operand `index` that the element reduces.
    function _row(
        bytes calldata descriptor,
        Element memory element,
        StepReads.Reads memory reads,
        uint256 index
    ) private pure returns (bytes calldata row, uint256 datatype) {
        StepDescriptor.Operand memory operand = descriptor.operand(element.step, index);
        datatype = operand.datatype;
        StepSignature.checkOperand(element.step, index, datatype);
        int256 position = _addressOf(descriptor, element, operand, index);
        row = reads.take(operand, index, position, _lengthOf(element) * Datatype.sizeOf(datatype));
    }
}
