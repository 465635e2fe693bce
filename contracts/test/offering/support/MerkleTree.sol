// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// A plain reference: pairs are sorted and hashed, an odd last node moves up unchanged.
library MerkleTree {
    function root(bytes32[] memory nodes) internal pure returns (bytes32) {
        while (nodes.length > 1) nodes = above(nodes);
        return nodes[0];
    }

    function proof(bytes32[] memory nodes, uint256 index) internal pure returns (bytes32[] memory path) {
        while (nodes.length > 1) {
            uint256 sibling = index ^ 1;
            if (sibling < nodes.length) path = append(path, nodes[sibling]);
            (nodes, index) = (above(nodes), index / 2);
        }
    }

    function above(bytes32[] memory nodes) private pure returns (bytes32[] memory parents) {
        parents = new bytes32[]((nodes.length + 1) / 2);
        for (uint256 i = 0; i < parents.length; ++i) {
            bool paired = 2 * i + 1 < nodes.length;
            parents[i] = paired ? pair(nodes[2 * i], nodes[2 * i + 1]) : nodes[2 * i];
        }
    }

    function pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    function append(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = last;
    }
}
