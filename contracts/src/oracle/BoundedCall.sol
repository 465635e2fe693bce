// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title BoundedCall
/// @notice A call whose gas and returned data are bounded.
library BoundedCall {
    /// @notice Calls `target` with at most `gasLimit` gas and no value.
    /// @return success Whether it returned.
    /// @return reason At most `maxReason` bytes of what it reverted with; empty on success.
    function tryCall(
        address target,
        uint256 gasLimit,
        bytes memory data,
        uint256 maxReason
    ) internal returns (bool success, bytes memory reason) {
        // The call copies no returned data by itself. On failure a new array of `size` bytes, rounded up to words, is taken
        // from free memory and filled with the first `size` bytes of what came back.
        assembly ("memory-safe") {
            success := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0, 0)
            let size := 0
            if iszero(success) {
                size := returndatasize()
                if gt(size, maxReason) {
                    size := maxReason
                }
            }
            reason := mload(0x40)
            mstore(0x40, add(reason, and(add(size, 0x3f), not(0x1f))))
            mstore(reason, size)
            returndatacopy(add(reason, 0x20), 0, size)
        }
    }
}
