// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {SoftFloat32} from "../../src/dispute/SoftFloat32.sol";

/// Many operations in one call, for comparing millions of them with another implementation.
contract FloatBatch {
    /// @param op 0 add, 1 sub, 2 mul, 3 div, 4 half to even, 5 floor, 6 ceil, 7 from INT32.
    /// @param operands Eight bytes per operation: a and b, bits of binary32. From 4 on, b is not looked at.
    /// @return results Four bytes per operation.
    function run(uint256 op, bytes calldata operands) external pure returns (bytes memory results) {
        results = new bytes(operands.length / 2);
        for (uint256 at = 0; at < operands.length; at += 8) {
            uint32 a = uint32(bytes4(operands[at:at + 4]));
            uint32 b = uint32(bytes4(operands[at + 4:at + 8]));
            bytes4 result = bytes4(_of(op, a, b));
            for (uint256 i = 0; i < 4; ++i) {
                results[at / 2 + i] = result[i];
            }
        }
    }

    function _of(uint256 op, uint32 a, uint32 b) private pure returns (uint32) {
        if (op == 0) return SoftFloat32.add(a, b);
        if (op == 1) return SoftFloat32.sub(a, b);
        if (op == 2) return SoftFloat32.mul(a, b);
        if (op == 3) return SoftFloat32.div(a, b);
        if (op == 4) return SoftFloat32.roundHalfEven(a);
        if (op == 5) return SoftFloat32.floor(a);
        if (op == 6) return SoftFloat32.ceil(a);
        return SoftFloat32.fromInt32(int32(a));
    }
}
