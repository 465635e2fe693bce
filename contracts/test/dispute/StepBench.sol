// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IntegerDot} from "../../src/dispute/IntegerDot.sol";
import {MerkleRange} from "../../src/dispute/MerkleRange.sol";
import {SoftFloat32} from "../../src/dispute/SoftFloat32.sol";

/// The libraries behind functions that a test or a bench can call.
contract Floats {
    function add(uint32 a, uint32 b) external pure returns (uint32) {
        return SoftFloat32.add(a, b);
    }

    function sub(uint32 a, uint32 b) external pure returns (uint32) {
        return SoftFloat32.sub(a, b);
    }

    function mul(uint32 a, uint32 b) external pure returns (uint32) {
        return SoftFloat32.mul(a, b);
    }

    function div(uint32 a, uint32 b) external pure returns (uint32) {
        return SoftFloat32.div(a, b);
    }

    function min(uint32 a, uint32 b) external pure returns (uint32) {
        return SoftFloat32.min(a, b);
    }

    function max(uint32 a, uint32 b) external pure returns (uint32) {
        return SoftFloat32.max(a, b);
    }

    function compare(uint32 a, uint32 b) external pure returns (int256) {
        return SoftFloat32.compare(a, b);
    }

    function roundHalfEven(uint32 a) external pure returns (uint32) {
        return SoftFloat32.roundHalfEven(a);
    }

    function floor(uint32 a) external pure returns (uint32) {
        return SoftFloat32.floor(a);
    }

    function ceil(uint32 a) external pure returns (uint32) {
        return SoftFloat32.ceil(a);
    }

    function relu(uint32 a) external pure returns (uint32) {
        return SoftFloat32.relu(a);
    }

    function canonical(uint32 a) external pure returns (uint32) {
        return SoftFloat32.canonical(a);
    }

    function clip(uint32 a, uint32 least, uint32 most) external pure returns (uint32) {
        return SoftFloat32.clip(a, least, most);
    }

    function fromInt32(int32 value) external pure returns (uint32) {
        return SoftFloat32.fromInt32(value);
    }

    function fromInt64(int64 value) external pure returns (uint32) {
        return SoftFloat32.fromInt64(value);
    }

    function toInt32(uint32 a) external pure returns (int32) {
        return SoftFloat32.toInt32(a);
    }

    function toIntTowardsZero(uint32 a) external pure returns (int256) {
        return SoftFloat32.toIntTowardsZero(a);
    }

    function toIntHalfEven(uint32 a) external pure returns (int256) {
        return SoftFloat32.toIntHalfEven(a);
    }

    function quantize(uint32 x, uint32 scale, int32 zeroPoint, bool isSigned) external pure returns (int256) {
        return SoftFloat32.quantize(x, scale, zeroPoint, isSigned);
    }

    function dequantize(int16 x, uint32 scale, int32 zeroPoint) external pure returns (uint32) {
        return SoftFloat32.dequantize(x, scale, zeroPoint);
    }

    function requantize(int32 sum, uint32 multiplier, int32 zeroPoint, bool isSigned) external pure returns (int256) {
        return SoftFloat32.requantize(sum, multiplier, zeroPoint, isSigned);
    }
}

/// Gas of one operation: between two looks at what is left, less what two looks cost.
contract StepBench {
    using SoftFloat32 for uint32;

    function add(uint32 a, uint32 b) external view returns (uint256) {
        uint256 start = gasleft();
        a.add(b);
        return start - gasleft() - _looks();
    }

    function sub(uint32 a, uint32 b) external view returns (uint256) {
        uint256 start = gasleft();
        a.sub(b);
        return start - gasleft() - _looks();
    }

    function mul(uint32 a, uint32 b) external view returns (uint256) {
        uint256 start = gasleft();
        a.mul(b);
        return start - gasleft() - _looks();
    }

    function div(uint32 a, uint32 b) external view returns (uint256) {
        uint256 start = gasleft();
        a.div(b);
        return start - gasleft() - _looks();
    }

    function roundHalfEven(uint32 a) external view returns (uint256) {
        uint256 start = gasleft();
        a.roundHalfEven();
        return start - gasleft() - _looks();
    }

    function floor(uint32 a) external view returns (uint256) {
        uint256 start = gasleft();
        a.floor();
        return start - gasleft() - _looks();
    }

    function max(uint32 a, uint32 b) external view returns (uint256) {
        uint256 start = gasleft();
        a.max(b);
        return start - gasleft() - _looks();
    }

    function fromInt32(int32 value) external view returns (uint256) {
        uint256 start = gasleft();
        SoftFloat32.fromInt32(value);
        return start - gasleft() - _looks();
    }

    function toInt32(uint32 a) external view returns (uint256) {
        uint256 start = gasleft();
        a.toInt32();
        return start - gasleft() - _looks();
    }

    function quantize(uint32 x, uint32 scale) external view returns (uint256) {
        uint256 start = gasleft();
        x.quantize(scale, 3, false);
        return start - gasleft() - _looks();
    }

    function dequantize(int16 x, uint32 scale) external view returns (uint256) {
        uint256 start = gasleft();
        SoftFloat32.dequantize(x, scale, 3);
        return start - gasleft() - _looks();
    }

    function requantize(int32 sum, uint32 multiplier) external view returns (uint256) {
        uint256 start = gasleft();
        SoftFloat32.requantize(sum, multiplier, 3, false);
        return start - gasleft() - _looks();
    }

    function dot(bytes calldata a, bytes calldata b) external view returns (uint256) {
        IntegerDot.Zero memory za = IntegerDot.Zero(false, 3);
        IntegerDot.Zero memory zb = IntegerDot.Zero(true, 0);
        uint256 start = gasleft();
        IntegerDot.ofCalldata(a, b, za, zb);
        return start - gasleft() - _looks();
    }

    function rootOfChunks(
        bytes calldata data,
        uint256 first,
        uint256 height,
        bytes32[] calldata siblings
    ) external view returns (uint256) {
        uint256 start = gasleft();
        MerkleRange.rootOfChunks(data, first, height, siblings);
        return start - gasleft() - _looks();
    }

    function rootOfChildren(bytes32[] calldata children, uint256 depth) external view returns (uint256) {
        uint256 start = gasleft();
        MerkleRange.rootOfChildren(children, depth);
        return start - gasleft() - _looks();
    }

    function _looks() private view returns (uint256) {
        uint256 start = gasleft();
        return start - gasleft();
    }
}
