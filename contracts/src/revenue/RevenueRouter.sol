// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IModelToken} from "../interfaces/IModelToken.sol";
import {IRevenueRouter} from "../interfaces/IRevenueRouter.sol";
import {Payout} from "./Payout.sol";

/// @title RevenueRouter
/// @notice See `IRevenueRouter`. Nobody owns it.
/// @dev Per asset, what the router holds is at least the sum of all credits, family credits and holders' pending amounts: a
/// payment adds the same amount to both sides, a withdrawal or flush takes the same from both, and a family's own
/// distribution only moves it between accounts. Each asset is separate, so a hostile ERC-20 can only harm itself.
contract RevenueRouter is IRevenueRouter, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_PROTOCOL_BPS = 500;
    address private constant ETH = address(0);

    // ---------------------------------------------------------------- storage

    IModelRegistry private immutable REGISTRY;
    uint16 public immutable protocolBps;
    address public immutable protocolTreasury;

    mapping(address account => mapping(address asset => uint256 amount)) public creditOf;
    mapping(uint256 familyId => mapping(address asset => uint256 amount)) public familyCreditOf;
    mapping(uint256 familyId => mapping(address asset => uint256 amount)) public holdersPending;

    /// @param protocolBps_ What the registry reserves for the protocol: were it more, holders could fall below their floor.
    constructor(IModelRegistry registry_, uint16 protocolBps_, address protocolTreasury_) {
        if (address(registry_) == address(0) || protocolTreasury_ == address(0)) revert RevenueRouter_ZeroAddress();
        if (protocolBps_ > MAX_PROTOCOL_BPS) revert RevenueRouter_BadConfig("protocolBps");
        if (protocolBps_ != registry_.parameters().protocolBps) revert RevenueRouter_BadConfig("registry");
        REGISTRY = registry_;
        protocolBps = protocolBps_;
        protocolTreasury = protocolTreasury_;
    }

    // ---------------------------------------------------------------- in

    /// @inheritdoc IRevenueRouter
    function distribute(
        uint256 familyId,
        address asset,
        uint256 amount,
        address operator
    ) external payable nonReentrant {
        if (!REGISTRY.acceptsAsset(familyId, asset)) revert RevenueRouter_AssetNotAccepted(familyId, asset);
        uint256 value = asset == ETH ? amount : 0;
        if (msg.value != value) revert RevenueRouter_WrongValue(msg.value, value);
        // The guard is up, so no credit changes while the ERC-20 has control.
        if (asset != ETH) _pull(IERC20(asset), amount);
        _distribute(familyId, asset, amount, operator, msg.sender);
    }

    /// @inheritdoc IRevenueRouter
    function distributeFamilyCredit(uint256 familyId, address asset) external nonReentrant {
        uint256 amount = familyCreditOf[familyId][asset];
        if (amount == 0) revert RevenueRouter_NothingToDistribute(familyId, asset);
        familyCreditOf[familyId][asset] = 0;
        _distribute(familyId, asset, amount, address(0), address(this));
    }

    function _pull(IERC20 asset, uint256 amount) private {
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = asset.balanceOf(address(this)) - before;
        if (received < amount) revert RevenueRouter_ShortPayment(address(asset), amount, received);
    }

    // ---------------------------------------------------------------- the waterfall

    /// @inheritdoc IRevenueRouter
    function previewSplit(
        uint256 familyId,
        uint256 amount,
        bool hasOperator
    ) external view returns (Split memory split) {
        (split, , ) = _split(familyId, amount, hasOperator);
    }

    /// Credits `amount`, which the router already holds, to everybody it belongs to.
    function _distribute(uint256 familyId, address asset, uint256 amount, address operator, address from) private {
        (Split memory split, IModelRegistry.LineageParty[] memory parties, uint256[] memory parts) = _split(
            familyId,
            amount,
            operator != address(0)
        );
        emit Distributed(familyId, asset, operator, from, amount, split);

        _credit(operator, asset, split.operator);
        if (split.publisher != 0) _credit(REGISTRY.publisherOf(familyId), asset, split.publisher);
        for (uint256 i = 0; i < parties.length; ++i) {
            if (parties[i].parentFamilyId == 0) _credit(parties[i].contributor, asset, parts[i]);
            else _creditFamily(parties[i].parentFamilyId, asset, familyId, parts[i]);
        }
        _credit(protocolTreasury, asset, split.protocol);
        holdersPending[familyId][asset] += split.holders;
    }

    /// @return split The parts of `amount`; they sum to it, because the holders' part is what the others leave.
    /// @return parties The family's lineage.
    /// @return parts What each party receives; they sum to `split.lineage`.
    function _split(
        uint256 familyId,
        uint256 amount,
        bool hasOperator
    ) private view returns (Split memory split, IModelRegistry.LineageParty[] memory parties, uint256[] memory parts) {
        IModelRegistry.Waterfall memory waterfall = REGISTRY.waterfall(familyId);
        if (hasOperator) split.operator = _partDown(amount, waterfall.operatorBps);
        split.publisher = _partDown(amount, waterfall.publisherBps);
        split.protocol = _partDown(amount, protocolBps);
        if (waterfall.lineageBps != 0) {
            parties = REGISTRY.lineage(familyId);
            parts = new uint256[](parties.length);
            for (uint256 i = 0; i < parties.length; ++i) {
                parts[i] = _partDown(amount, parties[i].shareBps);
                split.lineage += parts[i];
            }
        }
        split.holders = amount - split.operator - split.publisher - split.lineage - split.protocol;
    }

    /// floor(amount * bps / 10,000) for any amount: with amount = 10,000 q + r it is q * bps + floor(r * bps / 10,000), and
    /// no product exceeds 2^256 while bps <= 10,000.
    function _partDown(uint256 amount, uint256 bps) private pure returns (uint256) {
        return (amount / BPS) * bps + ((amount % BPS) * bps) / BPS;
    }

    function _credit(address account, address asset, uint256 amount) private {
        if (amount == 0) return;
        creditOf[account][asset] += amount;
        emit Credited(account, asset, amount);
    }

    function _creditFamily(uint256 familyId, address asset, uint256 fromFamilyId, uint256 amount) private {
        if (amount == 0) return;
        familyCreditOf[familyId][asset] += amount;
        emit FamilyCredited(familyId, asset, fromFamilyId, amount);
    }

    // ---------------------------------------------------------------- out

    /// @inheritdoc IRevenueRouter
    function flush(uint256 familyId, address asset) external nonReentrant {
        address token = REGISTRY.tokenOf(familyId);
        if (token == address(0)) revert RevenueRouter_NoToken(familyId);
        uint256 amount = holdersPending[familyId][asset];
        if (amount == 0) revert RevenueRouter_NothingToFlush(familyId, asset);

        holdersPending[familyId][asset] = 0;
        emit HoldersPaid(familyId, asset, token, amount);
        if (asset == ETH) {
            IModelToken(token).notifyRevenue{value: amount}(asset, amount);
        } else {
            IERC20(asset).forceApprove(token, amount);
            IModelToken(token).notifyRevenue(asset, amount);
        }
    }

    /// @inheritdoc IRevenueRouter
    function withdraw(address asset, address to) external nonReentrant {
        if (to == address(0)) revert RevenueRouter_ZeroAddress();
        _pay(msg.sender, asset, to);
    }

    /// @inheritdoc IRevenueRouter
    function withdrawFor(address account, address asset) external nonReentrant {
        _pay(account, asset, account);
    }

    function _pay(address account, address asset, address to) private {
        uint256 amount = creditOf[account][asset];
        if (amount == 0) revert RevenueRouter_NothingToWithdraw(account, asset);
        creditOf[account][asset] = 0;
        emit Withdrawn(account, asset, to, amount);
        if (!Payout.send(asset, to, amount)) revert RevenueRouter_PaymentFailed(to, amount);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IRevenueRouter
    function registry() external view returns (address) {
        return address(REGISTRY);
    }
}
