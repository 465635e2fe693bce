// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Calls to receivers and revenue assets, neither of which is trusted: no return data is copied beyond one word, and
/// an asset cannot burn the gas of the payments that come after it.
library Payment {
    /// Ample for rebasing and proxied tokens; a token that needs more stays owed.
    uint256 internal constant TOKEN_GAS = 500_000;

    function sendEth(address to, uint256 amount) internal returns (bool ok) {
        assembly ("memory-safe") {
            // All gas, no data in, none out.
            ok := call(gas(), to, amount, 0, 0, 0, 0)
        }
    }

    /// @notice False instead of a revert, for tokens that return a boolean, nothing, or anything else.
    function tryTransfer(address token, address to, uint256 amount) internal returns (bool) {
        return _tryCall(token, abi.encodeCall(IERC20.transfer, (to, amount)), TOKEN_GAS);
    }

    /// @notice As `tryTransfer`, with all gas: the caller brings the money and the gas.
    function tryPull(address token, address from, uint256 amount) internal returns (bool) {
        return _tryCall(token, abi.encodeCall(IERC20.transferFrom, (from, address(this), amount)), gasleft());
    }

    /// @notice The balance of this contract; 0 if the token does not answer.
    function balanceOrZero(address token) internal view returns (uint256 held) {
        bytes memory data = abi.encodeCall(IERC20.balanceOf, (address(this)));
        uint256 gasCap = TOKEN_GAS;
        assembly ("memory-safe") {
            // One word of scratch space for the answer; a shorter answer, or none, is no answer.
            let ok := staticcall(gasCap, token, add(data, 32), mload(data), 0, 32)
            if and(ok, gt(returndatasize(), 31)) {
                held := mload(0)
            }
        }
    }

    function _tryCall(address token, bytes memory data, uint256 gasCap) private returns (bool ok) {
        assembly ("memory-safe") {
            // One word of scratch space for the answer. Success is `true`, or no answer from an account with code.
            ok := call(gasCap, token, 0, add(data, 32), mload(data), 0, 32)
            switch returndatasize()
            case 0 {
                ok := and(ok, gt(extcodesize(token), 0))
            }
            default {
                ok := and(ok, and(gt(returndatasize(), 31), eq(mload(0), 1)))
            }
        }
    }
}
