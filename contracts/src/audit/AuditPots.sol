// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAudits} from "../interfaces/IAudits.sol";
import {IRevenueRouter} from "../interfaces/IRevenueRouter.sol";
import {Payout} from "../revenue/Payout.sol";

/// @title AuditPots
/// @notice The money of the audits: the protocol's share of fees, split between pots and treasury, and credits.
/// @dev Per asset, `heldOf` is exactly the pot, the shares reserved for open audits and all credits, and the balance is at least
/// that. Each asset is separate, so a hostile ERC-20 can only harm itself.
abstract contract AuditPots is IAudits, ReentrancyGuardTransient {
    uint256 internal constant BPS = 10_000;
    address internal constant ETH = address(0);

    IRevenueRouter internal immutable ROUTER;
    uint256 internal immutable AUDIT_BPS;
    uint256 private immutable PROTOCOL_BPS;
    address public immutable treasury;

    mapping(address asset => uint256 amount) public potOf;
    mapping(address account => mapping(address asset => uint256 amount)) public creditOf;
    mapping(address asset => uint256 amount) public heldOf;

    constructor(IRevenueRouter router_, uint256 auditBps, address treasury_) {
        if (treasury_ == address(0)) revert Audits_ZeroAddress();
        if (router_.protocolTreasury() != address(this)) revert Audits_BadConfig("router");
        uint256 protocolBps = router_.protocolBps();
        if (auditBps == 0 || auditBps > protocolBps) revert Audits_BadConfig("auditBps");
        (ROUTER, AUDIT_BPS, PROTOCOL_BPS, treasury) = (router_, auditBps, protocolBps, treasury_);
    }

    // ---------------------------------------------------------------- in

    /// @inheritdoc IAudits
    function collect(address asset) external nonReentrant {
        if (ROUTER.creditOf(address(this), asset) != 0) ROUTER.withdrawFor(address(this), asset);
        // What anybody had the router pay out before is found as well.
        uint256 balance = asset == ETH ? address(this).balance : IERC20(asset).balanceOf(address(this));
        uint256 held = heldOf[asset];
        if (balance <= held) revert Audits_NothingToCollect(asset);
        uint256 amount = balance - held;
        uint256 toPot = Math.mulDiv(amount, AUDIT_BPS, PROTOCOL_BPS);
        heldOf[asset] = balance;
        potOf[asset] += toPot;
        creditOf[treasury][asset] += amount - toPot;
        emit Collected(asset, amount, toPot);
    }

    // ---------------------------------------------------------------- shares

    /// What each of `auditors` is paid for an answer that cost `fee`.
    function _shareDown(address asset, uint256 fee, uint256 rate, uint256 auditors) internal view returns (uint256) {
        // Fees have 96 bits, the factors 16.
        uint256 share = (fee * AUDIT_BPS * rate) / BPS / 2;
        uint256 most = potOf[asset] / auditors;
        return share < most ? share : most;
    }

    function _reserve(address asset, uint256 amount) internal {
        potOf[asset] -= amount;
    }

    function _release(address asset, uint256 amount) internal {
        potOf[asset] += amount;
    }

    /// ETH from elsewhere, for the pot.
    function _addToPot(uint256 amount) internal {
        heldOf[ETH] += amount;
        potOf[ETH] += amount;
    }

    /// Of what is reserved.
    function _credit(address account, address asset, uint256 amount) internal {
        creditOf[account][asset] += amount;
    }

    // ---------------------------------------------------------------- out

    /// @inheritdoc IAudits
    function withdraw(address asset, address to) external nonReentrant {
        if (to == address(0)) revert Audits_ZeroAddress();
        _pay(msg.sender, asset, to);
    }

    /// @inheritdoc IAudits
    function withdrawFor(address account, address asset) external nonReentrant {
        _pay(account, asset, account);
    }

    function _pay(address account, address asset, address to) private {
        uint256 amount = creditOf[account][asset];
        if (amount == 0) revert Audits_NothingToWithdraw(account, asset);
        creditOf[account][asset] = 0;
        heldOf[asset] -= amount;
        emit Withdrawn(account, asset, to, amount);
        if (!Payout.send(asset, to, amount)) revert Audits_PaymentFailed(to, amount);
    }
}
