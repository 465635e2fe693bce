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
    uint256 private constant EVEN_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant EVEN_PAIRS = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant LOWEST_OF_8 = 0x0101010101010101010101010101010101010101010101010101010101010101;
    uint256 private constant LOWEST_OF_32 = 0x0000000100000001000000010000000100000001000000010000000100000001;

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
    // Thirty-two bytes at a time, as lanes of which the highest is the first element. The inner loops are in assembly, on the stack
    // alone, because what the compiler makes of these few operations costs three times as much. They end when all lanes that are
    // left are zero, which add nothing.

    /// @notice Σ x_k, or Σ x_k² if `squared`. Of INT32.
    function sum(bytes calldata row, bool squared) internal pure returns (int256 total) {
        unchecked {
            for (uint256 at = 0; at < row.length; at += 32) {
                uint256 lanes = _first(row.length - at, _reversed(_word(row, at)));
                assembly ("memory-safe") {
                    for {} lanes {
                        lanes := shl(32, lanes)
                    } {
                        let value := signextend(3, shr(224, lanes))
                        if squared {
                            value := mul(value, value)
                        }
                        total := add(total, value)
                    }
                }
            }
        }
    }

    /// @notice Σ x_k of FP32 that are integers below 2^24, as bits. Their sum is one too.
    function sumOfFloats(bytes calldata row) internal pure returns (int256) {
        int256 total = 0;
        unchecked {
            for (uint256 at = 0; at < row.length; at += 32) {
                uint256 lanes = _first(row.length - at, _reversed(_word(row, at)));
                // Adds the whole numbers that the magnitudes are, with their signs, and ends early at one that is none. The places
                // behind the point are 23 of 1 and none of 2^24 - 1; of other exponents, wrapped or not, they are more.
                assembly ("memory-safe") {
                    for {} lanes {
                        lanes := shl(32, lanes)
                    } {
                        let magnitude := and(shr(224, lanes), 0x7fffffff)
                        if magnitude {
                            let places := sub(150, shr(23, magnitude))
                            let significand := or(and(magnitude, 0x7fffff), 0x800000)
                            let whole := shr(places, significand)
                            if or(gt(places, 23), xor(shl(places, whole), significand)) {
                                break
                            }
                            // Of a negative one, all bits flipped and 1.
                            let negative := shr(255, lanes)
                            total := add(total, add(xor(whole, sub(0, negative)), negative))
                        }
                    }
                }
                if (lanes != 0) revert IStepVerifier.StepVerifier_NotAnInteger(lanes >> 224);
            }
        }
        if (total <= -EXACT || total >= EXACT) revert IStepVerifier.StepVerifier_OutOfRange(StepSignature.SUM, total);
        return _element(SoftFloat32.fromInt32(int32(total)));
    }

    /// @notice The greatest x_k. Of INT32, FP32, UINT8 or INT8.
    function maxOf(bytes calldata row, uint256 datatype) internal pure returns (int256) {
        uint256 width = 8 * Datatype.sizeOf(datatype);
        uint256 greatest = 0;
        unchecked {
            for (uint256 at = 0; at < row.length; at += 32) {
                uint256 lanes = _word(row, at);
                if (width == 32) lanes = _reversed(lanes);
                lanes = _first(row.length - at, lanes ^ _flips(lanes, datatype));
                assembly ("memory-safe") {
                    let down := sub(256, width)
                    for {} lanes {
                        lanes := shl(width, lanes)
                    } {
                        let key := shr(down, lanes)
                        if gt(key, greatest) {
                            greatest := key
                        }
                    }
                }
            }
        }
        return _elementOf(greatest, datatype);
    }

    /// 32 bytes of the row, and of what is behind it.
    function _word(bytes calldata row, uint256 at) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(row.offset, at))
        }
    }

    /// The first `count` bytes of a word, and zeros.
    function _first(uint256 count, uint256 word) private pure returns (uint256) {
        unchecked {
            return count >= 32 ? word : word & ~(type(uint256).max >> (8 * count));
        }
    }

    /// The four bytes of each lane the other way round: neighbours change sides, then pairs.
    function _reversed(uint256 lanes) private pure returns (uint256) {
        lanes = ((lanes >> 8) & EVEN_BYTES) | ((lanes & EVEN_BYTES) << 8);
        return ((lanes >> 16) & EVEN_PAIRS) | ((lanes & EVEN_PAIRS) << 16);
    }

    /// Which bits to flip so that lanes, read as unsigned numbers, are in the order of the elements: the sign, and of a negative
    /// float all others too, whose magnitude grows the other way.
    function _flips(uint256 lanes, uint256 datatype) private pure returns (uint256) {
        if (datatype == Datatype.UINT8) return 0;
        if (datatype == Datatype.INT8) return LOWEST_OF_8 << 7;
        uint256 signs = LOWEST_OF_32 << 31;
        if (datatype == Datatype.INT32) return signs;
        return signs | (((lanes >> 31) & LOWEST_OF_32) * 0xffffffff);
    }

    /// The element of which `key` is left by the flips.
    function _elementOf(uint256 key, uint256 datatype) private pure returns (int256) {
        if (datatype == Datatype.UINT8) return int256(key);
        if (datatype == Datatype.INT8) return int256(key) - 2 ** 7;
        if (datatype == Datatype.INT32) return int256(key) - 2 ** 31;
        return int256(key >> 31 == 1 ? key ^ (1 << 31) : key ^ 0xffffffff);
    }

    function _bits(int256 element) private pure returns (uint32) {
        return uint32(uint256(element));
    }

    function _element(uint32 bits) private pure returns (int256) {
        return int256(uint256(bits));
    }
}
