// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title OperatorRegistry
/// @notice Stake, enrolment per version, and the draw. Permissionless: no allow-list, no owner.
/// @dev Amounts in wei. `free stake` = stake - locked - exiting. Exiting stake can still be slashed until withdrawn. The draw
/// weighs operators by the stake tree as it stood when the previous epoch ended.
interface IOperatorRegistry {
    /// @notice Immutable. Times in seconds.
    struct Parameters {
        uint128 minStake;
        uint32 exitDelay;
        uint32 epochLength;
    }

    struct Operator {
        uint128 stake;
        uint128 locked;
        uint128 exiting;
        uint40 exitAt;
        uint32 enrolments;
    }

    event OperatorRegistered(address indexed operator, string endpoint);
    event EndpointChanged(address indexed operator, string endpoint);
    event StakeAdded(address indexed operator, uint256 amount, uint256 stake);
    event Enrolled(address indexed operator, uint256 indexed versionId, bytes32 modelRoot);
    event Withdrew(address indexed operator, uint256 indexed versionId);
    event StakeLocked(address indexed operator, uint256 amount, uint256 locked);
    event StakeUnlocked(address indexed operator, uint256 amount, uint256 locked);
    event StakeSlashed(address indexed operator, address indexed to, uint256 amount);
    event ExitRequested(address indexed operator, uint256 amount, uint256 exitAt);
    event ExitCancelled(address indexed operator, uint256 amount);
    event StakeWithdrawn(address indexed operator, address indexed to, uint256 amount);

    error OperatorRegistry_AlreadyRegistered(address operator);
    error OperatorRegistry_NotRegistered(address operator);
    error OperatorRegistry_StakeTooSmall(uint256 stake, uint256 least);
    error OperatorRegistry_AlreadyEnrolled(address operator, uint256 versionId);
    error OperatorRegistry_NotEnrolled(address operator, uint256 versionId);
    error OperatorRegistry_WrongModelRoot(bytes32 attested, bytes32 registered);
    error OperatorRegistry_InsufficientFreeStake(address operator, uint256 free, uint256 needed);
    error OperatorRegistry_ExitPending(uint256 exitAt);
    error OperatorRegistry_NoExit();
    error OperatorRegistry_StillEnrolled(uint256 enrolments);
    error OperatorRegistry_NotOracle(address caller);
    error OperatorRegistry_PaymentFailed(address to, uint256 amount);
    error OperatorRegistry_BadConfig(bytes32 reason);
    error OperatorRegistry_ZeroAddress();

    /// @notice Registers the caller with the value as stake.
    /// @param endpoint Where the operator can be reached, free text; may be empty.
    function register(string calldata endpoint) external payable;

    function setEndpoint(string calldata endpoint) external;

    function addStake() external payable;

    /// @notice Enters the draw of a version, attesting the model root recomputed from the file (zero where the version has none).
    function enrol(uint256 versionId, bytes32 modelRoot) external;

    /// @notice Leaves the draw of a version.
    function withdrawFrom(uint256 versionId) external;

    /// @notice Starts taking `amount` of free stake out; less than the least stake may remain only if all enrolments ended.
    function requestExit(uint256 amount) external;

    function cancelExit() external;

    /// @notice Pays out the exit once its delay has passed.
    function withdrawStake(address to) external;

    /// @notice Oracle only.
    function lock(address operator, uint256 amount) external;

    /// @notice Oracle only.
    function unlock(address operator, uint256 amount) external;

    /// @notice Oracle only: takes up to `amount` of stake, `fromLocked` of it out of the locked part, and sends it to `to`.
    /// @return taken What was there to take.
    function slash(address operator, uint256 amount, uint256 fromLocked, address to) external returns (uint256 taken);

    function operator(address account) external view returns (Operator memory);

    function freeStake(address account) external view returns (uint256);

    function isEnrolled(address account, uint256 versionId) external view returns (bool);

    /// @notice The operators enrolled now.
    function enrolled(uint256 versionId) external view returns (address[] memory);

    function endpointOf(address account) external view returns (string memory);

    /// @notice Draws by stake from the tree of the epoch before `timestamp`'s; zero if it was empty.
    function draw(uint256 versionId, uint256 timestamp, bytes32 seed) external view returns (address);

    function parameters() external view returns (Parameters memory);

    function oracle() external view returns (address);
}
