// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title VestingEscrow
/// @notice Holds team, contributor and liquidity tokens of one offering: cliff, then linear. Non-sharing: a token earns from
/// its release. Nothing is released before, or without, the sale's success.
interface IVestingEscrow {
    struct Grant {
        address beneficiary;
        uint256 amount;
        /// Seconds after settlement before which nothing is released.
        uint32 cliff;
        /// Seconds after settlement at which all is released; at least `cliff`.
        uint32 duration;
    }

    event Started(uint256 at);
    event Released(address indexed beneficiary, uint256 indexed grantId, uint256 amount);

    error VestingEscrow_NotOffering(address caller);
    error VestingEscrow_NotStarted();
    error VestingEscrow_AlreadyStarted();
    error VestingEscrow_NothingToRelease(address beneficiary);
    /// @notice A grant that could never be released as written: nobody or a contract of the offering as beneficiary, no
    /// amount, or an end before its cliff. The last index names too many grants.
    error VestingEscrow_BadGrant(uint256 index);
    error VestingEscrow_AlreadyInitialized();

    /// @notice Factory only, once, in the transaction that deploys the escrow. The tokens are there already.
    function initialize(address offering_, address token_, Grant[] calldata grants_) external;

    /// @notice Offering only, at settlement.
    function start() external;

    /// @notice Sends `beneficiary` everything vested by now, over all its grants. Anyone.
    function release(address beneficiary) external returns (uint256 amount);

    function releasable(address beneficiary) external view returns (uint256);

    function vested(uint256 grantId, uint256 timestamp) external view returns (uint256);

    function grants() external view returns (Grant[] memory);

    function released(uint256 grantId) external view returns (uint256);

    function offering() external view returns (address);

    function token() external view returns (address);

    function startedAt() external view returns (uint256);
}
