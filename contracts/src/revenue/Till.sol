// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IRevenueRouter} from "../interfaces/IRevenueRouter.sol";
import {ITill} from "../interfaces/ITill.sol";

/// @title Till
/// @notice See `ITill`. Nobody owns it.
contract Till is ITill {
    using SafeERC20 for IERC20;

    address private constant ETH = address(0);

    address public immutable router;
    uint256 public immutable familyId;

    /// @param familyId_ Must be registered: money cannot leave the till of a family that does not exist.
    constructor(IRevenueRouter router_, uint256 familyId_) {
        if (address(router_) == address(0)) revert Till_ZeroAddress();
        IModelRegistry(router_.registry()).publisherOf(familyId_);
        (router, familyId) = (address(router_), familyId_);
    }

    receive() external payable {}

    /// @inheritdoc ITill
    function empty(address asset) external returns (uint256 amount) {
        // Whatever an ERC-20 does meanwhile, the router takes no more than is here and sends it nowhere else.
        amount = asset == ETH ? address(this).balance : IERC20(asset).balanceOf(address(this));
        if (amount == 0) revert Till_Empty(asset);
        emit Emptied(asset, amount);
        uint256 value = asset == ETH ? amount : 0;
        if (asset != ETH) IERC20(asset).forceApprove(router, amount);
        IRevenueRouter(router).distribute{value: value}(familyId, asset, amount, address(0));
    }
}
