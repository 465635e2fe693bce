// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {OperatorBase} from "./OperatorBase.sol";
import {StakeTree} from "./StakeTree.sol";

/// @title OperatorEnrolments
/// @notice Who serves which version: leaves in the version's stake tree, the draw from it, and attestations.
/// @dev Invariants: in the tree of every version the leaf of an enrolled operator is its `weight`, any other is zero; those of
/// its operators whose `weight` is the least stake or more are `_attesting`.
abstract contract OperatorEnrolments is OperatorBase {
    using StakeTree for StakeTree.Tree;
    using SafeCast for uint256;
    using EnumerableSet for EnumerableSet.AddressSet;

    uint256 private constant MAX_ENROLMENTS = 32;
    /// Leaves per version: bounds a draw to 10 nodes.
    uint256 private constant MAX_LEAVES = 1 << 20;
    /// Bounds what counting attestations costs. So many operators would have to be slashed, and nobody `sync` them, to hide others.
    uint256 private constant MOST_LOOKED_AT = 32;

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
    function _reweigh(address account, Account storage record) internal {
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
    function isEnrolled(address account, uint256 versionId) public view returns (bool) {
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
}
