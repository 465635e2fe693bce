// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {TensorRoot} from "../../src/oracle/TensorRoot.sol";

/// Roots of canonical bytes, against the rule written down as plainly as it reads.
/// hardhat-config: default.fuzz.runs = 256
contract TensorRootTest is Test {
    function ofBytes(bytes calldata data) external pure returns (bytes32) {
        return TensorRoot.ofBytes(data);
    }

    function ofItems(bytes[] calldata items) external pure returns (bytes32) {
        return TensorRoot.ofItems(items);
    }

    function ofLeaves(bytes32[] memory leaves) external pure returns (bytes32) {
        return TensorRoot.ofLeaves(leaves);
    }

    function test_one_chunk_is_its_own_root_hashed_behind_a_zero_byte() public view {
        assertEq(this.ofBytes(hex"beef"), keccak256(hex"00beef"), "two bytes");
        assertEq(this.ofBytes(filled(256)), keccak256(bytes.concat(hex"00", filled(256))), "a full chunk");
    }

    function test_no_bytes_are_one_chunk_of_no_bytes() public view {
        assertEq(this.ofBytes(""), keccak256(hex"00"), "root");
    }

    function test_the_last_chunk_is_hashed_as_long_as_it_is() public view {
        bytes memory data = filled(257);
        bytes32 first = keccak256(bytes.concat(hex"00", slice(data, 0, 256)));
        bytes32 last = keccak256(bytes.concat(hex"00", slice(data, 256, 1)));
        assertEq(this.ofBytes(data), node(first, last), "root");
    }

    function test_three_leaves_are_padded_with_a_zero_word() public view {
        bytes32[] memory leaves = new bytes32[](3);
        (leaves[0], leaves[1], leaves[2]) = (bytes32("a"), bytes32("b"), bytes32("c"));
        assertEq(this.ofLeaves(leaves), node(node("a", "b"), node("c", 0)), "root");
    }

    function test_nodes_over_padding_are_hashed_like_any_other() public view {
        bytes32[] memory leaves = new bytes32[](5);
        for (uint256 i = 0; i < 5; ++i) {
            leaves[i] = bytes32(i + 1);
        }
        bytes32 left = node(
            node(bytes32(uint256(1)), bytes32(uint256(2))),
            node(bytes32(uint256(3)), bytes32(uint256(4)))
        );
        bytes32 right = node(node(bytes32(uint256(5)), 0), node(0, 0));
        assertEq(this.ofLeaves(leaves), node(left, right), "root");
    }

    function test_a_batch_of_one_has_the_root_of_its_item() public view {
        bytes[] memory items = new bytes[](1);
        items[0] = filled(700);
        assertEq(this.ofItems(items), this.ofBytes(filled(700)), "root");
    }

    function test_it_is_the_naive_root(uint256 seed, uint256 length) public view {
        bytes memory data = random(seed, bound(length, 0, 9_000));
        assertEq(this.ofBytes(data), naiveOfBytes(data), "root");
    }

    function test_the_root_of_a_batch_is_the_naive_root_over_its_items(uint256 seed, uint256 count) public view {
        bytes[] memory items = new bytes[](bound(count, 1, 20));
        bytes32[] memory roots = new bytes32[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            items[i] = random(dice, dice % 600);
            roots[i] = naiveOfBytes(items[i]);
        }
        assertEq(this.ofItems(items), naiveOfLeaves(roots), "root");
    }

    function test_one_changed_bit_changes_the_root(uint256 seed, uint256 length, uint256 bit) public view {
        bytes memory data = random(seed, bound(length, 1, 3_000));
        bytes32 before = this.ofBytes(data);
        bit = bit % (data.length * 8);
        data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        assertTrue(this.ofBytes(data) != before, "another root");
    }

    // ---------------------------------------------------------------- the rule, plainly

    function naiveOfBytes(bytes memory data) private pure returns (bytes32) {
        uint256 count = data.length == 0 ? 1 : (data.length + 255) / 256;
        bytes32[] memory leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 size = data.length - i * 256;
            leaves[i] = keccak256(bytes.concat(hex"00", slice(data, i * 256, size > 256 ? 256 : size)));
        }
        return naiveOfLeaves(leaves);
    }

    function naiveOfLeaves(bytes32[] memory leaves) private pure returns (bytes32) {
        uint256 width = 1;
        while (width < leaves.length) width *= 2;
        bytes32[] memory level = new bytes32[](width);
        for (uint256 i = 0; i < leaves.length; ++i) {
            level[i] = leaves[i];
        }
        for (; width > 1; width /= 2) {
            for (uint256 i = 0; i < width / 2; ++i) {
                level[i] = node(level[2 * i], level[2 * i + 1]);
            }
        }
        return level[0];
    }

    function node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }

    function filled(uint256 length) private pure returns (bytes memory) {
        return random(7, length);
    }

    function random(uint256 seed, uint256 length) private pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i = 0; i < length; i += 32) {
            bytes32 word = keccak256(abi.encode(seed, i));
            for (uint256 j = i; j < length && j < i + 32; ++j) {
                data[j] = word[j - i];
            }
        }
    }

    function slice(bytes memory data, uint256 from, uint256 size) private pure returns (bytes memory part) {
        part = new bytes(size);
        for (uint256 i = 0; i < size; ++i) {
            part[i] = data[from + i];
        }
    }
}
