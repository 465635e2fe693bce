// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title FixedPriceOffering
/// @notice One sale at one price. Commit until it closes; then anyone settles: below the soft cap everybody is refunded
/// exactly, above the hard cap commitments are scaled down by a rule fixed at creation.
/// @dev Amounts are in units of the currency (`address(0)` for ETH) unless they say tokens. The price is `hardCap` for
/// `offered` tokens. What a buyer gets is rounded down. Nobody has a privilege over commitments, tokens or proceeds.
interface IFixedPriceOffering {
    enum Oversubscription {
        /// Every commitment is scaled by the same factor.
        ProRata,
        /// One level caps all commitments, so the smallest are filled whole first. Needs an allow-list.
        SmallestFirst
    }

    /// @notice `Refunding` and `Settled` are terminal.
    enum State {
        Scheduled,
        Open,
        Closed,
        Refunding,
        Settled
    }

    struct Tranche {
        /// Seconds after settlement.
        uint32 delay;
        uint16 bps;
    }

    struct SaleTerms {
        address currency;
        uint256 softCap;
        uint256 hardCap;
        /// Most one wallet may commit; zero: no limit. No defence against one person with many wallets.
        uint256 walletCap;
        /// Merkle root of (chain, sale, account, cap) leaves, hashed twice; zero: open to all. See `allowListLeaf`.
        bytes32 allowListRoot;
        Oversubscription oversubscription;
        uint40 opensAt;
        uint40 closesAt;
        address fundsRecipient;
        /// Sum to 10,000, delays rising; all but a first one of delay 0 leave room for an exit window before it.
        Tranche[] tranches;
    }

    /// @notice What settlement gave one buyer.
    struct Outcome {
        uint256 committed;
        uint256 accepted;
        uint256 refund;
        uint256 tokens;
    }

    /// @notice What the factory fixes beside the terms. Times in seconds.
    struct Setup {
        uint256 familyId;
        address token;
        address escrow;
        /// Tokens for sale; the rest of the supply moves to the escrow.
        uint256 offered;
        uint32 uncommitCutoff;
        uint32 exitWindow;
        uint32 revenueHold;
    }

    event Committed(address indexed buyer, uint256 amount, uint256 total);
    event Uncommitted(address indexed buyer, uint256 amount, uint256 total);
    event LevelAdvanced(address indexed proposer, uint256 level, uint256 visited);
    event Settled(uint256 raised, uint256 tokensSold, uint256 tokensBurned, uint256 level);
    event RefundsOpened(uint256 committed);
    event TokensClaimed(address indexed buyer, uint256 tokens);
    event Refunded(address indexed buyer, address indexed to, uint256 amount);
    event TrancheReleased(uint256 indexed index, address indexed to, uint256 amount);
    /// @notice What rounding had kept back: proceeds in currency units, and tokens burned.
    event RoundingCollected(uint256 proceeds, uint256 tokensBurned);
    event Exited(address indexed buyer, address indexed to, uint256 tokens, uint256 amount);

    error FixedPriceOffering_WrongState(State actual);
    error FixedPriceOffering_WrongValue(uint256 sent, uint256 expected);
    error FixedPriceOffering_ShortTransfer(uint256 announced, uint256 received);
    error FixedPriceOffering_ZeroAmount();
    error FixedPriceOffering_NotAllowed(address buyer);
    error FixedPriceOffering_OverWalletCap(uint256 total, uint256 cap);
    error FixedPriceOffering_TooLateToUncommit(uint256 cutoff);
    error FixedPriceOffering_InsufficientCommitment(uint256 committed, uint256 asked);
    error FixedPriceOffering_LevelRequired();
    error FixedPriceOffering_LevelNotNeeded();
    error FixedPriceOffering_WrongLevel(uint256 level, uint256 accepted, uint256 hardCap);
    error FixedPriceOffering_NothingToClaim(address buyer);
    error FixedPriceOffering_NothingToRefund(address buyer);
    error FixedPriceOffering_TrancheNotDue(uint256 index, uint256 dueAt);
    error FixedPriceOffering_TrancheReleased(uint256 index);
    error FixedPriceOffering_NoExitWindow();
    error FixedPriceOffering_ExitCreditExceeded(uint256 credit, uint256 asked);
    error FixedPriceOffering_PaymentFailed(address to, uint256 amount);
    error FixedPriceOffering_ZeroAddress();
    error FixedPriceOffering_AlreadyInitialized();
    error FixedPriceOffering_AmountTooLarge(uint256 amount);
    error FixedPriceOffering_NoSuchTranche(uint256 index);
    error FixedPriceOffering_ClaimsOutstanding(uint256 claimed, uint256 buyers);

    /// @notice Factory only, once, in the transaction that deploys the sale: takes the supply and funds the escrow.
    function initialize(Setup calldata setup, SaleTerms calldata terms_) external;

