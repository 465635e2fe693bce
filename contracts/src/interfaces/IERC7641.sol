// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title ERC-7641: Intrinsic RevShare Token
/// @notice The standard's own interface, unchanged. The XOR of its five selectors is 0xed7b2e4e.
interface IERC7641 is IERC20 {
    /// @notice Base-asset revenue that `account` can claim for one snapshot.
    /// @param account The holder.
    /// @param snapshotId The snapshot, as returned by `snapshot`.
    /// @return The claimable amount in wei.
    function claimableRevenue(address account, uint256 snapshotId) external view returns (uint256);

    /// @notice Pays the caller its base-asset revenue of one snapshot.
    function claim(uint256 snapshotId) external;

    /// @notice Records a snapshot.
    /// @return The id of the new snapshot.
    function snapshot() external returns (uint256);

    /// @notice Base-asset amount that burning `amount` tokens would pay out now, in wei.
    function redeemableOnBurn(uint256 amount) external view returns (uint256);

    /// @notice Burns the caller's tokens and pays out their share of the redemption pool.
    function burn(uint256 amount) external;
}

/// @title ERC-7641 extension for further revenue tokens
/// @notice The XOR of its own two selectors is 0x5d18f986.
interface IERC7641AltRevToken is IERC7641 {
    /// @notice Amount of `token` that `account` can claim for one snapshot, in units of `token`.
    function claimableERC20(address account, uint256 snapshotId, address token) external view returns (uint256);

    /// @notice Amount of `token` that burning `amount` tokens would pay out now, in units of `token`.
    function redeemableERC20OnBurn(uint256 amount, address token) external view returns (uint256);
}
