// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC7641AltRevToken} from "./IERC7641.sol";

/// @title ModelToken
/// @notice ERC-20 + ERC-2612 + ERC-7641 (with its AltRevToken extension) whose revenue streams to holders per second.
/// @dev An asset is `address(0)` for ETH, the base asset of ERC-7641, or one of at most four ERC-20s fixed at creation.
/// Amounts are in units of the asset. Everything paid out is rounded down; remainders stay and stream on.
interface IModelToken is IERC7641AltRevToken, IERC20Permit, IERC165 {
    /// @notice All that is fixed at creation.
    struct Config {
        /// ERC-20 name and symbol; the name is also the EIP-712 domain name, version "1".
        string name;
        string symbol;
        /// Whole supply, 18 decimals, at most `MAX_SUPPLY`; minted to `distributor`.
        uint256 supply;
        /// Share of the streamed revenue that holders claim, in basis points; the rest is the redemption pool.
        uint16 claimableBps;
        /// Longest time a payment streams for, in seconds. 0: at once.
        uint32 streamPeriod;
        /// Least time between two snapshots, in seconds.
        uint32 snapshotInterval;
        /// Receives the supply, starts non-sharing, opens revenue once, and makes buyers share.
        address distributor;
        /// Receives what no holder is left to earn.
        address publisher;
        /// Up to four ERC-20 revenue assets.
        address[] assets;
        /// Further accounts that start non-sharing: escrows, pools, the burn address.
        address[] nonSharing;
    }

    /// @notice `from` is zero for what had arrived without a notification.
    event RevenueAdded(address indexed from, address indexed asset, uint256 amount);
    event RevenueClaimed(address indexed account, address indexed asset, address indexed to, uint256 amount);
    event Marked(uint256 indexed id, uint256 time);
    event Redeemed(address indexed account, address indexed asset, address indexed to, uint256 burned, uint256 amount);
    /// @notice Accounts share unless this said otherwise: at creation, at a first receipt with code, or by themselves.
    event SharingChanged(address indexed account, bool sharing);
    event ClaimForChanged(address indexed account, bool allowed);
    event RevenueOpening(uint256 at);
    /// @notice An ERC-20 payout failed and stays owed to `account`.
    event PayoutFailed(address indexed account, address indexed asset, uint256 amount);
    event PublisherPaid(address indexed asset, uint256 amount);

    error ModelToken_BadConfig(bytes32 reason);
    error ModelToken_UnsuitableAsset(address asset);
    error ModelToken_UnknownAsset(address asset);
    error ModelToken_ZeroAddress();
    error ModelToken_InsufficientBalance(address account, uint256 balance, uint256 needed);
    error ModelToken_InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ModelToken_PermitExpired(uint256 deadline);
    error ModelToken_InvalidSigner(address signer, address owner);
    error ModelToken_ShortNotification(address asset, uint256 announced, uint256 received);
    error ModelToken_AmountTooLarge(uint256 amount);
    error ModelToken_UnexpectedEther(uint256 value);
    error ModelToken_SnapshotTooSoon(uint256 notBefore);
    error ModelToken_TooManySnapshots();
    error ModelToken_NothingToClaim();
    error ModelToken_NotPushable(address account);
    error ModelToken_PaymentFailed(address to, uint256 amount);
    error ModelToken_NotDistributor(address caller);
    error ModelToken_RevenueAlreadyOpen(uint256 at);
    error ModelToken_Reentered();
    /// @notice No snapshot has this id.
    error NoSuchMark(uint256 id);

    /// @notice Adds `amount` of `asset` to the revenue stream; open to all. ERC-20s are pulled from the caller.
    function notifyRevenue(address asset, uint256 amount) external payable;

    /// @notice Folds in what arrived without a notification, and resumes a frozen stream that may run again.
    function sync(address asset) external;

    /// @notice Everything `account` could be paid of `asset` now, as if `sync` had just run.
    function accruedRevenue(address account, address asset) external view returns (uint256);

    /// @notice Pays the caller's revenue of every asset to `to`.
    function claimAll(address to) external;

    /// @notice Pays the caller's revenue of one asset to `to`.
    function claimAsset(address asset, address to) external;

    /// @notice Pays `account` its own revenue. Only an account without code, or one that allowed it.
    function claimFor(address account) external;

    /// @notice Claims several snapshots; ids with nothing to claim are skipped.
    function claimBatch(uint256[] calldata ids) external;

    /// @notice Lets others trigger `claimFor` for a caller that has code.
    function setClaimFor(bool allowed) external;

    /// @notice Opts the caller in to or out of revenue sharing. What has accrued is not touched.
    function setSharing(bool sharing) external;

    /// @notice Burns the caller's tokens and pays the redemption to `to`.
    function burnTo(uint256 amount, address to) external;

    /// @notice Distributor only, once: revenue received so far, and from now on, streams from `at` on.
    function openRevenue(uint256 at) external;

    /// @notice Pays the publisher what was left or came when no token existed any more.
    function withdrawPublisherCredit(address asset) external;

    /// @notice What `withdrawPublisherCredit` would pay now; 0 while a token exists.
    function publisherCredit(address asset) external view returns (uint256);

    /// @notice The largest supply a token can be created with, 2^90 - 1 (1.2e27).
    function MAX_SUPPLY() external view returns (uint256);

    /// @notice ETH first (`address(0)`), then the ERC-20s.
    function revenueAssets() external view returns (address[] memory);

    function isSharing(address account) external view returns (bool);

    function sharingSupply() external view returns (uint256);

    /// @notice When revenue starts to stream; `type(uint40).max` until `openRevenue`.
    function revenueOpensAt() external view returns (uint256);

    /// @notice Newest snapshot id; ids start at 1.
    function marksTaken() external view returns (uint256);

    /// @notice The stream of one asset now.
    /// @return unstreamed What holders and pool have still to receive, in asset units.
    /// @return perSecond What streams per second (holders and pool together), in asset units, rounded down.
    /// @return endsAt When the stream runs dry; 0 while it is frozen.
    /// @return pool The redemption pool.
    function streamOf(
        address asset
    ) external view returns (uint256 unstreamed, uint256 perSecond, uint256 endsAt, uint256 pool);

    function claimableBps() external view returns (uint256);

    function streamPeriod() external view returns (uint256);

    function publisher() external view returns (address);
}
