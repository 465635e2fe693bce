// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Datatype} from "./Datatype.sol";
import {SoftFloat32} from "./SoftFloat32.sol";
import {StepDescriptor} from "./StepDescriptor.sol";
import {StepSignature} from "./StepSignature.sol";

/// @title StepArithmetic
/// @notice What the operations of SPEC.md, section 5, make of elements that are read already.
/// @dev Elements as in Datatype. Results are exact integers, which the caller checks against their datatype, or FP32 bits.
///
/// `unchecked`: elements are below 2^64, rows have at most 256 of them, so sums of products are below 2^136.
library StepArithmetic {
    /// FP32 integers below it are exact, whatever is added to what.
    int256 private constant EXACT = 2 ** 24;

    // ---------------------------------------------------------------- one element of each operand

    /// @notice Operations 9 to 22.
    /// @param from Datatype of `x`. Of `y` and `z` it follows from the operation.
    function elementwise(
        StepDescriptor.Step memory step,
        uint256 from,
        int256 x,
        int256 y,
        int256 z
    ) internal pure returns (int256) {
        uint256 op = step.op;
        if (op >= StepSignature.QUANTIZE) return _convert(step, x, y);
        if (op == StepSignature.CAST) return _cast(x, from, step.datatype);
        if (op == StepSignature.CLIP) return _clip(x, y, z, from);
        if (op == StepSignature.MIN) return Datatype.orderOf(x, from) < Datatype.orderOf(y, from) ? x : y;
        if (op == StepSignature.MAX) return Datatype.orderOf(x, from) > Datatype.orderOf(y, from) ? x : y;
        return from == Datatype.FP32 ? _onFloats(op, _bits(x), _bits(y)) : _onIntegers(op, x, y);
    }

    function _clip(int256 x, int256 least, int256 most, uint256 datatype) private pure returns (int256) {
        int256 order = Datatype.orderOf(x, datatype);
        if (order < Datatype.orderOf(least, datatype)) return least;
        return order > Datatype.orderOf(most, datatype) ? most : x;
    }

    function _onIntegers(uint256 op, int256 x, int256 y) private pure returns (int256) {
        unchecked {
            if (op == StepSignature.ADD) return x + y;
            if (op == StepSignature.SUB) return x - y;
            if (op == StepSignature.MUL) return x * y;
            if (y == 0) revert IStepVerifier.StepVerifier_DivisionByZero(x);
            return x / y;
        }
    }

    function _onFloats(uint256 op, uint32 x, uint32 y) private pure returns (int256) {
        if (op == StepSignature.ADD) return _element(SoftFloat32.add(x, y));
        if (op == StepSignature.SUB) return _element(SoftFloat32.sub(x, y));
        if (op == StepSignature.MUL) return _element(SoftFloat32.mul(x, y));
        if (op == StepSignature.DIV) return _element(SoftFloat32.div(x, y));
        if (op == StepSignature.ROUND) return _element(SoftFloat32.roundHalfEven(x));
        return _element(op == StepSignature.FLOOR ? SoftFloat32.floor(x) : SoftFloat32.ceil(x));
    }

    function _cast(int256 x, uint256 from, uint256 to) private pure returns (int256) {
        if (from == to) return x;
        if (to == Datatype.BOOL) return Datatype.orderOf(x, from) == 0 ? int256(0) : int256(1);
        // An integer of the profile has at most 64 bits.
        if (to == Datatype.FP32) return _element(SoftFloat32.fromInt64(int64(x)));
        return from == Datatype.FP32 ? SoftFloat32.toIntTowardsZero(_bits(x)) : x;
    }

    function _convert(StepDescriptor.Step memory step, int256 x, int256 scale) private pure returns (int256) {
        int32 zeroPoint = int32(step.p0);
        bool isSigned = step.datatype == Datatype.INT8;
        if (step.op == StepSignature.QUANTIZE) return SoftFloat32.quantize(_bits(x), _bits(scale), zeroPoint, isSigned);
        if (step.op == StepSignature.REQUANTIZE)
            return SoftFloat32.requantize(int32(x), _bits(scale), zeroPoint, isSigned);
        return _element(SoftFloat32.dequantize(int16(x), _bits(scale), zeroPoint));
    }

    // ---------------------------------------------------------------- a row

    /// @notice Σ x_k, or Σ x_k² if `squared`. Of INT32.
    function sum(bytes calldata row, bool squared) internal pure returns (int256 total) {
        unchecked {
            for (uint256 at = 0; at < row.length; at += 4) {
                int256 value = Datatype.read(row, at, Datatype.INT32);
                total += squared ? value * value : value;
            }
        }
    }

    /// @notice Σ x_k of FP32 that are integers below 2^24, as bits. Their sum is one too.
    function sumOfFloats(bytes calldata row) internal pure returns (int256) {
        unchecked {
            int256 total = 0;
            for (uint256 at = 0; at < row.length; at += 4) {
                total += _integer(uint256(Datatype.read(row, at, Datatype.FP32)));
            }
            if (total <= -EXACT || total >= EXACT)
                revert IStepVerifier.StepVerifier_OutOfRange(StepSignature.SUM, total);
            return _element(SoftFloat32.fromInt32(int32(total)));
        }
    }

    /// @notice The greatest x_k.
    function maxOf(bytes calldata row, uint256 datatype) internal pure returns (int256 greatest) {
        uint256 size = Datatype.sizeOf(datatype);
        int256 greatestOrder = type(int256).min;
        unchecked {
            for (uint256 at = 0; at < row.length; at += size) {
                int256 element = Datatype.read(row, at, datatype);
                int256 order = Datatype.orderOf(element, datatype);
                if (order > greatestOrder) (greatest, greatestOrder) = (element, order);
            }
        }
    }

    /// The integer below 2^24 that the bits are.
    function _integer(uint256 bits) private pure returns (int256) {
        unchecked {
            uint256 magnitude = bits & 0x7fffffff;
            if (magnitude == 0) return 0;
            // Of 1 the last bit stands for 2^-23, of 2^24 - 1 for 1.
            uint256 exponent = magnitude >> 23;
            uint256 places = 150 - exponent;
            uint256 significand = (magnitude & 0x7fffff) | 0x800000;
            uint256 whole = significand >> places;
            if (exponent < 127 || exponent > 150 || whole << places != significand) {
                revert IStepVerifier.StepVerifier_NotAnInteger(bits);
            }
            return bits == magnitude ? int256(whole) : -int256(whole);
        }
    }

    function _bits(int256 element) private pure returns (uint32) {
        return uint32(uint256(element));
    }

    function _element(uint32 bits) private pure returns (int256) {
        return int256(uint256(bits));
    }
}
