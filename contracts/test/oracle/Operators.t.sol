// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";

/// Takes no ETH.
contract Unpayable {}

/// Stake in and out, enrolment, and what the oracle may do to a stake.
contract OperatorsTest is OracleFixture {
    // ---------------------------------------------------------------- construction

    function test_a_deployment_is_refused_without_bounds_that_make_sense() public {
        IOperatorRegistry.Parameters memory p = operatorBounds();
        p.minStake = 1e12 - 1;
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_BadConfig.selector, bytes32("minStake")));
        new OperatorRegistry(p, registry, address(1), address(0));
        p = operatorBounds();
        p.exitDelay = 0;
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_BadConfig.selector, bytes32("exitDelay")));
        new OperatorRegistry(p, registry, address(1), address(0));
        p = operatorBounds();
        p.epochLength = 0;
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_BadConfig.selector, bytes32("epochLength")));
        new OperatorRegistry(p, registry, address(1), address(0));
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_ZeroAddress.selector));
        new OperatorRegistry(operatorBounds(), IModelRegistry(address(0)), address(1), address(0));
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_ZeroAddress.selector));
        new OperatorRegistry(operatorBounds(), registry, address(0), address(0));
    }

    function test_it_tells_its_bounds_and_neighbours() public view {
        IOperatorRegistry.Parameters memory p = operators.parameters();
        assertEq(p.minStake, MIN_STAKE, "least stake");
        assertEq(p.exitDelay, EXIT_DELAY, "exit delay");
        assertEq(p.epochLength, EPOCH, "epoch");
        assertEq(operators.oracle(), address(oracle), "oracle");
        assertEq(operators.registry(), address(registry), "registry");
    }

    // ---------------------------------------------------------------- stake in

    function test_anyone_registers_with_the_least_stake() public {
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.OperatorRegistered(ALICE, "https://alice");
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.StakeAdded(ALICE, 1 ether, 1 ether);
        vm.prank(ALICE);
        operators.register{value: 1 ether}("https://alice");
        assertEq(operators.operator(ALICE).stake, 1 ether, "stake");
        assertEq(operators.freeStake(ALICE), 1 ether, "free");
        assertEq(bytes(operators.endpointOf(ALICE)), "https://alice", "endpoint");
    }

    function test_registering_with_less_or_twice_is_refused() public {
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_StakeTooSmall.selector, 1 ether - 1, 1 ether));
        vm.prank(ALICE);
        operators.register{value: 1 ether - 1}("");
        register(ALICE, 1 ether);
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_AlreadyRegistered.selector, ALICE));
        register(ALICE, 1 ether);
    }

    function test_only_the_registered_add_stake_enrol_exit_or_change_their_endpoint() public {
        bytes memory error_ = abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_NotRegistered.selector, ALICE);
        vm.startPrank(ALICE);
        refuse(error_);
        operators.addStake{value: 1}();
        refuse(error_);
        operators.setEndpoint("");
        refuse(error_);
        operators.enrol(digits, ROOT);
        refuse(error_);
        operators.requestExit(1);
        vm.stopPrank();
    }

    function test_an_endpoint_can_change() public {
        register(ALICE, 1 ether);
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.EndpointChanged(ALICE, "https://elsewhere");
        vm.prank(ALICE);
        operators.setEndpoint("https://elsewhere");
        assertEq(bytes(operators.endpointOf(ALICE)), "https://elsewhere", "endpoint");
    }

    // ---------------------------------------------------------------- enrolment

    function test_enrolling_attests_the_registered_model_root() public {
        register(ALICE, 1 ether);
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_WrongModelRoot.selector, bytes32("x"), ROOT));
        vm.prank(ALICE);
        operators.enrol(digits, "x");
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_WrongModelRoot.selector, ROOT, bytes32(0)));
        vm.prank(ALICE);
        operators.enrol(prose, ROOT);

        vm.expectEmit(address(operators));
        emit IOperatorRegistry.Enrolled(ALICE, digits, ROOT);
        vm.prank(ALICE);
        operators.enrol(digits, ROOT);
        assertTrue(operators.isEnrolled(ALICE, digits), "enrolled");
        assertFalse(operators.isEnrolled(ALICE, prose), "only there");
        assertEq(operators.operator(ALICE).enrolments, 1, "count");
        assertEq(operators.enrolled(digits).length, 1, "listed");
        assertEq(operators.enrolled(digits)[0], ALICE, "listed");
    }

    function test_a_version_that_does_not_exist_cannot_be_enrolled_for() public {
        register(ALICE, 1 ether);
        refuse(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchVersion.selector, 99));
        vm.prank(ALICE);
        operators.enrol(99, 0);
    }

    function test_enrolling_twice_is_refused() public {
        enlist(ALICE, 1 ether, digits);
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_AlreadyEnrolled.selector, ALICE, digits));
        vm.prank(ALICE);
        operators.enrol(digits, ROOT);
    }

    function test_a_stake_below_the_least_cannot_enrol() public {
        register(ALICE, 1 ether);
        vm.startPrank(ALICE);
        operators.requestExit(1);
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_StakeTooSmall.selector, 1 ether - 1, 1 ether));
        operators.enrol(digits, ROOT);
        vm.stopPrank();
    }

    function test_an_operator_enrols_for_32_versions_and_no_more() public {
        register(ALICE, 1 ether);
        uint256 last;
        for (uint256 i = 0; i < 32; ++i) {
            last = publish(IModelRegistry.IOBounds(1, 1, 1, 1, 0), ROOT, new IModelRegistry.Price[](0));
            enrol(ALICE, last);
        }
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_TooManyEnrolments.selector, ALICE, 32));
        vm.prank(ALICE);
        operators.enrol(digits, ROOT);
        leave(ALICE, last - 7);
        enrol(ALICE, digits);
        assertEq(operators.operator(ALICE).enrolments, 32, "as many as may be");
        // A change of stake reaches all of them.
        vm.prank(ALICE);
        operators.addStake{value: 1 ether}();
        nextEpoch();
        assertEq(operators.weightAt(digits, block.timestamp), 2e6, "in millionths");
        assertEq(operators.weightAt(last, block.timestamp), 2e6, "in millionths");
        assertEq(operators.weightAt(last - 7, block.timestamp), 0, "left");
    }

    function test_a_version_has_room_for_a_million_operators_and_no_more() public {
        register(ALICE, 1 ether);
        register(BOB, 1 ether);
        // The number of places taken so far: 2^20 - 1.
        bytes32 slot = keccak256(abi.encode(digits, 4));
        vm.store(address(operators), slot, bytes32(uint256((1 << 20) - 1)));
        enrol(ALICE, digits);
        nextEpoch();
        assertEq(operators.draw(digits, block.timestamp, "seed"), ALICE, "in the last place");
        refuse(
            abi.encodeWithSelector(
                IOperatorRegistry.OperatorRegistry_TooManyOperators.selector,
                digits,
                uint256(1 << 20)
            )
        );
        vm.prank(BOB);
        operators.enrol(digits, ROOT);
    }

    function test_leaving_ends_the_enrolment() public {
        enlist(ALICE, 1 ether, digits);
        enlist(BOB, 1 ether, digits);
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.Withdrew(ALICE, digits);
        leave(ALICE, digits);
        assertFalse(operators.isEnrolled(ALICE, digits), "enrolled");
        assertEq(operators.enrolled(digits).length, 1, "listed");
        assertEq(operators.enrolled(digits)[0], BOB, "listed");
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_NotEnrolled.selector, ALICE, digits));
        leave(ALICE, digits);
    }

    // ---------------------------------------------------------------- stake out

    function test_stake_leaves_after_the_delay_to_wherever_its_owner_says() public {
        register(ALICE, 3 ether);
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.ExitRequested(ALICE, 2 ether, block.timestamp + EXIT_DELAY);
        exit(ALICE, 2 ether);
        assertEq(operators.freeStake(ALICE), 1 ether, "free");
        assertEq(operators.operator(ALICE).stake, 3 ether, "still there");
        assertEq(operators.operator(ALICE).exiting, 2 ether, "exiting");

        uint256 exitAt = block.timestamp + EXIT_DELAY;
        vm.warp(exitAt - 1);
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_ExitPending.selector, exitAt));
        takeOut(ALICE, DAVE);
        vm.warp(exitAt);
        uint256 before = DAVE.balance;
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.StakeWithdrawn(ALICE, DAVE, 2 ether);
        takeOut(ALICE, DAVE);
        assertEq(DAVE.balance - before, 2 ether, "paid");
        assertEq(operators.operator(ALICE).stake, 1 ether, "left");
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_NoExit.selector));
        takeOut(ALICE, DAVE);
    }

    function test_one_exit_at_a_time() public {
        register(ALICE, 3 ether);
        exit(ALICE, 1 ether);
        refuse(
            abi.encodeWithSelector(
                IOperatorRegistry.OperatorRegistry_ExitPending.selector,
                block.timestamp + EXIT_DELAY
            )
        );
        exit(ALICE, 1 ether);
    }

    function test_an_exit_is_of_something_that_is_free() public {
        enlist(ALICE, 3 ether, digits);
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_NoExit.selector));
        exit(ALICE, 0);
        lock(ALICE, digits, 2 ether);
        refuse(
            abi.encodeWithSelector(
                IOperatorRegistry.OperatorRegistry_InsufficientFreeStake.selector,
                ALICE,
                1 ether,
                1 ether + 1
            )
        );
        exit(ALICE, 1 ether + 1);
        exit(ALICE, 1 ether);
    }

    function test_the_enrolled_keep_the_least_stake() public {
        enlist(ALICE, 3 ether, digits);
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_StillEnrolled.selector, 1));
        exit(ALICE, 2 ether + 1);
        leave(ALICE, digits);
        exit(ALICE, 3 ether);
        assertEq(operators.freeStake(ALICE), 0, "free");
    }

    function test_an_exit_can_be_called_off() public {
        enlist(ALICE, 3 ether, digits);
        exit(ALICE, 2 ether);
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.ExitCancelled(ALICE, 2 ether);
        vm.prank(ALICE);
        operators.cancelExit();
        assertEq(operators.freeStake(ALICE), 3 ether, "free");
        nextEpoch();
        assertEq(operators.weightAt(digits, block.timestamp), 3e6, "it counts again");
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_NoExit.selector));
        vm.prank(ALICE);
        operators.cancelExit();
    }

    function test_a_payout_that_fails_changes_nothing() public {
        register(ALICE, 3 ether);
        exit(ALICE, 2 ether);
        skip(EXIT_DELAY);
        address unpayable = address(new Unpayable());
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_PaymentFailed.selector, unpayable, 2 ether));
        takeOut(ALICE, unpayable);
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_ZeroAddress.selector));
        takeOut(ALICE, address(0));
        takeOut(ALICE, ALICE);
        assertEq(address(operators).balance, 1 ether, "the rest");
    }

    // ---------------------------------------------------------------- the oracle's part

    function test_only_the_oracle_engages_unlocks_and_slashes() public {
        register(ALICE, 3 ether);
        bytes memory error_ = abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_NotOracle.selector, BOB);
        vm.startPrank(BOB);
        refuse(error_);
        operators.unlock(ALICE, 1);
        refuse(error_);
        operators.slash(ALICE, 1, 0, BOB);
        refuse(error_);
        operators.engage(ALICE, digits, block.timestamp, 0, 0, false);
        vm.stopPrank();
    }

    function test_locked_stake_is_not_free() public {
        enlist(ALICE, 3 ether, digits);
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.StakeLocked(ALICE, 2 ether, 2 ether);
        lock(ALICE, digits, 2 ether);
        assertEq(operators.freeStake(ALICE), 1 ether, "free");
        vm.startPrank(address(oracle));
        (IOperatorRegistry.Engagement result, ) = operators.engage(ALICE, digits, block.timestamp, 0, 2 ether, false);
        assertEq(uint256(result), uint256(IOperatorRegistry.Engagement.NotEnoughStake), "a second bond");
        assertEq(operators.operator(ALICE).locked, 2 ether, "locked");
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.StakeUnlocked(ALICE, 2 ether, 0);
        operators.unlock(ALICE, 2 ether);
        vm.stopPrank();
        assertEq(operators.freeStake(ALICE), 3 ether, "free");
    }

    function test_a_conviction_takes_the_bond_from_the_locked_part() public {
        enlist(ALICE, 5 ether, digits);
        lock(ALICE, digits, 2 ether);
        vm.startPrank(address(oracle));
        vm.expectEmit(address(operators));
        emit IOperatorRegistry.StakeSlashed(ALICE, DAVE, 2 ether);
        uint256 taken = operators.slash(ALICE, 2 ether, 2 ether, DAVE);
        vm.stopPrank();
        assertEq(taken, 2 ether, "taken");
        assertEq(DAVE.balance, 1_002 ether, "paid");
        assertEq(operators.operator(ALICE).stake, 3 ether, "stake");
        assertEq(operators.operator(ALICE).locked, 0, "locked");
    }

    function test_a_penalty_takes_free_stake_first_then_exiting_stake_and_never_a_bond() public {
        enlist(ALICE, 5 ether, digits);
        exit(ALICE, 1 ether);
        lock(ALICE, digits, 3 ether);
        vm.startPrank(address(oracle));
        assertEq(operators.slash(ALICE, 0.4 ether, 0, DAVE), 0.4 ether, "from free stake");
        assertEq(operators.operator(ALICE).exiting, 1 ether, "exiting");
        assertEq(operators.slash(ALICE, 1 ether, 0, DAVE), 1 ether, "from free and exiting stake");
        assertEq(operators.operator(ALICE).exiting, 0.6 ether, "exiting");
        assertEq(operators.slash(ALICE, 9 ether, 0, DAVE), 0.6 ether, "what was left");
        vm.stopPrank();
        assertEq(operators.operator(ALICE).stake, 3 ether, "the bond");
        assertEq(operators.operator(ALICE).locked, 3 ether, "the bond");
        assertEq(address(operators).balance, 3 ether, "balance");
    }

    function test_a_penalty_and_a_conviction_reach_the_draw_when_anyone_brings_them_there() public {
        enlist(ALICE, 5 ether, digits);
        lock(ALICE, digits, 2 ether);
        vm.startPrank(address(oracle));
        operators.slash(ALICE, 2 ether, 2 ether, DAVE);
        operators.slash(ALICE, 1 ether, 0, DAVE);
        vm.stopPrank();
        nextEpoch();
        assertEq(operators.weightAt(digits, block.timestamp), 5e6, "not yet");
        vm.prank(BOB);
        operators.sync(ALICE);
        nextEpoch();
        assertEq(operators.weightAt(digits, block.timestamp), 2e6, "now");
    }

    function test_what_a_conviction_costs_does_not_grow_with_the_enrolments() public {
        enlist(ALICE, 5 ether, digits);
        uint256 withOne = gasOfConviction(ALICE);
        enlist(BOB, 5 ether, digits);
        enrol(BOB, prose);
        enrol(BOB, tokens);
        assertLe(gasOfConviction(BOB), withOne, "gas");
    }

    function gasOfConviction(address who) private returns (uint256 gas) {
        lock(who, digits, 1 ether);
        vm.prank(address(oracle));
        gas = gasleft();
        operators.slash(who, 1 ether, 1 ether, DAVE);
        gas -= gasleft();
    }

    function test_a_slash_that_cannot_be_paid_out_reverts() public {
        register(ALICE, 3 ether);
        address unpayable = address(new Unpayable());
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_PaymentFailed.selector, unpayable, 1 ether));
        vm.prank(address(oracle));
        operators.slash(ALICE, 1 ether, 0, unpayable);
    }

    function test_a_slash_never_takes_more_than_there_is(
        uint256 stake,
        uint256 locked,
        uint256 exiting,
        uint256 amount,
        uint256 fromLocked
    ) public {
        stake = bound(stake, 1 ether, 100 ether);
        locked = bound(locked, 0, stake);
        exiting = bound(exiting, 0, stake - locked);
        amount = bound(amount, 0, 200 ether);
        fromLocked = bound(fromLocked, 0, 200 ether);
        enlist(ALICE, stake, digits);
        lock(ALICE, digits, locked);
        leave(ALICE, digits);
        if (exiting != 0) exit(ALICE, exiting);

        vm.prank(address(oracle));
        uint256 taken = operators.slash(ALICE, amount, fromLocked, DAVE);

        IOperatorRegistry.Operator memory left = operators.operator(ALICE);
        assertLe(taken, amount, "no more than asked");
        assertEq(left.stake, stake - taken, "stake");
        assertEq(address(operators).balance, left.stake, "balance");
        assertLe(left.locked + left.exiting, left.stake, "parts");
        uint256 lockedTaken = locked - left.locked;
        assertLe(lockedTaken, fromLocked, "no more of the locked part than asked");
        uint256 reachable = (fromLocked < locked ? fromLocked : locked) + stake - locked;
        assertEq(taken, amount < reachable ? amount : reachable, "all that may be taken, if needed");
    }

    // ---------------------------------------------------------------- helpers

    function register(address who, uint256 stake) private {
        vm.prank(who);
        operators.register{value: stake}("");
    }

    function leave(address who, uint256 versionId) private {
        vm.prank(who);
        operators.withdrawFrom(versionId);
    }

    function exit(address who, uint256 amount) private {
        vm.prank(who);
        operators.requestExit(amount);
    }

    function takeOut(address who, address to) private {
        vm.prank(who);
        operators.withdrawStake(to);
    }
}
