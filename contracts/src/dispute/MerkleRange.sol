// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {TensorRoot} from "../oracle/TensorRoot.sol";

/// @title MerkleRange
/// @notice The roots that proofs lead to, in the trees of TensorRoot.
/// @dev leaf = keccak256(0x00 | chunk), node = keccak256(0x01 | left | right): no bytes are both, so a chunk cannot pose as a
/// node. Every function takes the height, which the model fixes, and consumes exactly the siblings that the height and the
/// place ask for: a proof of another length is refused, and one of another place or of other bytes gives another root.
library MerkleRange {
    uint256 internal constant CHUNK = 256;
    /// A reveal goes at most so many levels down: 64 children.
    uint256 internal constant MAX_DEPTH = 6;

    error MerkleRange_OutsideTree(uint256 first, uint256 count, uint256 height);
    error MerkleRange_ProofTooShort(uint256 siblings, uint256 height);
    error MerkleRange_ProofTooLong(uint256 siblings, uint256 needed);
    error MerkleRange_WrongChildren(uint256 children, uint256 depth);

    /// @notice The leaf of one chunk, of whatever length: who knows the tensor's length judges the chunk's.
    function leafOf(bytes calldata chunk) internal pure returns (bytes32 leaf) {
        // Writes a zero byte and the chunk behind the free memory pointer, which does not move.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore8(buffer, 0)
            calldatacopy(add(buffer, 1), chunk.offset, chunk.length)
            leaf := keccak256(buffer, add(chunk.length, 1))
        }
    }

    /// @notice The root under which `leaf` is number `index`.
    /// @param siblings From the bottom, one per level.
    function rootOfLeaf(
        bytes32 leaf,
        uint256 index,
        uint256 height,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32 root) {
        _checkPlace(index, 1, height);
        if (siblings.length < height) revert MerkleRange_ProofTooShort(siblings.length, height);
        if (siblings.length > height) revert MerkleRange_ProofTooLong(siblings.length, height);
        root = leaf;
        // 65 bytes behind the free memory pointer, which does not move: the byte 1 and two words. The node goes left or right
        // by the lowest bit of its index, its sibling to the other side. Reads `height` words of calldata, all there are.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore8(buffer, 1)
            let left := add(buffer, 1)
            let sibling := siblings.offset
            for {
                let end := add(sibling, shl(5, height))
            } lt(sibling, end) {
                sibling := add(sibling, 32)
            } {
                let side := shl(5, and(index, 1))
                mstore(add(left, side), root)
                mstore(add(left, xor(side, 32)), calldataload(sibling))
                root := keccak256(buffer, 65)
                index := shr(1, index)
            }
        }
    }

    /// @notice The root under which the chunks of `data` are leaves number `first` and following. Chunks are whole, but for
    /// the last of all; no bytes are one chunk of no bytes.
    /// @param siblings Per level from the bottom, the left neighbour if the range begins at an odd node, then the right
    /// neighbour if it ends at an even one.
    function rootOfChunks(
        bytes calldata data,
        uint256 first,
        uint256 height,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32) {
        if (data.length <= CHUNK) return rootOfLeaf(leafOf(data), first, height, siblings);
        bytes32[] memory leaves = new bytes32[]((data.length + CHUNK - 1) / CHUNK);
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 from = i * CHUNK;
            leaves[i] = leafOf(i + 1 < leaves.length ? data[from:from + CHUNK] : data[from:]);
        }
        return rootOfRange(leaves, first, height, siblings);
    }

    /// @notice The root under which `nodes` are leaves number `first` and following. Overwrites `nodes`.
    function rootOfRange(
        bytes32[] memory nodes,
        uint256 first,
        uint256 height,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32) {
        uint256 count = nodes.length;
        _checkPlace(first, count, height);
        uint256 used = 0;
        for (uint256 level = 0; level < height; ++level) {
            // How many of the nodes of this level are read and how many of the next are written, never more than read.
            uint256 read = 0;
            uint256 written = 0;
            if (first % 2 == 1) {
                nodes[written++] = _node(_next(siblings, used++, height), nodes[read++]);
            }
            while (read + 1 < count) {
                nodes[written++] = _node(nodes[read], nodes[read + 1]);
                read += 2;
            }
            if (read < count) {
                nodes[written++] = _node(nodes[read], _next(siblings, used++, height));
            }
            count = written;
            first /= 2;
        }
        if (used != siblings.length) revert MerkleRange_ProofTooLong(siblings.length, used);
        return nodes[0];
    }

    /// @notice The node whose descendants, `depth` levels down, are `children`.
    function rootOfChildren(bytes32[] calldata children, uint256 depth) internal pure returns (bytes32) {
        // A shift by 256 or more gives 0, which no number of children is.
        if (depth > MAX_DEPTH || children.length != 1 << depth)
            revert MerkleRange_WrongChildren(children.length, depth);
        return TensorRoot.ofLeaves(children);
    }

    /// @notice Levels that a reveal goes down: at most six, and no reveal much more than the next.
    function depthOf(uint256 level) internal pure returns (uint256) {
        if (level <= MAX_DEPTH) return level;
        uint256 reveals = (level + MAX_DEPTH - 1) / MAX_DEPTH;
        return (level + reveals - 1) / reveals;
    }

    /// The range [first, first + count) is not empty and within 2^height leaves. Of a height beyond 255, 2^height is 0 here.
    function _checkPlace(uint256 first, uint256 count, uint256 height) private pure {
        uint256 size = 1 << height;
        if (count == 0 || count > size || first > size - count) revert MerkleRange_OutsideTree(first, count, height);
    }

    function _next(bytes32[] calldata siblings, uint256 at, uint256 height) private pure returns (bytes32) {
        if (at >= siblings.length) revert MerkleRange_ProofTooShort(siblings.length, height);
        return siblings[at];
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        // The byte 1 and two words behind the free memory pointer, which does not move.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore8(buffer, 1)
            mstore(add(buffer, 1), left)
            mstore(add(buffer, 33), right)
            node := keccak256(buffer, 65)
        }
    }
}
