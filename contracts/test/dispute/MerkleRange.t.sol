// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {Trees} from "./Trees.sol";
import {MerkleRange} from "../../src/dispute/MerkleRange.sol";
import {TensorRoot} from "../../src/oracle/TensorRoot.sol";

/// Roots that proofs lead to, against trees written out in full.
contract MerkleRangeTest is Test {
    function ofBytes(bytes calldata data) external pure returns (bytes32) {
        return TensorRoot.ofBytes(data);
    }

    function leafOf(bytes calldata chunk) external pure returns (bytes32) {
        return MerkleRange.leafOf(chunk);
    }

    function rootOfLeaf(
        bytes32 leaf,
        uint256 index,
        uint256 height,
        bytes32[] calldata siblings
    ) external pure returns (bytes32) {
        return MerkleRange.rootOfLeaf(leaf, index, height, siblings);
    }

    function rootOfChunks(
        bytes calldata data,
        uint256 first,
        uint256 height,
        bytes32[] calldata siblings
    ) external pure returns (bytes32) {
        return MerkleRange.rootOfChunks(data, first, height, siblings);
    }

    function rootOfRange(
        bytes32[] memory nodes,
        uint256 first,
        uint256 height,
        bytes32[] calldata siblings
    ) external pure returns (bytes32) {
        return MerkleRange.rootOfRange(nodes, first, height, siblings);
    }

    function rootOfChildren(bytes32[] calldata children, uint256 depth) external pure returns (bytes32) {
        return MerkleRange.rootOfChildren(children, depth);
    }

    // ---------------------------------------------------------------- the trees of TensorRoot and of libs/donnx

    /// The vectors of libs/donnx: bytes[i] = (7 i + 3) mod 256.
    function test_all_chunks_of_a_tensor_make_the_root_that_the_specification_computes() public view {
        assertWhole(0, 0, 0xbc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a);
        assertWhole(1, 0, 0x95bd33e76f23a0f2f742dae8e54a36b2ed82fb1e60b353f5b130ee750198b59b);
        assertWhole(255, 0, 0x92efb6e1421e66d36289230d7c31d05095e1c49f8a73ff817ba2fb44abba7308);
        assertWhole(256, 0, 0xfe3e2e6067a9aadd6ec1e0f8e02ddf5d71d7adfd6a79b53c28e4c8e4b3b38cd8);
        assertWhole(257, 1, 0x82f24a8fb3b6966109fc69b938f57528caab9fd16f9dab95b3f1a0a913e2e2f7);
        assertWhole(700, 2, 0x6dc15465861672b8ececf7466f16a18d54c8eb109de2e2972207352af5dd6859);
        assertWhole(1_025, 3, 0x223ea2790c2cb1f6ffdc73d0491a6e04d40086524fd6603cba755c78acba8fc5);
    }

    function test_every_range_of_a_tensor_leads_to_its_root(
        uint256 seed,
        uint256 length,
        uint256 first,
        uint256 last
    ) public view {
        bytes memory data = Trees.random(seed, bound(length, 0, 6_000));
        bytes32[] memory leaves = Trees.leavesOf(data);
        last = bound(last, 0, leaves.length - 1);
        first = bound(first, 0, last);
        (uint256 height, bytes32[] memory siblings) = Trees.proofOf(leaves, first, last);
        uint256 end = (last + 1) * 256 < data.length ? (last + 1) * 256 : data.length;
        bytes memory part = Trees.slice(data, first * 256, end - first * 256);
        assertEq(this.rootOfChunks(part, first, height, siblings), this.ofBytes(data), "root");
    }

    function test_every_leaf_of_a_tree_leads_to_its_root(uint256 count, uint256 index) public view {
        bytes32[] memory leaves = some(bound(count, 1, 70));
        index = bound(index, 0, leaves.length - 1);
        (uint256 height, bytes32[] memory siblings) = Trees.proofOf(leaves, index, index);
        assertEq(this.rootOfLeaf(leaves[index], index, height, siblings), Trees.rootOf(leaves), "path");
        bytes32[] memory one = new bytes32[](1);
        one[0] = leaves[index];
        assertEq(this.rootOfRange(one, index, height, siblings), Trees.rootOf(leaves), "range of one");
    }

    function test_padding_can_be_proven_too(uint256 index) public view {
        bytes32[] memory leaves = some(5);
        index = bound(index, 5, 7);
        (uint256 height, bytes32[] memory siblings) = Trees.proofOf(leaves, index, index);
        assertEq(this.rootOfLeaf(0, index, height, siblings), Trees.rootOf(leaves), "root");
    }

    function test_children_make_their_node() public view {
        for (uint256 depth = 0; depth <= 6; ++depth) {
            bytes32[] memory children = some(1 << depth);
            assertEq(this.rootOfChildren(children, depth), Trees.rootOf(children), "node");
        }
    }

    function test_a_leaf_is_a_zero_byte_and_the_chunk_of_whatever_length() public view {
        assertEq(this.leafOf(""), keccak256(hex"00"), "nothing");
        assertEq(this.leafOf(hex"beef"), keccak256(hex"00beef"), "two bytes");
        assertEq(
            this.leafOf(Trees.random(1, 300)),
            keccak256(bytes.concat(hex"00", Trees.random(1, 300))),
            "more than a chunk"
        );
    }

    // ---------------------------------------------------------------- what leads elsewhere

    function test_a_changed_byte_sibling_or_place_gives_another_root(uint256 seed, uint256 at) public view {
        bytes memory data = Trees.random(seed, 5_000);
        bytes32[] memory leaves = Trees.leavesOf(data);
        (uint256 height, bytes32[] memory siblings) = Trees.proofOf(leaves, 6, 8);
        bytes memory part = Trees.slice(data, 6 * 256, 3 * 256);
        bytes32 root = this.ofBytes(data);
        assertEq(this.rootOfChunks(part, 6, height, siblings), root, "as it is");
        // Of the places that ask for as many siblings, none is as good.
        assertTrue(this.rootOfChunks(part, 22, height, siblings) != root, "another place");

        siblings[at % siblings.length] ^= bytes32(uint256(1) << (seed % 256));
        assertTrue(this.rootOfChunks(part, 6, height, siblings) != root, "another sibling");
        siblings[at % siblings.length] ^= bytes32(uint256(1) << (seed % 256));
        part[at % part.length] ^= bytes1(uint8(1 << (seed % 8)));
        assertTrue(this.rootOfChunks(part, 6, height, siblings) != root, "another byte");
    }

    function test_another_index_gives_another_root(uint256 index, uint256 other) public view {
        bytes32[] memory leaves = some(32);
        (index, other) = (bound(index, 0, 31), bound(other, 0, 31));
        vm.assume(index != other);
        (, bytes32[] memory siblings) = Trees.proofOf(leaves, index, index);
        assertTrue(this.rootOfLeaf(leaves[index], other, 5, siblings) != Trees.rootOf(leaves), "root");
    }

    function test_a_chunk_cannot_pose_as_a_node() public view {
        bytes32[] memory leaves = some(2);
        bytes memory disguised = bytes.concat(leaves[0], leaves[1]);
        assertTrue(this.leafOf(disguised) != Trees.rootOf(leaves), "two leaves as a chunk");
        assertTrue(
            this.leafOf(bytes.concat(hex"01", leaves[0], leaves[1])) != Trees.rootOf(leaves),
            "with the byte of a node before them"
        );
    }

    function test_a_node_cannot_pose_as_a_leaf() public {
        bytes32[] memory leaves = some(4);
        bytes32 left = Trees.node(leaves[0], leaves[1]);
        bytes32[] memory siblings = new bytes32[](1);
        siblings[0] = Trees.node(leaves[2], leaves[3]);
        assertEq(this.rootOfLeaf(left, 0, 1, siblings), Trees.rootOf(leaves), "under a lower height it is one");
        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooShort.selector, 1, 2));
        this.rootOfLeaf(left, 0, 2, siblings);
    }

    // ---------------------------------------------------------------- what is refused

    function test_a_proof_of_another_length_is_refused(uint256 first, uint256 last) public {
        bytes32[] memory leaves = some(16);
        last = bound(last, 0, 14);
        first = bound(first, 0, last);
        (uint256 height, bytes32[] memory siblings) = Trees.proofOf(leaves, first, last);
        bytes32[] memory nodes = new bytes32[](last - first + 1);
        uint256 needed = siblings.length;

        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooShort.selector, needed - 1, height));
        this.rootOfRange(nodes, first, height, Trees.resized(siblings, needed - 1));
        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooLong.selector, needed + 1, needed));
        this.rootOfRange(nodes, first, height, Trees.resized(siblings, needed + 1));
    }

    function test_a_path_of_another_length_is_refused() public {
        bytes32[] memory siblings = some(4);
        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooShort.selector, 3, 4));
        this.rootOfLeaf(0, 3, 4, Trees.resized(siblings, 3));
        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooLong.selector, 5, 4));
        this.rootOfLeaf(0, 3, 4, Trees.resized(siblings, 5));
        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooLong.selector, 1, 0));
        this.rootOfChunks(hex"01", 0, 0, Trees.resized(siblings, 1));
    }

    function test_what_is_outside_of_the_tree_is_refused() public {
        bytes32[] memory none = new bytes32[](0);
        assertOutside(some(1), 1, 0);
        assertOutside(some(2), 7, 3);
        assertOutside(some(9), 0, 3);
        assertOutside(none, 0, 3);
        assertOutside(some(1), type(uint256).max, 3);
        assertOutside(some(2), type(uint256).max, 255);
        assertOutside(some(1), 0, 256);
        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_OutsideTree.selector, 8, 1, 3));
        this.rootOfLeaf(0, 8, 3, some(3));
        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_OutsideTree.selector, 3, 2, 2));
        this.rootOfChunks(Trees.random(0, 257), 3, 2, none);
    }

    function test_another_number_of_children_is_refused() public {
        uint256[2][7] memory wrong = [
            [uint256(0), 0],
            [uint256(2), 0],
            [uint256(1), 1],
            [uint256(63), 6],
            [uint256(65), 6],
            [uint256(128), 7],
            [uint256(0), 256]
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            (uint256 count, uint256 depth) = (wrong[i][0], wrong[i][1]);
            vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_WrongChildren.selector, count, depth));
            this.rootOfChildren(some(count), depth);
        }
    }

    // ---------------------------------------------------------------- the rule, plainly

    function assertWhole(uint256 length, uint256 height, bytes32 root) private view {
        bytes memory data = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            data[i] = bytes1(uint8(7 * i + 3));
        }
        bytes32[] memory leaves = Trees.leavesOf(data);
        (uint256 needed, bytes32[] memory siblings) = Trees.proofOf(leaves, 0, leaves.length - 1);
        assertEq(needed, height, "height");
        assertEq(this.rootOfChunks(data, 0, height, siblings), root, "root");
    }

    function assertOutside(bytes32[] memory nodes, uint256 first, uint256 height) private {
        bytes memory reason = abi.encodeWithSelector(
            MerkleRange.MerkleRange_OutsideTree.selector,
            first,
            nodes.length,
            height
        );
        vm.expectRevert(reason);
        this.rootOfRange(nodes, first, height, new bytes32[](height % 255));
    }

    function some(uint256 count) private pure returns (bytes32[] memory words) {
        words = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            words[i] = keccak256(abi.encode(i));
        }
    }
}
