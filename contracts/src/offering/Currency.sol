// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Currency
/// @notice ETH (`address(0)`) or an ERC-20, moved without trusting what the ERC-20 or the receiver returns.
library Currency {
    using SafeERC20 for IERC20;

    address internal constant ETH = address(0);

    /// @notice What this contract has.
    function held(address currency) internal view returns (uint256) {
        return currency == ETH ? address(this).balance : IERC20(currency).balanceOf(address(this));
    }

    /// @notice Pulls `amount` of an ERC-20 from `from`.
    /// @return received What arrived, which a fee on transfer makes less.
    function pull(address currency, address from, uint256 amount) internal returns (uint256 received) {
        uint256 before = held(currency);
        IERC20(currency).safeTransferFrom(from, address(this), amount);
        return Math.saturatingSub(held(currency), before);
    }

    /// @notice Pays `to`, with at most `gasLimit` gas for a receiver of ETH. Never reverts; return data is not copied.
    function tryPay(address currency, address to, uint256 amount, uint256 gasLimit) internal returns (bool paid) {
        if (currency != ETH) return IERC20(currency).trySafeTransfer(to, amount);
        // Safe: a call without input or output, so no memory is touched.
        assembly ("memory-safe") {
            paid := call(gasLimit, to, amount, 0, 0, 0, 0)
        }
    }
}
