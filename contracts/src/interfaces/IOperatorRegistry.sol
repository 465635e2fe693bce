// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title OperatorRegistry
/// @notice Stake, enrolment per version, and the draw. Permissionless: no allow-list, no owner.
/// @dev Amounts in wei. `free stake` = stake - locked - exiting. Exiting stake can still be slashed until withdrawn. The draw
/// weighs operators by the stake tree as it stood when the previous epoch ended. What counts is stake that is not exiting, in
/// whole units of 10^12 wei. The draw is off by less than total / 2^256 (a modulus): below 2^-200.
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

    /// @notice What became of an attempt to answer.
    enum Engagement {
        /// The bond is locked.
        Engaged,
        /// The draw fell on somebody else.
        NotDrawn,
        NotEnrolled,
        NotEnoughStake
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
    error OperatorRegistry_TooManyEnrolments(address operator, uint256 most);
    error OperatorRegistry_TooManyOperators(uint256 versionId, uint256 most);
    error OperatorRegistry_NotOracle(address caller);
    error OperatorRegistry_NotAudits(address caller);
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

    /// @notice Brings the draws of `account`, and what it attests to, in line with its stake. Anyone.
    function sync(address account) external;

    /// @notice Starts taking `amount` of free stake out; less than the least stake may remain only if all enrolments ended.
    function requestExit(uint256 amount) external;

    function cancelExit() external;

    /// @notice Pays out the exit once its delay has passed.
    function withdrawStake(address to) external;

    /// @notice Oracle only: frees what `engage` locked, once its answer is final.
    function unlock(address operator, uint256 amount) external;

    /// @notice Oracle only: takes up to `amount` of stake, `fromLocked` of it out of the locked part, and sends it to `to`: the
    /// oracle itself through `acceptPenalty`, anybody else by a plain transfer. The rest comes from free stake, then from
    /// exiting stake; bonds that are locked otherwise are never touched.
    /// @dev Reaches the draw at the operator's next change of stake or at `sync`: its cost, which a bystander or a challenger
    /// bears, does not grow with the enrolments.
    /// @return taken What was there to take.
    function slash(address operator, uint256 amount, uint256 fromLocked, address to) external returns (uint256 taken);

    /// @notice Audits only: takes up to `amount` of stake that is free or exiting, as `slash` does, and sends it to the caller by a
    /// plain transfer. What an audit may take from an operator is bounded there.
    /// @return taken What was there to take.
    function forfeit(address operator, uint256 amount) external returns (uint256 taken);

    /// @notice Oracle only: draws, and locks `bond` of `account` if it may answer: being enrolled or drawn, and, where
    /// `onlyDrawn`, nobody else being drawn. Changes nothing unless `Engaged`.
    /// @param seed Zero: no draw.
    /// @return result What became of it.
    /// @return drawn Who was drawn, whatever the result; zero if nobody.
    function engage(
        address account,
        uint256 versionId,
        uint256 timestamp,
        bytes32 seed,
        uint256 bond,
        bool onlyDrawn
    ) external returns (Engagement result, address drawn);

    function operator(address account) external view returns (Operator memory);

    function freeStake(address account) external view returns (uint256);

    function isEnrolled(address account, uint256 versionId) external view returns (bool);

    /// @notice The operators enrolled now.
    function enrolled(uint256 versionId) external view returns (address[] memory);

    /// @notice How many operators attest to the model root of a version now: enrolled, with the least stake or more that is not
    /// exiting. A slash counts at once. Counts to `most`, and looks at no more than 32 operators; those that a slash left with too
    /// little are out of the way after `sync`.
    /// @dev Addresses are not identities: whoever has the stake can attest under as many as it covers.
    /// @param except Who does not count.
    function attestations(
        uint256 versionId,
        address[2] calldata except,
        uint256 most
    ) external view returns (uint256 count);

    function endpointOf(address account) external view returns (string memory);

    /// @notice Draws by stake from the tree of the epoch before `timestamp`'s; zero if it was empty, or if it is forgotten.
    /// Never forgotten while `timestamp` lies in this epoch or the last; after that once the stakes changed in three epochs.
    function draw(uint256 versionId, uint256 timestamp, bytes32 seed) external view returns (address);

    /// @notice What a draw for `timestamp` draws from, in units of 10^12 wei of stake.
    function weightAt(uint256 versionId, uint256 timestamp) external view returns (uint256 weight);

    function parameters() external view returns (Parameters memory);

    function oracle() external view returns (address);

    function audits() external view returns (address);

    function registry() external view returns (address);
}
