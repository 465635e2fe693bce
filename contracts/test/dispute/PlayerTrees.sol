// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Trees} from "./Trees.sol";

/// Merkle trees written out in full, as the players keep them. Level 0 holds the leaves.
library PlayerTrees {
    function leafOf(bytes memory chunk) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0), chunk));
    }

    /// In memory that is free, and stays so: a tree of hashes is nothing but this.
    function nodeOf(bytes32 left, bytes32 right) internal pure returns (bytes32 node) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 1)
            mstore(add(free, 1), left)
            mstore(add(free, 33), right)
            node := keccak256(free, 65)
        }
    }

    /// The chunk leaves of a tensor, padded to a power of two.
    function leavesOf(bytes memory tensor) internal pure returns (bytes32[] memory leaves) {
        uint256 count = (tensor.length + 255) / 256;
        leaves = new bytes32[](1 << heightFor(count));
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = leafOf(chunkOf(tensor, i));
        }
    }

    function chunkOf(bytes memory tensor, uint256 index) internal pure returns (bytes memory) {
        uint256 from = 256 * index;
        uint256 length = tensor.length - from;
        return Trees.slice(tensor, from, length > 256 ? 256 : length);
    }

    function heightFor(uint256 leaves) internal pure returns (uint256 height) {
        while (1 << height < leaves) ++height;
    }

    /// @param leaves As many as a power of two.
    function grow(bytes32[] memory leaves) internal pure returns (bytes32[][] memory levels) {
        uint256 height = heightFor(leaves.length);
        levels = new bytes32[][](height + 1);
        levels[0] = leaves;
        for (uint256 level = 1; level <= height; ++level) {
            bytes32[] memory below_ = levels[level - 1];
            levels[level] = new bytes32[](below_.length / 2);
            for (uint256 i = 0; i < levels[level].length; ++i) {
                levels[level][i] = nodeOf(below_[2 * i], below_[2 * i + 1]);
            }
        }
    }

    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        bytes32[][] memory levels = grow(leaves);
        return levels[levels.length - 1][0];
    }

    /// From leaf `index` to the root.
    function path(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory siblings) {
        bytes32[][] memory levels = grow(leaves);
        siblings = new bytes32[](levels.length - 1);
        for (uint256 level = 0; level < siblings.length; ++level) {
            siblings[level] = levels[level][(index >> level) ^ 1];
        }
    }

    /// The nodes `depth` levels below node `position` of `level`.
    function below(
        bytes32[] memory leaves,
        uint256 level,
        uint256 position,
        uint256 depth
    ) internal pure returns (bytes32[] memory children) {
        bytes32[] memory row = grow(leaves)[level - depth];
        children = new bytes32[](1 << depth);
        for (uint256 i = 0; i < children.length; ++i) {
            children[i] = row[(position << depth) + i];
        }
    }
}
