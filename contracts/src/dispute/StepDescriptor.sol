// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Datatype} from "./Datatype.sol";

/// @title StepDescriptor
/// @notice Reads the packed descriptors of SPEC.md, section 3, in calldata. A descriptor is decoded once and refused there if it is
/// none of the format's; whoever reads it later knows that its rank, datatypes and length hold.
library StepDescriptor {
    uint256 internal constant MAX_RANK = 6;
    uint256 private constant HEADER_BYTES = 21;
    uint256 private constant OPERAND_BYTES = 15;

    struct Step {
        uint256 op;
        uint256 datatype;
        uint256 rank;
        uint256 operands;
        /// Height of the tree over the result.
        uint256 height;
        /// Elements that one element reduces, at most.
        uint256 length;
        int256 p0;
        int256 p1;
        int256 p2;
        /// Elements of the result.
        uint256 elements;
    }

    struct Operand {
        bool isConstant;
        uint256 datatype;
        /// Height of the tree over the tensor that is read.
        uint256 height;
        uint256 id;
        int256 offset;
        /// Concat: serves coordinates below it.
        uint256 bound;
    }

    /// @notice Everything but the operands. Refuses descriptors that the format does not have.
    function decode(bytes calldata descriptor) internal pure returns (Step memory step) {
        if (descriptor.length < HEADER_BYTES) {
            revert IStepVerifier.StepVerifier_WrongDescriptorLength(descriptor.length, HEADER_BYTES);
        }
        step.op = uint8(descriptor[0]);
        step.datatype = uint8(descriptor[1]);
        step.rank = uint8(descriptor[2]);
        step.operands = uint8(descriptor[3]);
        step.height = uint8(descriptor[4]);
        step.length = _word(descriptor, 5);
        step.p0 = _signed(descriptor, 9);
        step.p1 = _signed(descriptor, 13);
        step.p2 = _signed(descriptor, 17);
        if (step.rank == 0 || step.rank > MAX_RANK) revert IStepVerifier.StepVerifier_WrongRank(step.rank);
        uint256 expected = _operandAt(step.rank, step.operands);
        if (descriptor.length != expected) {
            revert IStepVerifier.StepVerifier_WrongDescriptorLength(descriptor.length, expected);
        }
        Datatype.sizeOf(step.datatype);
        step.elements = 1;
        for (uint256 axis = 0; axis < step.rank; ++axis) {
            // At most six factors below 2^32.
            unchecked {
                step.elements *= dim(descriptor, axis);
            }
        }
    }

    /// @notice What a caller must know of a step to judge chunks of its result: the height of its tree, and its bytes.
    function shapeOf(bytes calldata descriptor) internal pure returns (uint256 height, uint256 bytes_) {
        Step memory step = decode(descriptor);
        return (step.height, step.elements * Datatype.sizeOf(step.datatype));
    }

    /// @notice Size of the result along an axis.
    /// @param axis Below the step's rank.
    function dim(bytes calldata descriptor, uint256 axis) internal pure returns (uint256) {
        return _word(descriptor, HEADER_BYTES + 4 * axis);
    }

    /// @param index Below the step's operands.
    function operand(
        bytes calldata descriptor,
        Step memory step,
        uint256 index
    ) internal pure returns (Operand memory found) {
        uint256 at = _operandAt(step.rank, index);
        found.isConstant = descriptor[at] != 0;
        found.datatype = uint8(descriptor[at + 1]);
        found.height = uint8(descriptor[at + 2]);
        found.id = _word(descriptor, at + 3);
        found.offset = _signed(descriptor, at + 7);
        found.bound = _word(descriptor, at + 11);
        Datatype.sizeOf(found.datatype);
    }

    /// @notice Bytes from one coordinate of `axis` to the next in the source of operand `index`.
    function stride(
        bytes calldata descriptor,
        Step memory step,
        uint256 index,
        uint256 axis
    ) internal pure returns (int256) {
        return _signed(descriptor, _operandAt(step.rank, index) + OPERAND_BYTES + 4 * axis);
    }

    function _operandAt(uint256 rank, uint256 index) private pure returns (uint256) {
        return HEADER_BYTES + 4 * rank + index * (OPERAND_BYTES + 4 * rank);
    }

    function _word(bytes calldata descriptor, uint256 at) private pure returns (uint256) {
        return uint32(bytes4(descriptor[at:at + 4]));
    }

    function _signed(bytes calldata descriptor, uint256 at) private pure returns (int256) {
        return int32(uint32(bytes4(descriptor[at:at + 4])));
    }
}
