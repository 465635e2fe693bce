// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

/// @title Payout
/// @notice Pays out credit in whatever asset it is.
library Payout {
    using SafeERC20 for IERC20;

    /// @notice Sends `amount` of ETH, which is the zero address, or of an ERC-20, and copies nothing that the receiver returns.
    /// @return paid False where the receiver of ETH reverts; an ERC-20 that fails reverts here.
    function send(address asset, address to, uint256 amount) internal returns (bool paid) {
        if (asset == address(0)) return LowLevelCall.callNoReturn(to, amount, "");
        IERC20(asset).safeTransfer(to, amount);
        return true;
    }
}
