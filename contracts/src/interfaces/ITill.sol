// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title Till
/// @notice An address for money that is a family's and comes without a word: royalties, sales, liquidity fees. Anyone empties it
/// into the family's waterfall.
/// @dev It takes ETH from senders that pass on 2,300 gas. An ERC-20 that the family does not accept stays where it is: nobody can
/// take anything out but the waterfall.
interface ITill {
    event Emptied(address indexed asset, uint256 amount);

    error Till_Empty(address asset);
    error Till_ZeroAddress();

    /// @notice Sends all there is of `asset` (zero: ETH) down the family's waterfall, as income without an operator. Anyone.
    /// @dev Reverts as `IRevenueRouter.distribute` does where the family does not accept the asset or less arrives than was sent.
    function empty(address asset) external returns (uint256 amount);

    function router() external view returns (address);

    function familyId() external view returns (uint256);
}
