// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title StakeTree
/// @notice A sum tree of weights that remembers how it stood when an epoch ended, at one slot read per level.
/// @dev A leaf is a number; the node (level, i) is the sum of the leaves [i * 2^level, (i + 1) * 2^level). The root grows a
/// level when a leaf lies beyond it; what was the root becomes its left child, with the same history, because all that is to
/// the right of it was always zero.
///
/// A node is its last three values and the epochs in which they were set, in one word:
///
///     bits   0 ..  63  the value now
///     bits  64 .. 127  the value before
///     bits 128 .. 191  the value before that
///     bits 192 .. 223  epoch in which the value now was set
///     bits 224 .. 235  how many epochs earlier the value before was set, at most 4095
///     bits 236 .. 247  how many epochs earlier the value before that was set, at most 4095
///     bits 248 .. 255  the root's level (zero in other nodes)
///
/// Values that followed one another within an epoch share an entry, so in epoch c the value at the end of any epoch >= c - 2
/// is always among the three. Older ones are either known exactly or said to be unknown.
library StakeTree {
    uint256 private constant BEFORE = 64;
    uint256 private constant EARLIER = 128;
    uint256 private constant EPOCH = 192;
    uint256 private constant BEFORE_AGE = 224;
    uint256 private constant EARLIER_AGE = 236;
    uint256 private constant LEVEL = 248;
    uint256 private constant MAX_AGE = 4095;

    struct Tree {
        uint256 root;
        mapping(uint256 position => uint256 history) nodes;
    }

    /// @notice Adds `weight` to a leaf, growing the tree where needed.
    function add(Tree storage self, uint256 leaf, uint256 weight, uint256 epoch) internal {
        _grow(self, leaf);
        _change(self, leaf, weight, 0, epoch);
    }

    /// @notice Takes `weight` from a leaf that has it.
    function subtract(Tree storage self, uint256 leaf, uint256 weight, uint256 epoch) internal {
        _change(self, leaf, 0, weight, epoch);
    }

    /// @notice The sum of all leaves at the end of `epoch`.
    function totalAt(Tree storage self, uint256 epoch) internal view returns (bool known, uint256 total) {
        return _valueAt(self.root, epoch);
    }

    /// @notice The leaf on which `seed` falls, in proportion to the weights at the end of `epoch`.
    /// @return found False if all weights were zero or are not known any more.
    function find(Tree storage self, uint256 seed, uint256 epoch) internal view returns (bool found, uint256 leaf) {
        uint256 root = self.root;
        (bool known, uint256 sum) = _valueAt(root, epoch);
        if (!known || sum == 0) return (false, 0);
        uint256 point = seed % sum;
        for (uint256 level = root >> LEVEL; level != 0;) {
            --level;
            leaf *= 2;
            (known, sum) = _valueAt(self.nodes[_position(level, leaf)], epoch);
            if (!known) return (false, 0);
            if (point >= sum) {
                point -= sum;
                ++leaf;
            }
        }
        found = true;
    }

    function _grow(Tree storage self, uint256 leaf) private {
        uint256 root = self.root;
        uint256 level = root >> LEVEL;
        if (leaf >> level == 0) return;
        uint256 history = (root << 8) >> 8;
        do {
            self.nodes[_position(level, 0)] = history;
            ++level;
        } while (leaf >> level != 0);
        self.root = history | (level << LEVEL);
    }

    function _change(Tree storage self, uint256 leaf, uint256 plus, uint256 minus, uint256 epoch) private {
        uint256 root = self.root;
        uint256 top = root >> LEVEL;
        for (uint256 level = 0; level < top; ++level) {
            uint256 position = _position(level, leaf >> level);
            self.nodes[position] = _changed(self.nodes[position], plus, minus, epoch);
        }
        self.root = _changed(root, plus, minus, epoch);
    }

    function _position(uint256 level, uint256 index) private pure returns (uint256) {
        return (level << 128) | index;
    }

    function _changed(
        uint256 history,
        uint256 plus,
        uint256 minus,
        uint256 epoch
    ) private pure returns (uint256 changed) {
        uint256 value = SafeCast.toUint64(uint64(history) + plus - minus);
        uint256 since = uint32(history >> EPOCH);
        // Within an epoch the last value counts.
        if (since == epoch) return ((history >> BEFORE) << BEFORE) | value;

        uint256 beforeAge = epoch - since;
        uint256 earlierAge = beforeAge + _field12(history >> BEFORE_AGE);
        changed = value | (uint256(uint128(history)) << BEFORE);
        changed |= uint256(SafeCast.toUint32(epoch)) << EPOCH;
        changed |= (beforeAge < MAX_AGE ? beforeAge : MAX_AGE) << BEFORE_AGE;
        changed |= (earlierAge < MAX_AGE ? earlierAge : MAX_AGE) << EARLIER_AGE;
        changed |= (history >> LEVEL) << LEVEL;
    }

    /// An age that stopped at its limit is taken for younger than it is: then the value is unknown, never wrong.
    function _valueAt(uint256 history, uint256 epoch) private pure returns (bool known, uint256 value) {
        uint256 since = uint32(history >> EPOCH);
        if (since <= epoch) return (true, uint64(history));
        if (since <= epoch + _field12(history >> BEFORE_AGE)) return (true, uint64(history >> BEFORE));
        if (since <= epoch + _field12(history >> EARLIER_AGE)) return (true, uint64(history >> EARLIER));
    }

    function _field12(uint256 word) private pure returns (uint256) {
        return word & 0xfff;
    }
}
