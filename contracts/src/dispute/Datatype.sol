// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";

/// @title Datatype
/// @notice The datatypes of the profile, by ONNX's numbers, and their elements in canonical bytes.
/// @dev An element is held as an int256: integers and BOOL by value, FP32 by its bits, from 0 to 2^32 - 1.
library Datatype {
    uint256 internal constant FP32 = 1;
    uint256 internal constant UINT8 = 2;
    uint256 internal constant INT8 = 3;
    uint256 internal constant INT32 = 6;
    uint256 internal constant INT64 = 7;
    uint256 internal constant BOOL = 9;

    /// A hexadecimal digit per code, that of code 0 the last: bytes of an element, 0 for what is no datatype here.
    uint256 private constant SIZES = 0x1084001140;
    uint256 private constant SIGN = 0x80000000;

    /// @notice Bytes of an element.
    function sizeOf(uint256 datatype) internal pure returns (uint256 size) {
        size = datatype < 64 ? (SIZES >> (4 * datatype)) & 15 : 0;
        if (size == 0) revert IStepVerifier.StepVerifier_UnknownDatatype(datatype);
    }

    /// @notice The element that begins at byte `at` of little-endian bytes.
    /// @dev The caller sees to it that it ends within `data`.
    function read(bytes calldata data, uint256 at, uint256 datatype) internal pure returns (int256) {
        uint256 size = sizeOf(datatype);
        uint256 value;
        assembly ("memory-safe") {
            value := shr(192, calldataload(add(data.offset, at)))
        }
        // Eight bytes in reverse, of which the lowest `size` count: neighbours, then pairs, then halves change sides.
        value = ((value >> 8) & 0x00ff00ff00ff00ff) | ((value & 0x00ff00ff00ff00ff) << 8);
        value = ((value >> 16) & 0x0000ffff0000ffff) | ((value & 0x0000ffff0000ffff) << 16);
        value = (value >> 32) | ((value & 0xffffffff) << 32);
        if (datatype == INT64) return int64(uint64(value));
        if (datatype == INT32) return int32(uint32(value));
        if (datatype == INT8) return int8(uint8(value));
        return int256(size == 1 ? value & 0xff : value & 0xffffffff);
    }

    /// @notice What orders elements as their numbers do; not for ordering elements of different datatypes.
    function orderOf(int256 element, uint256 datatype) internal pure returns (int256) {
        if (datatype != FP32 || element < int256(SIGN)) return element;
        // Negative: the magnitude's bits grow with it. -0 is 0.
        return int256(SIGN) - element;
    }

    /// @notice Whether an integer is one of the datatype's. Of BOOL, 0 and 1 are.
    function holds(uint256 datatype, int256 value) internal pure returns (bool) {
        if (datatype == BOOL) return value == 0 || value == 1;
        if (datatype == UINT8) return value >= 0 && value <= 255;
        int256 most = int256((1 << (8 * sizeOf(datatype) - 1)) - 1);
        return value >= -most - 1 && value <= most;
    }
}
