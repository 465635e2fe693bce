// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title StakeTree
/// @notice A sum tree of weights, four children to a node, that remembers how it stood when an epoch ended. A draw reads one
/// slot per level and node, and more only where the weights changed since.
/// @dev A leaf is a number. The node (level, i), level >= 1, holds the sums of its four children: of the leaves
/// [4i, 4i + 4) themselves at level 1, of the nodes [4i, 4i + 4) of the level below elsewhere. The root grows a level when a
/// leaf lies beyond it; what was the root becomes the first child with all it remembers, because what is to the right of it
/// was always zero.
///
/// A node is three words, `NOW`, `BEFORE` and `EARLIER`: its last three states, each with the epoch in which it was set:
///
///     bits   0 .. 215  four sums of 54 bits, the first lowest
///     bits 216 .. 247  epoch
///     bits 248 .. 255  in the root's present word, its level
///
/// States that follow one another within an epoch share a word, so in epoch c the state at the end of any epoch >= c - 2 is
/// among the three. Older ones are either known exactly or said to be unknown.
library StakeTree {
    uint256 internal constant MAX_SUM = (1 << 54) - 1;

    uint256 private constant SUM_BITS = 54;
    uint256 private constant EPOCH = 216;
    uint256 private constant LEVEL = 248;
    uint256 private constant BODY = (1 << LEVEL) - 1;

    uint256 private constant BEFORE = 1;
    uint256 private constant EARLIER = 2;
    /// Where the root's older words lie, on whatever level it is.
    uint256 private constant ROOT = 255 << 64;

    struct Tree {
        /// The root's present word.
        uint256 root;
        mapping(uint256 position => uint256 word) words;
    }

    error StakeTree_TooHeavy(uint256 sum, uint256 most);

    /// @notice Adds `plus` to the weight of a leaf and takes `minus` from it, growing the tree where needed.
    function change(Tree storage self, uint256 leaf, uint256 plus, uint256 minus, uint256 epoch) internal {
        _grow(self, leaf);
        uint256 root = self.root;
        uint256 height = root >> LEVEL;
        uint256 child = leaf;
        for (uint256 level = 1; level < height; ++level) {
            uint256 position = _position(level, child / 4);
            uint256 word = self.words[position];
            self.words[position] = _changed(self, position, word, child % 4, plus, minus, epoch);
            child /= 4;
        }
        self.root = _changed(self, ROOT, root & BODY, child, plus, minus, epoch) | (height << LEVEL);
    }

    /// @notice The sum of all leaves at the end of `epoch`.
    function totalAt(Tree storage self, uint256 epoch) internal view returns (bool known, uint256 total) {
        uint256 word;
        (known, word) = _wordAt(self, ROOT, self.root, epoch);
        total = _total(word);
    }

    /// @notice The leaf on which `seed` falls, in proportion to the weights at the end of `epoch`.
    /// @return found False if all weights were zero or are not known any more.
    /// @return leaf The leaf.
    function find(Tree storage self, uint256 seed, uint256 epoch) internal view returns (bool found, uint256 leaf) {
        uint256 word = self.root;
        uint256 level = word >> LEVEL;
        (found, word) = _wordAt(self, ROOT, word, epoch);
        uint256 total = _total(word);
        if (total == 0) return (false, 0);
        uint256 point = seed % total;
        // `point` is less than the sum of a node's four: the inner loop ends at one of them, and takes no more than `point`.
        // A root that holds anything has a level of at least 1, and the number of a leaf two bits per level.
        unchecked {
            while (found) {
                leaf *= 4;
                for (uint256 sum = word & MAX_SUM; point >= sum; sum = word & MAX_SUM) {
                    point -= sum;
                    word >>= SUM_BITS;
                    ++leaf;
                }
                if (--level == 0) break;
                uint256 position = _position(level, leaf);
                (found, word) = _wordAt(self, position, self.words[position], epoch);
            }
        }
    }

    /// Adds levels until `leaf` lies in the tree.
    function _grow(Tree storage self, uint256 leaf) private {
        uint256 root = self.root;
        uint256 height = root >> LEVEL;
        if (height != 0 && leaf >> (2 * height) == 0) return;
        root &= BODY;
        for (; height == 0 || leaf >> (2 * height) != 0; ++height) {
            if (root == 0) continue;
            uint256 position = _position(height, 0);
            self.words[position] = root;
            root = _asFirstChild(root);
            for (uint256 age = BEFORE; age <= EARLIER; ++age) {
                uint256 word = self.words[ROOT + age];
                self.words[position + age] = word;
                self.words[ROOT + age] = _asFirstChild(word);
            }
        }
        self.root = root | (height << LEVEL);
    }

    /// The word of a node whose first child is a node of `word`, and which has no other.
    function _asFirstChild(uint256 word) private pure returns (uint256) {
        return _checked(_total(word)) | ((word >> EPOCH) << EPOCH);
    }

    /// The next word of a node; moves `word` to the older ones if it is the last of its epoch.
    function _changed(
        Tree storage self,
        uint256 position,
        uint256 word,
        uint256 child,
        uint256 plus,
        uint256 minus,
        uint256 epoch
    ) private returns (uint256) {
        uint256 shift = child * SUM_BITS;
        uint256 sum = (word >> shift) & MAX_SUM;
        // A node that was never written was zero in all epochs, as its older words say.
        if (word != 0 && word >> EPOCH != epoch) {
            self.words[position + EARLIER] = self.words[position + BEFORE];
            self.words[position + BEFORE] = word;
        }
        word = (word << (256 - EPOCH)) >> (256 - EPOCH);
        // Replaces one sum by another in its own bits.
        return (word ^ (sum << shift) ^ (_checked(sum + plus - minus) << shift)) | (epoch << EPOCH);
    }

    function _wordAt(
        Tree storage self,
        uint256 position,
        uint256 present,
        uint256 epoch
    ) private view returns (bool known, uint256 word) {
        word = present;
        for (uint256 age = 0; _epochOf(word) > epoch;) {
            if (++age > EARLIER) return (false, 0);
            word = self.words[position + age];
        }
        known = true;
    }

    function _position(uint256 level, uint256 index) private pure returns (uint256) {
        return (level << 64) | (index << 2);
    }

    function _epochOf(uint256 word) private pure returns (uint256) {
        return uint32(word >> EPOCH);
    }

    function _total(uint256 word) private pure returns (uint256) {
        unchecked {
            // Four times 54 bits.
            return
                (word & MAX_SUM) +
                ((word >> SUM_BITS) & MAX_SUM) +
                ((word >> (2 * SUM_BITS)) & MAX_SUM) +
                ((word >> (3 * SUM_BITS)) & MAX_SUM);
        }
    }

    function _checked(uint256 sum) private pure returns (uint256) {
        if (sum > MAX_SUM) revert StakeTree_TooHeavy(sum, MAX_SUM);
        return sum;
    }
}
