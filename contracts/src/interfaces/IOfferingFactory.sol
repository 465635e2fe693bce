// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IFixedPriceOffering} from "./IFixedPriceOffering.sol";
import {IVestingEscrow} from "./IVestingEscrow.sol";

/// @title OfferingFactory
/// @notice Deploys a family's token, its sale and its escrow in one transaction, every rule fixed and readable before the
/// first commitment. Refuses traps with a named error. Without owner: nothing of it can change.
interface IOfferingFactory {
    /// @notice Bounds of a deployment, immutable. Times in seconds.
    struct Limits {
        /// Least stream period of a token.
        uint32 minStreamPeriod;
        uint32 snapshotInterval;
        /// Least time the liquidity share stays locked after settlement.
        uint32 minLiquidityLock;
        /// Commitments can be taken back until this long before the sale closes.
        uint32 uncommitCutoff;
        /// Window before each tranche in which buyers may exit.
        uint32 exitWindow;
        /// From the opening of token claims to the start of the revenue stream.
        uint32 revenueHold;
        /// Bounds of the time a sale is open.
        uint32 minDuration;
        uint32 maxDuration;
    }

    struct TokenTerms {
        string name;
        string symbol;
        uint256 supply;
        uint16 claimableBps;
        uint32 streamPeriod;
    }

    /// @notice Where the tokens that are not sold go. `offered` + `liquidity` + grants = supply.
    struct Allocation {
        uint256 offered;
        uint256 liquidity;
        address liquidityRecipient;
        uint32 liquidityLock;
        IVestingEscrow.Grant[] grants;
    }

    struct OfferingParams {
        uint256 familyId;
        TokenTerms token;
        Allocation allocation;
        IFixedPriceOffering.SaleTerms sale;
    }

    event OfferingCreated(
        uint256 indexed familyId,
        address indexed offering,
        address indexed token,
        address escrow,
        address publisher
    );

    error OfferingFactory_NotPublisher(uint256 familyId, address caller);
    error OfferingFactory_AlreadyTokenized(uint256 familyId, address token);
    error OfferingFactory_OfferingOpen(uint256 familyId, address offering);
    error OfferingFactory_NotOffering(address caller);
    error OfferingFactory_AllocationMismatch(uint256 allocated, uint256 supply);
    error OfferingFactory_StreamPeriodTooShort(uint256 period, uint256 least);
    error OfferingFactory_LockTooShort(uint256 lock, uint256 least);
    error OfferingFactory_DatesOutOfOrder(uint256 opensAt, uint256 closesAt);
    error OfferingFactory_DurationOutOfBounds(uint256 duration, uint256 least, uint256 most);
    error OfferingFactory_FundsRecipientIsToken(address recipient);
    error OfferingFactory_ZeroAddress(bytes32 field);
    error OfferingFactory_ZeroAmount(bytes32 field);
    error OfferingFactory_CapsOutOfOrder(uint256 softCap, uint256 hardCap);
    error OfferingFactory_ZeroPrice(uint256 hardCap, uint256 offered);
    error OfferingFactory_UnsuitableCurrency(address currency, uint256 sent, uint256 received);
    error OfferingFactory_AllowListRequired();
    error OfferingFactory_BadTranches(uint256 index);
    error OfferingFactory_BadClaimableShare(uint256 bps);
    /// @notice One token wei would cost more than 1,000 currency units, so rounding would take real money from a buyer.
    error OfferingFactory_PriceTooCoarse(uint256 hardCap, uint256 offered);
    error OfferingFactory_BadLimits(bytes32 limit);
    error OfferingFactory_BadPart(bytes32 part);

    /// @notice Publisher of the family only. For an ERC-20 currency the caller must have approved `probeAmount` units of it,
    /// which travel to the factory and back so that a fee on transfer shows.
    function create(OfferingParams calldata params) external returns (address offering, address token, address escrow);

    /// @notice Called by an offering when it settles: binds its token to the family.
    function onSettled() external;

    /// @notice Called by an offering when it fails: the family may be offered again.
    function onRefunding() external;

    /// @notice Address of the family's next offering, which its allow-list leaves must name.
    function predictOffering(uint256 familyId) external view returns (address);

    function limits() external view returns (Limits memory);

    function probeAmount() external view returns (uint256);

    function isOffering(address account) external view returns (bool);

    /// @notice The family's offering that is not yet settled or refunding, or zero.
    function openOfferingOf(uint256 familyId) external view returns (address);

    function familyOfOffering(address offering) external view returns (uint256);
}
