// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IFixedPriceOffering} from "../interfaces/IFixedPriceOffering.sol";
import {IModelToken} from "../interfaces/IModelToken.sol";
import {Settlement} from "./sale/Settlement.sol";

/// @title FixedPriceOffering
/// @notice The last part of a sale: proceeds in tranches, and exits while they are unreleased.
/// @dev A clone per offering; the implementation is locked.
contract FixedPriceOffering is Settlement {
    /// @inheritdoc IFixedPriceOffering
    function releaseTranche(uint256 index) external override nonReentrant {
        _requireState(State.Settled);
        if (index >= _terms.tranches.length) revert FixedPriceOffering_NoSuchTranche(index);
        Tranche memory tranche = _terms.tranches[index];
        uint256 dueAt = settledAt() + tranche.delay;
        if (block.timestamp < dueAt) revert FixedPriceOffering_TrancheNotDue(index, dueAt);
        uint32 flag = uint32(1 << index);
        if (_releasedTranches & flag != 0) revert FixedPriceOffering_TrancheReleased(index);

        // Of what exits left: this tranche's share among those not yet released. The last one takes all.
        uint256 amount = Math.mulDiv(_unreleased, tranche.bps, _unreleasedBps);
        _releasedTranches |= flag;
        _unreleasedBps -= tranche.bps;
        _unreleased -= uint128(amount);
        emit TrancheReleased(index, _terms.fundsRecipient, amount);
        _pay(_terms.fundsRecipient, amount);
    }

    /// @inheritdoc IFixedPriceOffering
    function collectRounding() external override nonReentrant {
        _requireState(State.Settled);
        uint256 buyers = _totals.active;
        if (_claimedCount != buyers) revert FixedPriceOffering_ClaimsOutstanding(_claimedCount, buyers);
        uint256 proceeds = _acceptedOfClaimed - _raised;
        uint256 leftover = IERC20(token).balanceOf(address(this));
        if (proceeds == 0 && leftover == 0) revert FixedPriceOffering_ZeroAmount();
        _raised += uint128(proceeds);
        if (_unreleasedBps != 0) _unreleased += uint128(proceeds);
        emit RoundingCollected(proceeds, leftover);
        if (leftover != 0) IModelToken(token).burnTo(leftover, _terms.fundsRecipient);
        if (_unreleasedBps == 0) _pay(_terms.fundsRecipient, proceeds);
    }

    /// @inheritdoc IFixedPriceOffering
    function exit(uint256 tokens, address to) external override nonReentrant {
        _requireState(State.Settled);
        if (tokens == 0) revert FixedPriceOffering_ZeroAmount();
        if (to == address(0)) revert FixedPriceOffering_ZeroAddress();
        if (!_exitOpen()) revert FixedPriceOffering_NoExitWindow();
        uint256 credit = exitCreditOf(msg.sender);
        if (tokens > credit) revert FixedPriceOffering_ExitCreditExceeded(credit, tokens);

        uint256 amount = _exitValueDown(tokens);
        _buyers[msg.sender].exited += uint104(tokens);
        _tokensExited += uint128(tokens);
        _unreleased -= uint128(amount);
        emit Exited(msg.sender, to, tokens, amount);
        IERC20(token).transferFrom(msg.sender, address(this), tokens);
        IModelToken(token).burnTo(tokens, to);
        _pay(to, amount);
    }

    /// @inheritdoc IFixedPriceOffering
    function unreleased() external view override returns (uint256) {
        return _unreleased;
    }

    /// @inheritdoc IFixedPriceOffering
    function tokensExited() external view override returns (uint256) {
        return _tokensExited;
    }

    /// @inheritdoc IFixedPriceOffering
    function exitCreditOf(address buyer) public view override returns (uint256) {
        return state() == State.Settled ? outcomeOf(buyer).tokens - _buyers[buyer].exited : 0;
    }

    /// @inheritdoc IFixedPriceOffering
    function exitValue(uint256 tokens) external view override returns (uint256) {
        return _exitOpen() && tokens <= tokensSold() - _tokensExited ? _exitValueDown(tokens) : 0;
    }

    /// @inheritdoc IFixedPriceOffering
    function exitWindow() public view override returns (uint256 tranche, uint256 from, uint256 to) {
        uint256 count = _terms.tranches.length;
        uint256 start = settledAt();
        if (start == 0) return (count, 0, 0);
        for (; tranche < count; ++tranche) {
            to = start + _terms.tranches[tranche].delay;
            // Not due, so not released either. A first tranche without delay is due at settlement and has no window.
            if (block.timestamp < to) return (tranche, to - _exitWindow, to);
        }
        return (count, 0, 0);
    }

    function _exitOpen() private view returns (bool) {
        (, uint256 from, uint256 to) = exitWindow();
        return to != 0 && block.timestamp >= from;
    }

    /// The pro-rata share of the unreleased proceeds, among the tokens sold and not yet returned.
    function _exitValueDown(uint256 tokens) private view returns (uint256) {
        uint256 outstanding = tokensSold() - _tokensExited;
        return outstanding == 0 ? 0 : Math.mulDiv(_unreleased, tokens, outstanding);
    }
}
