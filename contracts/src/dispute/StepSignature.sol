// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {StepDescriptor} from "./StepDescriptor.sol";

/// @title StepSignature
/// @notice How many operands each operation of SPEC.md, section 5, has, and of which datatypes they and the result are.
library StepSignature {
    uint256 internal constant CONCAT = 1;
    uint256 internal constant DOT = 2;
    uint256 internal constant SUM = 3;
    uint256 internal constant SUM_SQUARE = 4;
    uint256 internal constant MAX_OF = 5;
    uint256 internal constant ARG_MAX = 6;
    uint256 internal constant GATHER = 7;
    uint256 internal constant SELECT = 8;
    uint256 internal constant CLIP = 9;
    uint256 internal constant ADD = 10;
    uint256 internal constant SUB = 11;
    uint256 internal constant MUL = 12;
    uint256 internal constant DIV = 13;
    uint256 internal constant MIN = 14;
    uint256 internal constant MAX = 15;
    uint256 internal constant ROUND = 16;
    uint256 internal constant FLOOR = 17;
    uint256 internal constant CEIL = 18;
    uint256 internal constant CAST = 19;
    uint256 internal constant QUANTIZE = 20;
    uint256 internal constant DEQUANTIZE = 21;
    uint256 internal constant REQUANTIZE = 22;

    uint256 private constant MAX_DOT_LENGTH = 1_024;
    uint256 private constant MAX_REDUCE_LENGTH = 256;

    // Sets of datatypes: bit c for code c, and bit 0, which is no code, for that of the result.
    uint256 private constant SAME = 1 << 0;
    uint256 private constant FP32 = 1 << 1;
    uint256 private constant BYTES = (1 << 2) | (1 << 3);
    uint256 private constant INT32 = 1 << 6;
    uint256 private constant INT64 = 1 << 7;
    uint256 private constant BOOL = 1 << 9;
    uint256 private constant COMPARED = FP32 | BYTES | INT32;
    uint256 private constant ORDERED = COMPARED | INT64;
    uint256 private constant ANY = ORDERED | BOOL;

    /// @notice Refuses steps that are not computed, or not like this.
    function check(StepDescriptor.Step memory step) internal pure {
        (uint256 operands, uint256 result, , , ) = _of(step.op);
        bool enough = step.op == CONCAT ? step.operands > 0 : step.operands == operands;
        if (!enough) revert IStepVerifier.StepVerifier_WrongOperands(step.op, step.operands);
        if (result & (1 << step.datatype) == 0) {
            revert IStepVerifier.StepVerifier_WrongDatatype(step.op, step.datatype);
        }
        if (step.op < DOT || step.op > ARG_MAX) return;
        uint256 most =
            step.op == DOT
                ? MAX_DOT_LENGTH
                : step.op == ARG_MAX
                    ? type(uint256).max
                    : MAX_REDUCE_LENGTH;
        if (step.length == 0 || step.length > most) {
            revert IStepVerifier.StepVerifier_WrongLength(step.op, step.length);
        }
    }

    /// @notice Refuses an operand of another datatype.
    function checkOperand(StepDescriptor.Step memory step, uint256 index, uint256 datatype) internal pure {
        (, , uint256 x0, uint256 x1, uint256 x2) = _of(step.op);
        uint256 allowed =
            step.op == CONCAT || index == 0
                ? x0
                : index == 1
                    ? x1
                    : x2;
        if (allowed & SAME != 0 ? datatype != step.datatype : allowed & (1 << datatype) == 0) {
            revert IStepVerifier.StepVerifier_WrongDatatype(step.op, datatype);
        }
    }

    function _of(
        uint256 op
    ) private pure returns (uint256 operands, uint256 result, uint256 x0, uint256 x1, uint256 x2) {
        if (op == 0 || op > REQUANTIZE) revert IStepVerifier.StepVerifier_NotComputed(op);
        if (op == CONCAT) return (0, ANY, SAME, SAME, SAME);
        if (op == DOT) return (2, INT32, BYTES, BYTES, 0);
        if (op == SUM) return (1, INT32 | FP32, SAME, 0, 0);
        if (op == SUM_SQUARE) return (1, INT32, SAME, 0, 0);
        if (op == MAX_OF) return (1, COMPARED, SAME, 0, 0);
        if (op == ARG_MAX) return (1, INT64, COMPARED, 0, 0);
        if (op == GATHER) return (2, ANY, INT32 | INT64, SAME, 0);
        if (op == SELECT) return (3, ANY, BOOL, SAME, SAME);
        if (op == CLIP) return (3, ORDERED, SAME, SAME, SAME);
        if (op <= DIV) return (2, INT32 | FP32, SAME, SAME, 0);
        if (op <= MAX) return (2, ORDERED, SAME, SAME, 0);
        if (op <= CEIL) return (1, FP32, SAME, 0, 0);
        if (op == CAST) return (1, ANY, ANY, 0, 0);
        if (op == QUANTIZE) return (2, BYTES, FP32, FP32, 0);
        if (op == DEQUANTIZE) return (2, FP32, BYTES, FP32, 0);
        return (2, BYTES, INT32, FP32, 0);
    }
}
