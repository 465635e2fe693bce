// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";

/// Who is drawn, and from which epoch's stakes.
contract DrawTest is OracleFixture {
    function test_nobody_is_drawn_where_nobody_was_enrolled() public {
        assertEq(draw(1), address(0), "drawn");
        assertEq(operators.weightAt(digits, block.timestamp), 0, "weight");
        enlist(ALICE, 1 ether, digits);
        assertEq(draw(1), address(0), "her first epoch has not ended");
        nextEpoch();
        assertEq(draw(1), ALICE, "now it has");
        assertEq(operators.draw(prose, block.timestamp, bytes32(uint256(1))), address(0), "another version");
    }

    function test_a_draw_for_an_epoch_that_has_not_begun_has_no_result() public {
        enlist(ALICE, 1 ether, digits);
        nextEpoch();
        assertEq(operators.draw(digits, block.timestamp + EPOCH, bytes32(uint256(1))), address(0), "drawn");
        assertEq(operators.weightAt(digits, block.timestamp + EPOCH), 0, "weight");
        assertEq(operators.draw(digits, EPOCH - 1, bytes32(uint256(1))), address(0), "before all epochs");
    }

    /// 4,000 draws from stakes 1 : 2 : 3 : 10. With three degrees of freedom chi square exceeds 16.3 once in 1,000.
    function test_operators_are_drawn_in_proportion_to_stake() public {
        address[4] memory who = [ALICE, BOB, CAROL, DAVE];
        uint256[4] memory stakes = [uint256(1), 2, 3, 10];
        for (uint256 i = 0; i < 4; ++i) enlist(who[i], stakes[i] * 1 ether, digits);
        nextEpoch();
        uint256[4] memory counts;
        for (uint256 seed = 0; seed < 4_000; ++seed) {
            address drawn = draw(uint256(keccak256(abi.encode(seed))));
            for (uint256 i = 0; i < 4; ++i) if (drawn == who[i]) ++counts[i];
        }
        uint256 chiSquareMillionths;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 expected = stakes[i] * 250;
            uint256 difference = counts[i] > expected ? counts[i] - expected : expected - counts[i];
            chiSquareMillionths += (difference * difference * 1e6) / expected;
        }
        assertEq(counts[0] + counts[1] + counts[2] + counts[3], 4_000, "somebody every time");
        assertLt(chiSquareMillionths, 16.3e6, "chi square");
    }

    function test_the_last_of_many_is_drawn_as_often_as_the_first() public {
        uint256 count = 40;
        for (uint256 i = 1; i <= count; ++i) {
            address who = vm.addr(i);
            vm.deal(who, 1 ether);
            enlist(who, 1 ether, digits);
        }
        nextEpoch();
        assertEq(operators.enrolled(digits).length, count, "enrolled");
        // One point of each operator's range.
        for (uint256 i = 0; i < count; ++i) {
            assertEq(draw(i * 1e6), vm.addr(i + 1), "first of its range");
            assertEq(draw(i * 1e6 + 999_999), vm.addr(i + 1), "last of its range");
        }
    }

    function test_what_changes_in_the_requests_own_epoch_does_not_matter() public {
        enlist(ALICE, 1 ether, digits);
        nextEpoch();
        uint256 requestedAt = block.timestamp;
        vm.prank(ALICE);
        operators.addStake{value: 5 ether}();
        enlist(BOB, 100 ether, digits);
        for (uint256 seed = 0; seed < 20; ++seed) assertEq(draw(seed), ALICE, "the last epoch's only one");
        assertEq(operators.weightAt(digits, requestedAt), 1e6, "the last epoch's weight");

        nextEpoch();
        assertEq(operators.weightAt(digits, requestedAt), 1e6, "still, for that request");
        assertEq(operators.weightAt(digits, block.timestamp), 106e6, "not for the next");
    }

    function test_who_leaves_may_be_drawn_until_the_epoch_ends() public {
        enlist(ALICE, 1 ether, digits);
        nextEpoch();
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        assertEq(draw(1), ALICE, "in this epoch");
        nextEpoch();
        assertEq(draw(1), address(0), "not in the next");
    }

    function test_exiting_stake_does_not_count() public {
        enlist(ALICE, 5 ether, digits);
        vm.prank(ALICE);
        operators.requestExit(3 ether);
        nextEpoch();
        assertEq(operators.weightAt(digits, block.timestamp), 2e6, "weight");
    }

    function test_an_old_draw_is_the_same_as_long_as_it_is_known() public {
        enlist(ALICE, 1 ether, digits);
        enlist(BOB, 1 ether, digits);
        nextEpoch();
        uint256 requestedAt = block.timestamp;
        address drawn = operators.draw(digits, requestedAt, keccak256("seed"));
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(ALICE);
            operators.addStake{value: 9 ether}();
            nextEpoch();
            assertEq(operators.draw(digits, requestedAt, keccak256("seed")), drawn, "the same");
        }
        vm.prank(ALICE);
        operators.addStake{value: 9 ether}();
        assertEq(operators.draw(digits, requestedAt, keccak256("seed")), address(0), "three changes later: forgotten");
    }

    // ---------------------------------------------------------------- places

    function test_who_returns_takes_its_own_place() public {
        enlist(ALICE, 1 ether, digits);
        enlist(BOB, 2 ether, digits);
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        enrol(ALICE, digits);
        nextEpoch();
        assertEq(draw(0), ALICE, "first place");
        assertEq(draw(1e6), BOB, "second place");
        assertEq(operators.enrolled(digits).length, 2, "both");
    }

    function test_a_place_is_taken_over_two_epochs_after_it_was_left() public {
        enlist(ALICE, 1 ether, digits);
        enlist(BOB, 1 ether, digits);
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        nextEpoch();
        enlist(CAROL, 1 ether, digits);
        nextEpoch();
        enlist(DAVE, 1 ether, digits);
        nextEpoch();
        assertEq(draw(0), DAVE, "took Alice's place");
        assertEq(draw(1e6), BOB, "kept his");
        assertEq(draw(2e6), CAROL, "came too early and got a new one");

        enrol(ALICE, digits);
        nextEpoch();
        assertEq(draw(3e6), ALICE, "her place is gone");
    }

    function test_a_place_that_was_taken_back_is_not_given_away() public {
        enlist(ALICE, 1 ether, digits);
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        enrol(ALICE, digits);
        nextEpoch();
        nextEpoch();
        enlist(BOB, 1 ether, digits);
        nextEpoch();
        assertEq(draw(0), ALICE, "hers");
        assertEq(draw(1e6), BOB, "his own");
        // Left twice, queued once: it is given away once.
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        enrol(ALICE, digits);
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        nextEpoch();
        nextEpoch();
        enlist(CAROL, 1 ether, digits);
        enlist(DAVE, 1 ether, digits);
        nextEpoch();
        assertEq(draw(0), CAROL, "Alice's");
        assertEq(draw(2e6), DAVE, "a new one");
    }

    function test_a_draw_from_before_a_place_changed_hands_names_nobody_else() public {
        enlist(ALICE, 1 ether, digits);
        nextEpoch();
        uint256 requestedAt = block.timestamp;
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        nextEpoch();
        nextEpoch();
        enlist(BOB, 1 ether, digits);
        assertEq(operators.draw(digits, requestedAt, bytes32(uint256(1))), address(0), "not Bob");
    }

    // ---------------------------------------------------------------- engaging

    function test_engaging_locks_the_bond_of_who_was_drawn_or_is_enrolled() public {
        enlist(ALICE, 5 ether, digits);
        nextEpoch();
        enlist(BOB, 5 ether, digits);
        (uint256 result, address drawn) = engage(ALICE, "seed", 1 ether, true);
        assertEq(result, uint256(IOperatorRegistry.Engagement.Engaged), "drawn");
        assertEq(drawn, ALICE, "drawn");
        (result, drawn) = engage(BOB, "seed", 1 ether, true);
        assertEq(result, uint256(IOperatorRegistry.Engagement.NotDrawn), "enrolled only");
        assertEq(drawn, ALICE, "drawn");
        (result, drawn) = engage(BOB, "seed", 1 ether, false);
        assertEq(result, uint256(IOperatorRegistry.Engagement.Engaged), "not exclusive any more");
        assertEq(drawn, ALICE, "drawn nevertheless");
        (result, drawn) = engage(BOB, 0, 1 ether, true);
        assertEq(result, uint256(IOperatorRegistry.Engagement.Engaged), "no draw");
        assertEq(drawn, address(0), "no draw");
        (result, ) = engage(CAROL, 0, 0, false);
        assertEq(result, uint256(IOperatorRegistry.Engagement.NotEnrolled), "a stranger");
        (result, ) = engage(BOB, 0, 3 ether + 1, false);
        assertEq(result, uint256(IOperatorRegistry.Engagement.NotEnoughStake), "2 ether are locked");
        assertEq(operators.operator(ALICE).locked, 1 ether, "locked");
        assertEq(operators.operator(BOB).locked, 2 ether, "locked");
    }

    function test_who_was_drawn_may_answer_after_leaving() public {
        enlist(ALICE, 5 ether, digits);
        nextEpoch();
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        (uint256 result, ) = engage(ALICE, "seed", 1 ether, true);
        assertEq(result, uint256(IOperatorRegistry.Engagement.Engaged), "engaged");
        (result, ) = engage(ALICE, 0, 1 ether, false);
        assertEq(result, uint256(IOperatorRegistry.Engagement.NotEnrolled), "undrawn, she is nobody");
    }

    function engage(
        address who,
        bytes32 seed,
        uint256 bond,
        bool onlyDrawn
    ) private returns (uint256 result, address drawn) {
        IOperatorRegistry.Engagement engagement;
        vm.prank(address(oracle));
        (engagement, drawn) = operators.engage(who, digits, block.timestamp, seed, bond, onlyDrawn);
        result = uint256(engagement);
    }

    function draw(uint256 seed) private view returns (address) {
        return operators.draw(digits, block.timestamp, bytes32(seed));
    }
}
