// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IFixedPriceOffering} from "../interfaces/IFixedPriceOffering.sol";
import {IOfferingFactory} from "../interfaces/IOfferingFactory.sol";

/// @title OfferingRules
/// @notice What an offering must be to be created: every trap that can be read from its parameters has an error here.
library OfferingRules {
    uint256 internal constant BPS = 10_000;
    uint256 internal constant MAX_TRANCHES = 24;
    /// Currency units that one token wei may cost at most: what rounding may take from a buyer.
    uint256 internal constant MAX_UNITS_PER_TOKEN_WEI = 1_000;
    uint256 private constant TOKEN = 1e18;

    function check(
        IOfferingFactory.OfferingParams calldata params,
        IOfferingFactory.Limits memory limits
    ) internal view {
        _checkToken(params.token, limits);
        _checkAllocation(params.allocation, params.token.supply, limits);
        _checkPrice(params.sale, params.allocation.offered);
        _checkDates(params.sale.opensAt, params.sale.closesAt, limits);
        _checkTranches(params.sale.tranches, limits.exitWindow);
        if (params.sale.fundsRecipient == address(0)) {
            revert IOfferingFactory.OfferingFactory_ZeroAddress("fundsRecipient");
        }
        if (
            params.sale.oversubscription == IFixedPriceOffering.Oversubscription.SmallestFirst &&
            params.sale.allowListRoot == 0
        ) revert IOfferingFactory.OfferingFactory_AllowListRequired();
    }

    function _checkToken(
        IOfferingFactory.TokenTerms calldata token,
        IOfferingFactory.Limits memory limits
    ) private pure {
        if (token.claimableBps > BPS) revert IOfferingFactory.OfferingFactory_BadClaimableShare(token.claimableBps);
        if (token.streamPeriod < limits.minStreamPeriod) {
            revert IOfferingFactory.OfferingFactory_StreamPeriodTooShort(token.streamPeriod, limits.minStreamPeriod);
        }
    }

    function _checkAllocation(
        IOfferingFactory.Allocation calldata allocation,
        uint256 supply,
        IOfferingFactory.Limits memory limits
    ) private pure {
        if (allocation.offered == 0) revert IOfferingFactory.OfferingFactory_ZeroAmount("offered");
        uint256 allocated = Math.saturatingAdd(allocation.offered, allocation.liquidity);
        for (uint256 i = 0; i < allocation.grants.length; ++i) {
            allocated = Math.saturatingAdd(allocated, allocation.grants[i].amount);
        }
        if (allocated != supply) revert IOfferingFactory.OfferingFactory_AllocationMismatch(allocated, supply);
        if (allocation.liquidity == 0) return;
        if (allocation.liquidityRecipient == address(0)) {
            revert IOfferingFactory.OfferingFactory_ZeroAddress("liquidityRecipient");
        }
        if (allocation.liquidityLock < limits.minLiquidityLock) {
            revert IOfferingFactory.OfferingFactory_LockTooShort(allocation.liquidityLock, limits.minLiquidityLock);
        }
    }

    function _checkPrice(IFixedPriceOffering.SaleTerms calldata sale, uint256 offered) private pure {
        (uint256 softCap, uint256 hardCap) = (sale.softCap, sale.hardCap);
        if (softCap == 0) revert IOfferingFactory.OfferingFactory_ZeroAmount("softCap");
        if (softCap > hardCap) revert IOfferingFactory.OfferingFactory_CapsOutOfOrder(softCap, hardCap);
        if (Math.saturatingMul(hardCap, TOKEN) < offered) {
            revert IOfferingFactory.OfferingFactory_ZeroPrice(hardCap, offered);
        }
        if (hardCap > Math.saturatingMul(offered, MAX_UNITS_PER_TOKEN_WEI)) {
            revert IOfferingFactory.OfferingFactory_PriceTooCoarse(hardCap, offered);
        }
    }

    /// A sale that opens in the past opens at once: only the time it will really be open counts.
    function _checkDates(uint256 opensAt, uint256 closesAt, IOfferingFactory.Limits memory limits) private view {
        uint256 from = Math.max(opensAt, block.timestamp);
        if (closesAt <= from) revert IOfferingFactory.OfferingFactory_DatesOutOfOrder(from, closesAt);
        _checkDuration(from - block.timestamp, 0, limits.maxDuration);
        _checkDuration(closesAt - from, limits.minDuration, limits.maxDuration);
    }

    function _checkDuration(uint256 duration, uint256 least, uint256 most) private pure {
        if (duration < least || duration > most) {
            revert IOfferingFactory.OfferingFactory_DurationOutOfBounds(duration, least, most);
        }
    }

    /// Each window ends at its tranche and begins after the tranche before it, so that nobody exits against what is due.
    function _checkTranches(IFixedPriceOffering.Tranche[] calldata tranches, uint256 exitWindow) private pure {
        uint256 count = tranches.length;
        if (count == 0 || count > MAX_TRANCHES) revert IOfferingFactory.OfferingFactory_BadTranches(count);
        uint256 total = 0;
        uint256 earliest = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 delay = tranches[i].delay;
            bool atSettlement = i == 0 && delay == 0;
            bool early = !atSettlement && (delay < earliest + exitWindow || (i != 0 && delay == earliest));
            if (tranches[i].bps == 0 || early) revert IOfferingFactory.OfferingFactory_BadTranches(i);
            total += tranches[i].bps;
            earliest = delay;
        }
        if (total != BPS) revert IOfferingFactory.OfferingFactory_BadTranches(count);
    }
}
