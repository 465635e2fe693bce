// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IVestingEscrow} from "../interfaces/IVestingEscrow.sol";

/// @title VestingEscrow
/// @dev A clone per offering; the implementation is locked. `release` walks all grants, so their number is bounded.
contract VestingEscrow is IVestingEscrow {
    using SafeCast for uint256;

    struct StoredGrant {
        address beneficiary;
        uint32 cliff;
        uint32 duration;
        uint128 amount;
        uint128 released;
    }

    uint256 public constant MAX_GRANTS = 32;

    address public override offering;
    uint40 private _startedAt;
    address public override token;
    StoredGrant[] private _grants;

    constructor() {
        offering = address(this);
    }

    /// @inheritdoc IVestingEscrow
    function initialize(address offering_, address token_, Grant[] calldata grants_) external override {
        if (offering != address(0)) revert VestingEscrow_AlreadyInitialized();
        (offering, token) = (offering_, token_);
        if (grants_.length > MAX_GRANTS) revert VestingEscrow_BadGrant(MAX_GRANTS);
        for (uint256 i = 0; i < grants_.length; ++i) {
            Grant calldata g = grants_[i];
            bool unreachable =
                g.beneficiary == address(0) ||
                    g.beneficiary == address(this) ||
                    g.beneficiary == offering_ ||
                    g.beneficiary == token_;
            if (unreachable || g.amount == 0 || g.cliff > g.duration) revert VestingEscrow_BadGrant(i);
            _grants.push(StoredGrant(g.beneficiary, g.cliff, g.duration, g.amount.toUint128(), 0));
        }
    }

    /// @inheritdoc IVestingEscrow
    function start() external override {
        if (msg.sender != offering) revert VestingEscrow_NotOffering(msg.sender);
        if (_startedAt != 0) revert VestingEscrow_AlreadyStarted();
        _startedAt = uint40(block.timestamp);
        emit Started(block.timestamp);
    }

    /// @inheritdoc IVestingEscrow
    function release(address beneficiary) external override returns (uint256 amount) {
        if (_startedAt == 0) revert VestingEscrow_NotStarted();
        for (uint256 i = 0; i < _grants.length; ++i) {
            if (_grants[i].beneficiary != beneficiary) continue;
            uint256 due = _due(i);
            if (due == 0) continue;
            _grants[i].released += uint128(due);
            amount += due;
            emit Released(beneficiary, i, due);
        }
        if (amount == 0) revert VestingEscrow_NothingToRelease(beneficiary);
        // The model token reverts where it cannot transfer; its return value says nothing more.
        IERC20(token).transfer(beneficiary, amount);
    }

    /// @inheritdoc IVestingEscrow
    function releasable(address beneficiary) external view override returns (uint256 amount) {
        for (uint256 i = 0; i < _grants.length; ++i) {
            if (_grants[i].beneficiary == beneficiary) amount += _due(i);
        }
    }

    /// @inheritdoc IVestingEscrow
    function vested(uint256 grantId, uint256 timestamp) public view override returns (uint256) {
        StoredGrant storage g = _grants[grantId];
        uint256 from = _startedAt;
        if (from == 0 || timestamp < from + g.cliff) return 0;
        if (timestamp >= from + g.duration) return g.amount;
        return (uint256(g.amount) * (timestamp - from)) / g.duration;
    }

    /// @inheritdoc IVestingEscrow
    function grants() external view override returns (Grant[] memory list) {
        list = new Grant[](_grants.length);
        for (uint256 i = 0; i < list.length; ++i) {
            StoredGrant storage g = _grants[i];
            list[i] = Grant(g.beneficiary, g.amount, g.cliff, g.duration);
        }
    }

    /// @inheritdoc IVestingEscrow
    function released(uint256 grantId) external view override returns (uint256) {
        return _grants[grantId].released;
    }

    /// @inheritdoc IVestingEscrow
    function startedAt() external view override returns (uint256) {
        return _startedAt;
    }

    function _due(uint256 grantId) private view returns (uint256) {
        return vested(grantId, block.timestamp) - _grants[grantId].released;
    }
}
