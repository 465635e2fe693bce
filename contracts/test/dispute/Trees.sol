// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// Bytes and the trees over them, written out in full and without regard to gas.
library Trees {
    /// One per 256 bytes; of no bytes, one.
    function leavesOf(bytes memory data) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](data.length == 0 ? 1 : (data.length + 255) / 256);
        for (uint256 i = 0; i < leaves.length; ++i) {
            uint256 size = data.length - i * 256;
            leaves[i] = keccak256(bytes.concat(hex"00", slice(data, i * 256, size > 256 ? 256 : size)));
        }
    }

    function rootOf(bytes32[] memory leaves) internal pure returns (bytes32) {
        bytes32[] memory level = padded(leaves);
        while (level.length > 1) level = above(level);
        return level[0];
    }

    /// Per level the left neighbour if the range begins at an odd node, then the right one if it ends at an even one.
    function proofOf(
        bytes32[] memory leaves,
        uint256 first,
        uint256 last
    ) internal pure returns (uint256 height, bytes32[] memory siblings) {
        bytes32[] memory found = new bytes32[](64);
        uint256 count = 0;
        bytes32[] memory level = padded(leaves);
        for (; level.length > 1; ++height) {
            if (first % 2 == 1) found[count++] = level[first - 1];
            if (last % 2 == 0) found[count++] = level[last + 1];
            (first, last) = (first / 2, last / 2);
            level = above(level);
        }
        siblings = resized(found, count);
    }

    function padded(bytes32[] memory leaves) internal pure returns (bytes32[] memory) {
        uint256 width = 1;
        while (width < leaves.length) width *= 2;
        return resized(leaves, width);
    }

    function above(bytes32[] memory level) internal pure returns (bytes32[] memory parents) {
        parents = new bytes32[](level.length / 2);
        for (uint256 i = 0; i < parents.length; ++i) {
            parents[i] = node(level[2 * i], level[2 * i + 1]);
        }
    }

    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }

    function resized(bytes32[] memory words, uint256 length) internal pure returns (bytes32[] memory result) {
        result = new bytes32[](length);
        for (uint256 i = 0; i < length && i < words.length; ++i) {
            result[i] = words[i];
        }
    }

    function slice(bytes memory data, uint256 from, uint256 size) internal pure returns (bytes memory part) {
        part = new bytes(size);
        assembly ("memory-safe") {
            mcopy(add(part, 32), add(add(data, 32), from), size)
        }
    }

    /// `part` in place of as many bytes from `at` on.
    function put(bytes memory data, uint256 at, bytes memory part) internal pure {
        for (uint256 i = 0; i < part.length; ++i) {
            data[at + i] = part[i];
        }
    }

    function random(uint256 seed, uint256 length) internal pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i = 0; i < length; i += 32) {
            bytes32 word = keccak256(abi.encode(seed, i));
            if (i + 32 <= length) {
                assembly ("memory-safe") {
                    mstore(add(add(data, 32), i), word)
                }
                continue;
            }
            for (uint256 j = i; j < length; ++j) {
                data[j] = word[j - i];
            }
        }
    }
}
