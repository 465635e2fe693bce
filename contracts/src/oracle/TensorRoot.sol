// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title TensorRoot
/// @notice The Merkle root of canonical tensor bytes.
/// @dev The bytes are cut into chunks of 256; the last chunk is what is left, 1 to 256 bytes, hashed as it is. No bytes at all
/// are one chunk of no bytes. leaf = keccak256(0x00 | chunk), node = keccak256(0x01 | left | right); leaves are padded with
/// zero words to a power of two, and a node over padding is hashed like any other. The root of one leaf is that leaf.
/// A batch is the same tree over the roots of its items instead of chunks.
library TensorRoot {
    uint256 internal constant CHUNK = 256;

    /// @notice The root of a batch, of which there is at least one item; of a batch of one, that item's.
    function ofItems(bytes[] calldata items) internal pure returns (bytes32 root) {
        uint256 count = items.length;
        if (count == 1) return ofBytes(items[0]);
        bytes32[] memory roots = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            roots[i] = ofBytes(items[i]);
        }
        return ofLeaves(roots);
    }

    /// @notice The root of `data`.
    function ofBytes(bytes calldata data) internal pure returns (bytes32 root) {
        if (data.length <= CHUNK) return _leaf(data);
        uint256 count = (data.length + CHUNK - 1) / CHUNK;
        bytes32[] memory leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 from = i * CHUNK;
            uint256 to = i + 1 == count ? data.length : from + CHUNK;
            leaves[i] = _leaf(data[from:to]);
        }
        return ofLeaves(leaves);
    }

    /// @notice The root of `data`.
    function ofMemory(bytes memory data) internal pure returns (bytes32 root) {
        uint256 count = data.length == 0 ? 1 : (data.length + CHUNK - 1) / CHUNK;
        bytes32[] memory leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 from = i * CHUNK;
            uint256 length = i + 1 == count ? data.length - from : CHUNK;
            // As `_leaf`, with the chunk in memory.
            assembly ("memory-safe") {
                let buffer := mload(0x40)
                mstore8(buffer, 0)
                mcopy(add(buffer, 1), add(add(data, 0x20), from), length)
                mstore(add(add(leaves, 0x20), shl(5, i)), keccak256(buffer, add(length, 1)))
            }
        }
        return ofLeaves(leaves);
    }

    /// The hash of a chunk: the root of data that is no longer.
    function _leaf(bytes calldata chunk) private pure returns (bytes32 leaf) {
        // Writes the chunk behind a zero byte at the free memory pointer, which does not move, and hashes both.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore8(buffer, 0)
            calldatacopy(add(buffer, 1), chunk.offset, chunk.length)
            leaf := keccak256(buffer, add(chunk.length, 1))
        }
    }

    /// @notice The root over `leaves`, of which there is at least one. Overwrites them.
    function ofLeaves(bytes32[] memory leaves) internal pure returns (bytes32 root) {
        uint256 count = leaves.length;
        uint256 width = 1;
        while (width < count) width *= 2;
        // Hashes pairs into the front half of the array, level by level. A level holds `count` nodes and, from there to
        // `width`, equal nodes over padding, of which one is enough: `padding`. So nothing beyond `leaves` is read or written
        // but 65 bytes at the free memory pointer, which does not move.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore8(buffer, 1)
            let first := add(leaves, 0x20)
            let padding := 0
            for {} gt(width, 1) {} {
                for {
                    let i := 0
                } lt(i, count) {
                    i := add(i, 2)
                } {
                    let left := add(first, shl(5, i))
                    mstore(add(buffer, 1), mload(left))
                    switch lt(add(i, 1), count)
                    case 1 {
                        mstore(add(buffer, 33), mload(add(left, 0x20)))
                    }
                    default {
                        mstore(add(buffer, 33), padding)
                    }
                    mstore(add(first, shl(4, i)), keccak256(buffer, 65))
                }
                mstore(add(buffer, 1), padding)
                mstore(add(buffer, 33), padding)
                padding := keccak256(buffer, 65)
                count := shr(1, add(count, 1))
                width := shr(1, width)
            }
            root := mload(first)
        }
    }
}
