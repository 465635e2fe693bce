// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IFixedPriceOffering} from "../../interfaces/IFixedPriceOffering.sol";
import {IModelToken} from "../../interfaces/IModelToken.sol";
import {IOfferingFactory} from "../../interfaces/IOfferingFactory.sol";
import {IVestingEscrow} from "../../interfaces/IVestingEscrow.sol";
import {Currency} from "../Currency.sol";
import {Commitments} from "./Commitments.sol";

/// @title Settlement
/// @notice The second part of a sale: what was accepted of each commitment, and who gets tokens and refunds.
/// @dev Rounding. With T committed over the cap H by n buyers, a pro-rata part is a_i = floor(c_i * H / T). The c_i * H / T
/// sum to H and each floor takes less than 1, so H - (n - 1) <= sum(a_i) <= H. Settlement cannot sum n parts in bounded gas:
/// it counts the lower bound as raised, which is never more than is there once every refund c_i - a_i is paid, and
/// `collectRounding` adds the difference when every part has been seen. Tokens are floor(a_i * offered / H): floors of a sum
/// are at least the sum of floors, so `tokensSold` = floor(sum(a_i) * offered / H), or all of it, covers every claim.
abstract contract Settlement is Commitments {
    using Currency for address;

    /// One proposer's progress through the buyers at one level. Two slots.
    struct Walk {
        uint128 level;
        uint128 accepted;
        uint64 visited;
        uint64 above;
    }

    /// Gas for a receiver of ETH in `claimTokensFor`: enough for any wallet, too little to burn a caller's batch.
    uint256 private constant RECEIVER_GAS = 100_000;

    /// A sale that nobody has settled by then refunds. Settling is open to all, so only a fault can keep it from happening.
    uint256 private constant SETTLEMENT_PERIOD = 30 days;

    uint128 internal _raised;
    uint128 internal _unreleased;

    uint128 private _level;
    uint40 private _settledAt;
    /// `Refunding`, `Settled`, or `Scheduled` while the clock decides.
    State private _terminal;
    uint16 internal _unreleasedBps;
    uint32 internal _releasedTranches;

    uint128 private _tokensSold;
    uint128 internal _tokensExited;

    /// Of the buyers whose tokens are claimed.
    uint128 internal _acceptedOfClaimed;
    uint64 internal _claimedCount;

    /// Commitments given back while `Refunding`, for ERC-20s only.
    uint256 private _commitmentsRefunded;

    mapping(address proposer => Walk) private _walks;

    /// @inheritdoc IFixedPriceOffering
    function settle() external override nonReentrant {
        _requireState(State.Closed);
        Totals memory totals = _totals;
        uint256 hardCap = _terms.hardCap;
        if (_mustRefund(totals.committed)) return _openRefunds(totals.committed);
        if (totals.committed <= hardCap) return _succeed(totals.committed, totals.committed, 0);
        if (_levelNeeded()) revert FixedPriceOffering_LevelRequired();
        _succeed(Math.saturatingSub(hardCap, totals.active - 1), hardCap, 0);
    }

    /// @inheritdoc IFixedPriceOffering
    /// @dev With S(W) = sum(min(c_i, W)), S(W + 1) - S(W) is the number of commitments above W. So one walk that finds
    /// S(W) <= hardCap < S(W) + above proves W the greatest level that fits. Commitments cannot change any more.
    function settleAtLevel(uint256 level, uint256 steps) external override nonReentrant {
        _requireState(State.Closed);
        if (!_levelNeeded()) revert FixedPriceOffering_LevelNotNeeded();
        if (steps == 0) revert FixedPriceOffering_ZeroAmount();
        uint256 hardCap = _terms.hardCap;
        if (level > hardCap) revert FixedPriceOffering_WrongLevel(level, 0, hardCap);

        Walk memory walk = _walks[msg.sender];
        if (walk.level != level) walk = Walk(uint128(level), 0, 0, 0);
        uint256 listed = _totals.listed;
        uint256 end = steps < listed - walk.visited ? walk.visited + steps : listed;
        uint256 accepted = walk.accepted;
        for (uint256 i = walk.visited; i < end; ++i) {
            uint256 committed = _buyers[_listed[i]].committed;
            accepted += Math.min(committed, level);
            if (committed > level) ++walk.above;
        }
        bool proven = end == listed;
        if (accepted > hardCap || (proven && accepted + walk.above <= hardCap)) {
            revert FixedPriceOffering_WrongLevel(level, accepted, hardCap);
        }
        (walk.accepted, walk.visited) = (uint128(accepted), uint64(end));
        emit LevelAdvanced(msg.sender, level, end);
        if (!proven) {
            _walks[msg.sender] = walk;
        } else if (_mustRefund(_totals.committed)) {
            _openRefunds(_totals.committed);
        } else {
            _succeed(accepted, accepted, level);
        }
    }

    /// @inheritdoc IFixedPriceOffering
    function claimTokensFor(address buyer) external override nonReentrant {
        _requireState(State.Settled);
        Buyer storage account = _buyers[buyer];
        uint256 committed = account.committed;
        if (committed == 0 || account.claimed) revert FixedPriceOffering_NothingToClaim(buyer);
        uint256 accepted = _acceptedDown(committed);
        uint256 tokens = _tokensDown(accepted);
        account.claimed = true;
        _acceptedOfClaimed += uint128(accepted);
        ++_claimedCount;
        emit TokensClaimed(buyer, tokens);
        if (tokens != 0) IERC20(token).transfer(buyer, tokens);

        uint256 refund = committed - accepted;
        if (refund == 0 || account.refunded) return;
        account.refunded = true;
        if (_terms.currency.tryPay(buyer, refund, RECEIVER_GAS)) emit Refunded(buyer, buyer, refund);
        else account.refunded = false;
    }

    /// @inheritdoc IFixedPriceOffering
    function refundFor(address buyer) external override nonReentrant {
        _refund(buyer, buyer);
    }

    /// @inheritdoc IFixedPriceOffering
    function refundTo(address to) external override nonReentrant {
        _refund(msg.sender, to);
    }

    /// @inheritdoc IFixedPriceOffering
    function state() public view override returns (State) {
        return _terminal == State.Scheduled ? super.state() : _terminal;
    }

    /// @inheritdoc IFixedPriceOffering
    function raised() external view override returns (uint256) {
        return _raised;
    }

    /// @inheritdoc IFixedPriceOffering
    function tokensSold() public view override returns (uint256) {
        return _tokensSold;
    }

    /// @inheritdoc IFixedPriceOffering
    function settledAt() public view override returns (uint256) {
        return _settledAt;
    }

    /// @inheritdoc IFixedPriceOffering
    function outcomeOf(address buyer) public view override returns (Outcome memory outcome) {
        uint256 committed = _buyers[buyer].committed;
        outcome.committed = committed;
        State current = state();
        bool settled = current == State.Settled;
        if (current == State.Refunding || (!settled && _mustRefund(_totals.committed))) {
            outcome.refund = committed;
        } else if (settled || !_levelNeeded()) {
            outcome.accepted = _acceptedDown(committed);
            outcome.refund = committed - outcome.accepted;
            outcome.tokens = _tokensDown(outcome.accepted);
        }
    }

    /// @inheritdoc IFixedPriceOffering
    function claimableTokensOf(address buyer) external view override returns (uint256) {
        return state() == State.Settled && !_buyers[buyer].claimed ? outcomeOf(buyer).tokens : 0;
    }

    /// @inheritdoc IFixedPriceOffering
    function refundOwedTo(address buyer) public view override returns (uint256) {
        return _terminal == State.Scheduled || _buyers[buyer].refunded ? 0 : outcomeOf(buyer).refund;
    }

    /// @inheritdoc IFixedPriceOffering
    function walkOf(address proposer) external view override returns (uint256, uint256, uint256) {
        Walk storage walk = _walks[proposer];
        return (walk.level, walk.visited, walk.accepted);
    }

    function _tokensDown(uint256 accepted) internal view returns (uint256) {
        return Math.mulDiv(accepted, offered, _terms.hardCap);
    }

    function _refund(address buyer, address to) private {
        State current = state();
        bool refunding = current == State.Refunding;
        if (!refunding && current != State.Settled) revert FixedPriceOffering_WrongState(current);
        uint256 owed = refundOwedTo(buyer);
        uint256 payment = refunding ? _backedDown(owed, _totals.committed - _commitmentsRefunded) : owed;
        if (payment == 0) revert FixedPriceOffering_NothingToRefund(buyer);
        _buyers[buyer].refunded = true;
        if (refunding && _terms.currency != Currency.ETH) _commitmentsRefunded += owed;
        emit Refunded(buyer, to, payment);
        _pay(to, payment);
    }

    function _openRefunds(uint256 committed) private {
        _terminal = State.Refunding;
        emit RefundsOpened(committed);
        IOfferingFactory(factory).onRefunding();
    }

    function _succeed(uint256 raised_, uint256 acceptedAtMost, uint256 level) private {
        uint256 sold = _tokensDown(acceptedAtMost);
        (_raised, _unreleased) = (uint128(raised_), uint128(raised_));
        (_level, _settledAt, _terminal, _unreleasedBps) = (
            uint128(level),
            uint40(block.timestamp),
            State.Settled,
            10_000
        );
        _tokensSold = uint128(sold);
        emit Settled(raised_, sold, offered - sold, level);
        // Burned before revenue opens, so the redemption is exactly zero.
        if (sold < offered) IModelToken(token).burn(offered - sold);
        IModelToken(token).openRevenue(block.timestamp + _revenueHold);
        IVestingEscrow(escrow).start();
        IOfferingFactory(factory).onSettled();
    }

    function _mustRefund(uint256 committed) private view returns (bool) {
        if (committed < _terms.softCap || block.timestamp >= _terms.closesAt + SETTLEMENT_PERIOD) return true;
        return _terms.currency.held() < committed;
    }

    function _levelNeeded() private view returns (bool) {
        return _terms.oversubscription == Oversubscription.SmallestFirst && _totals.committed > _terms.hardCap;
    }

    function _acceptedDown(uint256 committed) private view returns (uint256) {
        uint256 total = _totals.committed;
        uint256 hardCap = _terms.hardCap;
        if (total <= hardCap) return committed;
        if (_terms.oversubscription == Oversubscription.SmallestFirst) return Math.min(committed, _level);
        return Math.mulDiv(committed, hardCap, total);
    }
}