    /// @notice Adds to the caller's commitment. `cap` and `proof` are the caller's allow-list entry, ignored without a list.
    function commit(uint256 amount, uint256 cap, bytes32[] calldata proof) external payable;

    /// @notice Takes back part of the caller's commitment, until the cutoff before the close.
    /// @dev Exact while the sale holds what was committed. Where an ERC-20 has taken units away from it, this and every
    /// refund before or instead of settlement pay the same fraction to everyone, so the first to leave gains nothing.
    function uncommit(uint256 amount, address to) external;

    /// @notice After the close: opens refunds, or settles. Anyone. A smallest-first sale over its cap needs a level first.
    /// @dev Refunds below the soft cap; where the sale holds less than was committed (an ERC-20 that rebased down); and when
    /// nobody has settled within 30 days of the close, so that no fault can lock commitments in.
    function settle() external;

    /// @notice Walks up to `steps` commitments with a proposed level and settles when the walk proves it. Each caller has
    /// a walk of its own, so nobody can disturb another's.
    function settleAtLevel(uint256 level, uint256 steps) external;

    /// @notice Sends `buyer` its tokens and what was not accepted of its commitment. Anyone; `buyer` starts sharing.
    /// @dev If paying the currency fails, the tokens still go and the refund stays owed; ETH goes with at most 100,000 gas.
    function claimTokensFor(address buyer) external;

    /// @notice Sends `buyer` what it is owed in currency: all of its commitment when refunding, the part not accepted when
    /// settled. Anyone.
    function refundFor(address buyer) external;

    /// @notice As `refundFor` for the caller, paid to `to`.
    function refundTo(address to) external;

    /// @notice Pays a due tranche to the funds recipient. Anyone.
    function releaseTranche(uint256 index) external;

    /// @notice Once every buyer's tokens are claimed: what pro-rata rounding kept back (see `raised`) joins the unreleased
    /// proceeds, or goes to the funds recipient where all tranches are released; leftover tokens are burned. Anyone.
    function collectRounding() external;

    /// @notice During an exit window: returns purchased tokens for their pro-rata share of the unreleased proceeds. The
    /// tokens are burned and their redemption goes to `to` too. Credit belongs to the original buyer.
    function exit(uint256 tokens, address to) external;

    function state() external view returns (State);

    function terms() external view returns (SaleTerms memory);

    function token() external view returns (address);

    function escrow() external view returns (address);

    function factory() external view returns (address);

    function familyId() external view returns (uint256);

    function offered() external view returns (uint256);

    function totalCommitted() external view returns (uint256);

    function commitmentOf(address buyer) external view returns (uint256);

    function buyerCount() external view returns (uint256);

    function buyerAt(uint256 index) external view returns (address);

    /// @notice Proceeds. Exact, but for a pro-rata sale over its cap: there at most (buyers - 1) units below the sum of the
    /// accepted parts until `collectRounding`, because each part is rounded down.
    function raised() external view returns (uint256);

    /// @notice Tokens sold: what `raised` buys, or all where a pro-rata sale was over its cap. Each buyer's part is rounded
    /// down from the same price, so this is at least their sum.
    function tokensSold() external view returns (uint256);

    /// @notice Tokens returned by exits.
    function tokensExited() external view returns (uint256);

    function settledAt() external view returns (uint256);

    /// @notice Proceeds neither released nor given back to exits.
    function unreleased() external view returns (uint256);

    /// @notice What `buyer` gets; after settlement final, before it what settling now would give (zero where that needs a level).
    function outcomeOf(address buyer) external view returns (Outcome memory);

    /// @notice Tokens `buyer` has still to be sent by `claimTokensFor`.
    function claimableTokensOf(address buyer) external view returns (uint256);

    /// @notice Currency `buyer` is still owed by `refundFor`; zero before settlement.
    function refundOwedTo(address buyer) external view returns (uint256);

    /// @notice A proposer's walk: its level, the buyers visited, and the sum accepted of them.
    function walkOf(address proposer) external view returns (uint256 level, uint256 visited, uint256 accepted);

    /// @notice Tokens `buyer` may still return.
    function exitCreditOf(address buyer) external view returns (uint256);

    /// @notice What `exit(tokens)` would pay in currency now; zero outside a window.
    function exitValue(uint256 tokens) external view returns (uint256);

    /// @notice The open exit window, or the next one: which tranche it guards, and its bounds. Without one: the number of
    /// tranches, and zeros.
    function exitWindow() external view returns (uint256 tranche, uint256 from, uint256 to);

    /// @notice keccak256(bytes.concat(keccak256(abi.encode(chainid, sale, account, cap)))).
    function allowListLeaf(address account, uint256 cap) external view returns (bytes32);
}
