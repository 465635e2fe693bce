// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {StakeTree} from "../../src/oracle/StakeTree.sol";

/// The tree against a list of weights that keeps every epoch.
contract StakeTreeTest is Test {
    using StakeTree for StakeTree.Tree;

    StakeTree.Tree private _tree;
    uint256[] private _weights;
    mapping(uint256 epoch => uint256[]) private _endOf;
    uint256 private _epoch = 1_000;

    function change(uint256 leaf, uint256 plus, uint256 minus, uint256 epoch) external {
        _tree.change(leaf, plus, minus, epoch);
    }

    function test_an_empty_tree_has_nothing_to_find() public view {
        (bool found, ) = _tree.find(123, 999);
        assertFalse(found, "found");
        (bool known, uint256 total) = _tree.totalAt(999);
        assertTrue(known, "known");
        assertEq(total, 0, "total");
    }

    function test_the_weight_of_an_epoch_is_the_last_one_set_in_it() public {
        set(0, 5);
        set(0, 7);
        next();
        set(0, 9);
        expectTotal(999, 0);
        expectTotal(1_000, 7);
        expectTotal(1_001, 9);
    }

    function test_three_epochs_with_changes_are_remembered_and_no_fourth() public {
        for (uint256 i = 1; i <= 4; ++i) {
            set(0, i);
            next();
        }
        (bool known, ) = _tree.totalAt(1_000);
        assertFalse(known, "the first is forgotten");
        expectTotal(1_001, 2);
        expectTotal(1_002, 3);
        expectTotal(1_003, 4);
        (bool found, ) = _tree.find(1, 1_000);
        assertFalse(found, "nobody is drawn from what is forgotten");
    }

    function test_quiet_epochs_are_remembered_however_long() public {
        set(0, 3);
        _epoch += 100_000;
        set(1, 4);
        expectTotal(50_000, 3);
        (bool found, uint256 leaf) = _tree.find(2, 50_000);
        assertTrue(found, "found");
        assertEq(leaf, 0, "leaf");
    }

    function test_growing_keeps_what_was() public {
        set(0, 10);
        next();
        set(0, 20);
        next();
        // Four levels at once.
        set(200, 5);
        expectTotal(1_000, 10);
        expectTotal(1_001, 20);
        expectTotal(1_002, 25);
        (, uint256 leaf) = _tree.find(19, 1_001);
        assertEq(leaf, 0, "the only leaf of its epoch");
    }

    function test_each_point_falls_on_the_leaf_whose_range_it_lies_in() public {
        set(0, 2);
        set(3, 1);
        set(4, 3);
        set(17, 1);
        uint256[7] memory expected = [uint256(0), 0, 3, 4, 4, 4, 17];
        for (uint256 point = 0; point < 14; ++point) {
            (, uint256 leaf) = _tree.find(point, 1_000);
            assertEq(leaf, expected[point % 7], "leaf");
        }
    }

    function test_sums_beyond_54_bits_are_refused() public {
        uint256 most = StakeTree.MAX_SUM;
        set(0, most);
        vm.expectRevert(abi.encodeWithSelector(StakeTree.StakeTree_TooHeavy.selector, most + 1, most));
        this.change(0, 1, 0, _epoch);
        // Two leaves that fit each, but not together below one parent.
        set(1, 1);
        vm.expectRevert(abi.encodeWithSelector(StakeTree.StakeTree_TooHeavy.selector, most + 1, most));
        this.change(4, 1, 0, _epoch);
    }

    /// Any history of changes, any draw: what is known is right, and what two epochs ago or later is known.
    function test_it_remembers_like_the_list(uint256 seed) public {
        uint256 changes = 4 + (seed % 40);
        uint256 leaves = 1 + ((seed >> 8) % 70);
        for (uint256 i = 0; i < changes; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            for (uint256 steps = dice % 4; steps > 1; --steps) next();
            set((dice >> 16) % leaves, (dice >> 64) % 5 == 0 ? 0 : (dice >> 128) % 1_000_000);
        }
        for (uint256 epoch = _epoch; epoch >= _epoch - 6; --epoch) {
            _compare(epoch, seed);
        }
    }

    function _compare(uint256 epoch, uint256 seed) private view {
        uint256[] memory weights = epoch == _epoch ? _weights : _endOf[epoch];
        uint256 total;
        for (uint256 i = 0; i < weights.length; ++i) total += weights[i];

        (bool known, uint256 actual) = _tree.totalAt(epoch);
        if (epoch + 2 >= _epoch) assertTrue(known, "two epochs are always known");
        if (known) assertEq(actual, total, "total");
        uint256 point = uint256(keccak256(abi.encode(seed, epoch)));
        (bool found, uint256 leaf) = _tree.find(point, epoch);
        if (epoch + 2 >= _epoch) assertTrue(found == (total != 0), "found");
        if (found) assertEq(leaf, _leafAt(weights, point % total), "leaf");
    }

    function _leafAt(uint256[] memory weights, uint256 point) private pure returns (uint256 leaf) {
        while (point >= weights[leaf]) point -= weights[leaf++];
    }

    function set(uint256 leaf, uint256 weight) private {
        while (_weights.length <= leaf) _weights.push(0);
        _tree.change(leaf, weight, _weights[leaf], _epoch);
        _weights[leaf] = weight;
    }

    function next() private {
        _endOf[_epoch] = _weights;
        ++_epoch;
    }

    function expectTotal(uint256 epoch, uint256 expected) private view {
        (bool known, uint256 total) = _tree.totalAt(epoch);
        assertTrue(known, "known");
        assertEq(total, expected, "total");
    }
}
