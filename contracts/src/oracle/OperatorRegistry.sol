// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {StakeTree} from "./StakeTree.sol";

/// @title OperatorRegistry
/// @notice See `IOperatorRegistry`. Nobody owns it; only the oracle locks and slashes, only the audits take forfeits.
/// @dev Invariants: the balance covers the sum of `active + exiting`; `locked <= active`; `locked` is the sum of the bonds that
/// the oracle holds open; in the tree of every version the leaf of an enrolled operator is its `weight`, any other is zero; those of
/// its operators whose `weight` is the least stake or more are `_attesting`.
contract OperatorRegistry is IOperatorRegistry {
    using StakeTree for StakeTree.Tree;
    using SafeCast for uint256;
    using EnumerableSet for EnumerableSet.AddressSet;

    uint256 private constant MAX_ENROLMENTS = 32;
    /// Leaves per version: bounds a draw to 10 nodes.
    uint256 private constant MAX_LEAVES = 1 << 20;
    /// A tree holds 2^54 of them in each part: 1.8 * 10^10 ETH.
    uint256 private constant WEIGHT_UNIT = 1e12;
    /// Bounds what counting attestations costs. So many operators would have to be slashed, and nobody `sync` them, to hide others.
    uint256 private constant MOST_LOOKED_AT = 32;

    struct Account {
        /// Stake that counts: all but what is exiting.
        uint128 active;
        /// Part of `active` that stands behind assertions.
        uint128 locked;
        uint128 exiting;
        uint40 exitAt;
        uint8 enrolments;
        bool registered;
        /// What its leaves hold, in `WEIGHT_UNIT`s.
        uint64 weight;
    }

    struct Leaf {
        address occupant;
        /// Epoch since which the leaf is this occupant's.
        uint32 since;
        /// Epoch in which it became empty, if not `enrolled`.
        uint32 freedIn;
        bool enrolled;
        bool queued;
    }

    /// An operator's place in a version; it keeps it after leaving until somebody else takes it.
    struct Place {
        /// One more than the leaf.
        uint32 next;
        uint32 since;
        bool enrolled;
    }

    // ---------------------------------------------------------------- storage

    IModelRegistry private immutable REGISTRY;
    address public immutable oracle;
    address public immutable audits;
    uint128 private immutable MIN_STAKE;
    uint32 private immutable EXIT_DELAY;
    uint32 private immutable EPOCH_LENGTH;

    mapping(address operator => Account) private _accounts;
    mapping(address operator => string) public endpointOf;
    mapping(address operator => uint32[] versionIds) private _versionsOf;

    mapping(uint256 versionId => StakeTree.Tree) private _trees;
    mapping(uint256 versionId => mapping(uint256 leaf => Leaf)) private _leaves;
    mapping(uint256 versionId => uint256) private _leafCount;
    mapping(uint256 versionId => mapping(address operator => Place)) private _places;
    /// Leaves that were left, oldest first, beginning at `_freedHead`; some were taken again by who left.
    mapping(uint256 versionId => uint32[]) private _freed;
    mapping(uint256 versionId => uint256) private _freedHead;
    /// Who may count as attesting, the stake of each as last written into the trees.
    mapping(uint256 versionId => EnumerableSet.AddressSet) private _attesting;

    /// @param oracle_ May be an address that has no code yet, as `audits_` may.
    /// @param audits_ Zero if there are none: then nobody takes forfeits.
    constructor(Parameters memory parameters_, IModelRegistry registry_, address oracle_, address audits_) {
        if (address(registry_) == address(0) || oracle_ == address(0)) revert OperatorRegistry_ZeroAddress();
        if (parameters_.minStake < WEIGHT_UNIT) revert OperatorRegistry_BadConfig("minStake");
        if (parameters_.exitDelay == 0) revert OperatorRegistry_BadConfig("exitDelay");
        if (parameters_.epochLength == 0) revert OperatorRegistry_BadConfig("epochLength");
        REGISTRY = registry_;
        oracle = oracle_;
        audits = audits_;
        MIN_STAKE = parameters_.minStake;
        EXIT_DELAY = parameters_.exitDelay;
        EPOCH_LENGTH = parameters_.epochLength;
    }

    modifier onlyOracle() {
        if (msg.sender != oracle) revert OperatorRegistry_NotOracle(msg.sender);
        _;
    }

    // ---------------------------------------------------------------- stake in

    /// @inheritdoc IOperatorRegistry
    function register(string calldata endpoint) external payable {
        Account storage account = _accounts[msg.sender];
        if (account.registered) revert OperatorRegistry_AlreadyRegistered(msg.sender);
        if (msg.value < MIN_STAKE) revert OperatorRegistry_StakeTooSmall(msg.value, MIN_STAKE);
        account.registered = true;
        endpointOf[msg.sender] = endpoint;
        emit OperatorRegistered(msg.sender, endpoint);
        _addStake(account);
    }

    /// @inheritdoc IOperatorRegistry
    function setEndpoint(string calldata endpoint) external {
        _registered(msg.sender);
        endpointOf[msg.sender] = endpoint;
        emit EndpointChanged(msg.sender, endpoint);
    }

    /// @inheritdoc IOperatorRegistry
    function addStake() external payable {
        _addStake(_registered(msg.sender));
    }

    function _addStake(Account storage account) private {
        account.active += msg.value.toUint128();
        _reweigh(msg.sender, account);
        emit StakeAdded(msg.sender, msg.value, uint256(account.active) + account.exiting);
    }

    // ---------------------------------------------------------------- enrolment

    /// @inheritdoc IOperatorRegistry
    function enrol(uint256 versionId, bytes32 modelRoot) external {
        Account storage account = _registered(msg.sender);
        if (_places[versionId][msg.sender].enrolled) {
            revert OperatorRegistry_AlreadyEnrolled(msg.sender, versionId);
        }
        if (account.active < MIN_STAKE) revert OperatorRegistry_StakeTooSmall(account.active, MIN_STAKE);
        if (account.enrolments == MAX_ENROLMENTS) {
            revert OperatorRegistry_TooManyEnrolments(msg.sender, MAX_ENROLMENTS);
        }
        bytes32 registered = REGISTRY.version(versionId).modelRoot;
        if (modelRoot != registered) revert OperatorRegistry_WrongModelRoot(modelRoot, registered);

        _reweigh(msg.sender, account);
        uint256 leaf = _takeLeaf(versionId);
        ++account.enrolments;
        _versionsOf[msg.sender].push(versionId.toUint32());
        _trees[versionId].change(leaf, account.weight, 0, _epoch());
        _attesting[versionId].add(msg.sender);
        emit Enrolled(msg.sender, versionId, modelRoot);
    }

    /// @inheritdoc IOperatorRegistry
    function withdrawFrom(uint256 versionId) external {
        Place storage place = _places[versionId][msg.sender];
        if (!place.enrolled) revert OperatorRegistry_NotEnrolled(msg.sender, versionId);
        Account storage account = _accounts[msg.sender];
        uint256 leaf = place.next - 1;
        place.enrolled = false;
        _leaveLeaf(versionId, leaf);
        --account.enrolments;
        _forgetVersion(versionId);
        _trees[versionId].change(leaf, 0, account.weight, _epoch());
        _attesting[versionId].remove(msg.sender);
        emit Withdrew(msg.sender, versionId);
    }

    /// The leaf the caller had, the one that has been empty longest, or a new one. Leaves are not taken over before two epochs
    /// have passed, so that whoever was drawn is still found in its place; `since` tells for draws that look back further.
    function _takeLeaf(uint256 versionId) private returns (uint256 leaf) {
        Place storage place = _places[versionId][msg.sender];
        if (place.next != 0) {
            leaf = place.next - 1;
            _leaves[versionId][leaf].enrolled = true;
            place.enrolled = true;
            return leaf;
        }
        uint256 epoch = _epoch();
        bool found;
        (found, leaf) = _takeFreed(versionId, epoch);
        if (!found) {
            leaf = _leafCount[versionId];
            if (leaf == MAX_LEAVES) revert OperatorRegistry_TooManyOperators(versionId, MAX_LEAVES);
            _leafCount[versionId] = leaf + 1;
        }
        // Times divided by a length of at least a second fit 32 bits until 2106; leaves are at most 2^20.
        _leaves[versionId][leaf] = Leaf(msg.sender, uint32(epoch), 0, true, false);
        _places[versionId][msg.sender] = Place(uint32(leaf + 1), uint32(epoch), true);
    }

    /// Looks at one entry of the queue only: what enrolling costs does not depend on how many came and went.
    function _takeFreed(uint256 versionId, uint256 epoch) private returns (bool found, uint256 leaf) {
        uint256 head = _freedHead[versionId];
        if (head == _freed[versionId].length) return (false, 0);
        leaf = _freed[versionId][head];
        Leaf storage freed = _leaves[versionId][leaf];
        if (!freed.enrolled && freed.freedIn + 2 > epoch) return (false, 0);
        _freedHead[versionId] = head + 1;
        freed.queued = false;
        // Its occupant came back meanwhile.
        if (freed.enrolled) return (false, 0);
        delete _places[versionId][freed.occupant];
        found = true;
    }

    function _leaveLeaf(uint256 versionId, uint256 leaf) private {
        Leaf storage left = _leaves[versionId][leaf];
        left.enrolled = false;
        left.freedIn = uint32(_epoch());
        if (left.queued) return;
        left.queued = true;
        _freed[versionId].push(uint32(leaf));
    }

    function _forgetVersion(uint256 versionId) private {
        uint32[] storage versions = _versionsOf[msg.sender];
        uint256 last = versions.length - 1;
        for (uint256 i = 0; i < last; ++i) {
            if (versions[i] == versionId) {
                versions[i] = versions[last];
                break;
            }
        }
        versions.pop();
    }

    // ---------------------------------------------------------------- stake out

    /// @inheritdoc IOperatorRegistry
    function requestExit(uint256 amount) external {
        Account storage account = _registered(msg.sender);
        if (account.exiting != 0) revert OperatorRegistry_ExitPending(account.exitAt);
        if (amount == 0) revert OperatorRegistry_NoExit();
        _requireFree(msg.sender, account, amount);
        uint256 left = account.active - amount;
        if (left < MIN_STAKE && account.enrolments != 0) {
            revert OperatorRegistry_StillEnrolled(account.enrolments);
        }
        // `left` and `amount` are parts of `active`.
        account.active = uint128(left);
        account.exiting = uint128(amount);
        account.exitAt = uint40(block.timestamp + EXIT_DELAY);
        _reweigh(msg.sender, account);
        emit ExitRequested(msg.sender, amount, account.exitAt);
    }

    /// @inheritdoc IOperatorRegistry
    function cancelExit() external {
        Account storage account = _accounts[msg.sender];
        uint128 amount = _clearExit(account);
        account.active += amount;
        _reweigh(msg.sender, account);
        emit ExitCancelled(msg.sender, amount);
    }

    /// @inheritdoc IOperatorRegistry
    function withdrawStake(address to) external {
        if (to == address(0)) revert OperatorRegistry_ZeroAddress();
        Account storage account = _accounts[msg.sender];
        uint256 exitAt = account.exitAt;
        if (block.timestamp < exitAt) revert OperatorRegistry_ExitPending(exitAt);
        uint256 amount = _clearExit(account);
        emit StakeWithdrawn(msg.sender, to, amount);
        _pay(to, amount);
    }

    function _clearExit(Account storage account) private returns (uint128 amount) {
        amount = account.exiting;
        if (amount == 0) revert OperatorRegistry_NoExit();
        (account.exiting, account.exitAt) = (0, 0);
    }

    function _pay(address to, uint256 amount) private {
        if (!LowLevelCall.callNoReturn(to, amount, "")) revert OperatorRegistry_PaymentFailed(to, amount);
    }

    // ---------------------------------------------------------------- the oracle's part

    /// @inheritdoc IOperatorRegistry
    function lock(address account, uint256 amount) external onlyOracle {
        Account storage record = _accounts[account];
        if (!_tryLock(account, record, amount)) _requireFree(account, record, amount);
    }

    /// @inheritdoc IOperatorRegistry
    function unlock(address account, uint256 amount) external onlyOracle {
        Account storage record = _accounts[account];
        uint128 locked = record.locked - amount.toUint128();
        record.locked = locked;
        emit StakeUnlocked(account, amount, locked);
    }

    /// @inheritdoc IOperatorRegistry
    function engage(
        address account,
        uint256 versionId,
        uint256 timestamp,
        bytes32 seed,
        uint256 bond,
        bool onlyDrawn
    ) external onlyOracle returns (Engagement result, address drawn) {
        drawn = seed == 0 ? address(0) : draw(versionId, timestamp, seed);
        if (drawn != account) {
            if (onlyDrawn && drawn != address(0)) return (Engagement.NotDrawn, drawn);
            if (!_places[versionId][account].enrolled) return (Engagement.NotEnrolled, drawn);
        }
        if (!_tryLock(account, _accounts[account], bond)) result = Engagement.NotEnoughStake;
    }

    /// @inheritdoc IOperatorRegistry
    function slash(
        address account,
        uint256 amount,
        uint256 fromLocked,
        address to
    ) external onlyOracle returns (uint256 taken) {
        taken = _take(account, amount, fromLocked, to);
        if (to == oracle) IInferenceOracle(oracle).acceptPenalty{value: taken}();
        else _pay(to, taken);
    }

    /// @inheritdoc IOperatorRegistry
    function forfeit(address account, uint256 amount) external returns (uint256 taken) {
        if (msg.sender != audits) revert OperatorRegistry_NotAudits(msg.sender);
        taken = _take(account, amount, 0, audits);
        _pay(audits, taken);
    }

    /// Takes what there is of `amount`; whoever calls pays it out to `to`.
    function _take(address account, uint256 amount, uint256 fromLocked, address to) private returns (uint256 taken) {
        Account storage record = _accounts[account];
        fromLocked = _least(fromLocked, _least(amount, record.locked));
        uint256 fromFree = _least(amount - fromLocked, _free(record));
        uint256 fromExit = _least(amount - fromLocked - fromFree, record.exiting);
        taken = fromLocked + fromFree + fromExit;
        // Each part is at most what it is taken from.
        record.locked -= uint128(fromLocked);
        record.active -= uint128(fromLocked + fromFree);
        record.exiting -= uint128(fromExit);
        emit StakeSlashed(account, to, taken);
    }

    /// Changes nothing where less is free.
    function _tryLock(address account, Account storage record, uint256 amount) private returns (bool) {
        (uint256 active, uint256 locked) = (record.active, record.locked);
        if (active - locked < amount) return false;
        locked += amount;
        // At most `active`, which has 128 bits.
        record.locked = uint128(locked);
        emit StakeLocked(account, amount, locked);
        return true;
    }

    // ---------------------------------------------------------------- the draw

    /// @inheritdoc IOperatorRegistry
    function sync(address account) external {
        _reweigh(account, _accounts[account]);
    }

    /// @inheritdoc IOperatorRegistry
    function draw(uint256 versionId, uint256 timestamp, bytes32 seed) public view returns (address) {
        (bool ended, uint256 epoch) = _epochBefore(timestamp);
        if (!ended) return address(0);
        (bool found, uint256 index) = _trees[versionId].find(uint256(seed), epoch);
        if (!found) return address(0);
        Leaf storage leaf = _leaves[versionId][index];
        (address occupant, uint256 since) = (leaf.occupant, leaf.since);
        // Somebody else's at the time: not known any more whose.
        return since > epoch ? address(0) : occupant;
    }

    /// @inheritdoc IOperatorRegistry
    function weightAt(uint256 versionId, uint256 timestamp) external view returns (uint256 weight) {
        (bool ended, uint256 epoch) = _epochBefore(timestamp);
        if (ended) (, weight) = _trees[versionId].totalAt(epoch);
    }

    function _epoch() private view returns (uint256) {
        return block.timestamp / EPOCH_LENGTH;
    }

    /// The epoch before `timestamp`'s, if there was one and it has ended.
    function _epochBefore(uint256 timestamp) private view returns (bool ended, uint256 epoch) {
        uint256 next = timestamp / EPOCH_LENGTH;
        if (next == 0 || next > _epoch()) return (false, 0);
        return (true, next - 1);
    }

    /// Writes the stake of `account` into the tree of every version it is enrolled for.
    function _reweigh(address account, Account storage record) private {
        uint256 weight = (record.active / WEIGHT_UNIT).toUint64();
        uint256 before = record.weight;
        if (weight == before) return;
        record.weight = uint64(weight);
        uint256 epoch = _epoch();
        uint32[] storage versions = _versionsOf[account];
        for (uint256 i = 0; i < versions.length; ++i) {
            uint256 versionId = versions[i];
            uint256 leaf = _places[versionId][account].next - 1;
            _trees[versionId].change(leaf, weight, before, epoch);
            if (_isLeast(weight) && !_isLeast(before)) _attesting[versionId].add(account);
            if (!_isLeast(weight) && _isLeast(before)) _attesting[versionId].remove(account);
        }
    }

    function _isLeast(uint256 weight) private view returns (bool) {
        return weight >= MIN_STAKE / WEIGHT_UNIT;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IOperatorRegistry
    function operator(address account) external view returns (Operator memory) {
        Account storage record = _accounts[account];
        return
            Operator({
                stake: record.active + record.exiting,
                locked: record.locked,
                exiting: record.exiting,
                exitAt: record.exitAt,
                enrolments: record.enrolments
            });
    }

    /// @inheritdoc IOperatorRegistry
    function freeStake(address account) external view returns (uint256) {
        return _free(_accounts[account]);
    }

    /// @inheritdoc IOperatorRegistry
    function isEnrolled(address account, uint256 versionId) external view returns (bool) {
        return _places[versionId][account].enrolled;
    }

    /// @inheritdoc IOperatorRegistry
    function enrolled(uint256 versionId) external view returns (address[] memory operators) {
        uint256 length = _leafCount[versionId];
        operators = new address[](length);
        uint256 count;
        for (uint256 i = 0; i < length; ++i) {
            Leaf memory leaf = _leaves[versionId][i];
            if (leaf.enrolled) operators[count++] = leaf.occupant;
        }
        // Shortens the array to what was filled in; `count` is at most its length.
        assembly ("memory-safe") {
            mstore(operators, count)
        }
    }

    /// @inheritdoc IOperatorRegistry
    function attestations(
        uint256 versionId,
        address[2] calldata except,
        uint256 most
    ) external view returns (uint256 count) {
        EnumerableSet.AddressSet storage attesting = _attesting[versionId];
        uint256 length = _least(attesting.length(), MOST_LOOKED_AT);
        for (uint256 i = 0; i < length && count < most; ++i) {
            address account = attesting.at(i);
            if (account == except[0] || account == except[1]) continue;
            if (_accounts[account].active >= MIN_STAKE) ++count;
        }
    }

    /// @inheritdoc IOperatorRegistry
    function parameters() external view returns (Parameters memory) {
        return Parameters({minStake: MIN_STAKE, exitDelay: EXIT_DELAY, epochLength: EPOCH_LENGTH});
    }

    /// @inheritdoc IOperatorRegistry
    function registry() external view returns (address) {
        return address(REGISTRY);
    }

    // ---------------------------------------------------------------- helpers

    function _registered(address account) private view returns (Account storage record) {
        record = _accounts[account];
        if (!record.registered) revert OperatorRegistry_NotRegistered(account);
    }

    function _free(Account storage record) private view returns (uint256) {
        return record.active - record.locked;
    }

    function _requireFree(address account, Account storage record, uint256 needed) private view {
        uint256 free = _free(record);
        if (free < needed) revert OperatorRegistry_InsufficientFreeStake(account, free, needed);
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
