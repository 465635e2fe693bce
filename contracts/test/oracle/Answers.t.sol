// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";

/// Who may answer and when, the bond, and what the drawn operator forfeits.
contract AnswersTest is OracleFixture {
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    /// Alice and Bob, equal stakes, drawn from; Carol enrolled too late to be drawn.
    function setUp() public override {
        super.setUp();
        enlist(ALICE, 100 ether, digits);
        enlist(BOB, 100 ether, digits);
        enrol(ALICE, prose);
        enrol(ALICE, tokens);
        nextEpoch();
        enlist(CAROL, 100 ether, digits);
    }

    // ---------------------------------------------------------------- the answer

    function test_an_answer_locks_its_bond_and_opens_its_window() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.OutputAsserted(
            requestId,
            drawn,
            digits,
            leafOf(hex"beef"),
            10 * PRICE,
            block.timestamp + SAFE,
            1,
            one(hex"beef")
        );
        answer(drawn, requestId, hex"beef");

        IInferenceOracle.Assertion memory a = oracle.assertion(requestId);
        assertEq(a.operator, drawn, "operator");
        assertEq(a.assertedAt, block.timestamp, "asserted");
        assertEq(a.finalAt, block.timestamp + SAFE, "final");
        assertEq(a.bond, 10 * PRICE, "bond");
        assertEq(a.outputRoot, leafOf(hex"beef"), "root");
        assertEq(a.round, 1, "round");
        assertFalse(a.delivered || a.callbackFailed, "no callback yet");
        assertStatus(requestId, IInferenceOracle.Status.Asserted);
        assertEq(operators.operator(drawn).locked, 10 * PRICE, "locked");
    }

    function test_the_bond_follows_the_gas_price_of_the_answer() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        vm.fee(100 gwei);
        answer(drawn, requestId, hex"beef");
        assertEq(oracle.assertion(requestId).bond, 0.425 ether, "bond");
        assertEq(operators.operator(drawn).locked, 0.425 ether, "locked");
    }

    function test_outputs_of_a_wrong_length_or_count_are_refused() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        bytes4 wrong = IInferenceOracle.InferenceOracle_WrongOutputLength.selector;
        refuse(abi.encodeWithSelector(wrong, 0, 1, 2, 2));
        answer(drawn, requestId, hex"be");
        refuse(abi.encodeWithSelector(wrong, 0, 3, 2, 2));
        answer(drawn, requestId, hex"beefbe");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputCount.selector, 0, 1));
        vm.prank(drawn);
        oracle.assertOutputs(requestId, new bytes[](0));
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputCount.selector, 2, 1));
        vm.prank(drawn);
        oracle.assertOutputs(requestId, new bytes[](2));
    }

    function test_outputs_are_at_most_what_a_deployment_allows_on_chain() public {
        IModelRegistry.Price[] memory prices = new IModelRegistry.Price[](1);
        prices[0].amount = 1;
        uint256 long = publish(IModelRegistry.IOBounds(1, 1, 0, 9_000, 0), 0, prices);
        enrol(ALICE, long);
        uint256 requestId = oracle.requestCallback{value: 1}(long, hex"01", address(0), 0, "");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputLength.selector, 0, 8_193, 0, 8_192));
        answer(ALICE, requestId, new bytes(8_193));
        answer(ALICE, requestId, new bytes(8_192));
    }

    function test_a_batch_has_one_root_over_the_roots_of_its_items() public {
        vm.prank(ALICE);
        uint256 requestId = oracle.requestInference{value: 3 * PRICE}(
            digits,
            3,
            hex"000000010000000200000003",
            address(0),
            0,
            "",
            options()
        );
        vm.roll(block.number + 2);
        assertEq(
            oracle.request(requestId).inputRoot,
            node(node(leafOf(hex"00000001"), leafOf(hex"00000002")), node(leafOf(hex"00000003"), 0)),
            "inputs"
        );
        (address drawn, ) = oracle.drawnOperator(requestId);
        bytes[] memory outputs = new bytes[](3);
        (outputs[0], outputs[1], outputs[2]) = (bytes(hex"0a0a"), bytes(hex"0b0b"), bytes(hex"0c0c"));
        vm.prank(drawn);
        oracle.assertOutputs(requestId, outputs);
        assertEq(
            oracle.assertion(requestId).outputRoot,
            node(node(leafOf(hex"0a0a"), leafOf(hex"0b0b")), node(leafOf(hex"0c0c"), 0)),
            "outputs"
        );
        assertEq(oracle.assertion(requestId).bond, 30 * PRICE, "bond");
        outputs[1] = hex"0b";
        requestDigits();
        vm.prank(ALICE);
        uint256 other = oracle.requestInference{value: 3 * PRICE}(
            digits,
            3,
            hex"000000010000000200000003",
            address(0),
            0,
            "",
            options()
        );
        vm.warp(block.timestamp + EXCLUSIVE);
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputLength.selector, 1, 1, 2, 2));
        vm.prank(ALICE);
        oracle.assertOutputs(other, outputs);
    }

    function test_one_answer_at_a_time() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        answer(drawn, requestId, hex"beef");
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                requestId,
                IInferenceOracle.Status.Asserted
            )
        );
        answer(drawn, requestId, hex"beef");
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                99,
                IInferenceOracle.Status.None
            )
        );
        answer(drawn, 99, hex"beef");
    }

    // ---------------------------------------------------------------- the draw

    function test_the_draw_is_known_two_blocks_after_the_request() public {
        vm.prank(ALICE);
        uint256 requestId = oracle.requestCallback{value: PRICE}(digits, hex"01020304", address(0), 0, "");
        bytes memory error_ = abi.encodeWithSelector(IInferenceOracle.InferenceOracle_DrawNotReady.selector, requestId);
        for (uint256 i = 0; i < 2; ++i) {
            refuse(error_);
            oracle.drawnOperator(requestId);
            assertFalse(mayAssert(requestId, ALICE), "nobody yet");
            refuse(error_);
            answer(ALICE, requestId, hex"beef");
            vm.roll(block.number + 1);
        }
        (address drawn, uint256 until) = oracle.drawnOperator(requestId);
        assertTrue(drawn == ALICE || drawn == BOB, "one of the two");
        assertEq(until, block.timestamp + EXCLUSIVE, "until");
    }

    function test_the_draw_is_by_the_hash_of_the_next_block_and_the_request() public {
        for (uint256 i = 0; i < 20; ++i) {
            uint256 requestId = requestDigits();
            bytes32 hash = keccak256(abi.encode("block", i));
            vm.setBlockhash(block.number - 1, hash);
            (address drawn, ) = oracle.drawnOperator(requestId);
            bytes32 seed = keccak256(abi.encode(hash, requestId));
            assertEq(drawn, operators.draw(digits, block.timestamp, seed), "drawn");
            assertEq(drawn, uint256(seed) % 200e6 < 100e6 ? ALICE : BOB, "by the seed");
        }
    }

    function test_before_the_exclusive_window_ends_only_the_drawn_operator_answers() public {
        uint256 requestId = requestDigits();
        (address drawn, uint256 until) = oracle.drawnOperator(requestId);
        vm.warp(until - 1);
        assertTrue(mayAssert(requestId, drawn), "drawn");
        assertFalse(mayAssert(requestId, CAROL), "enrolled");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotDrawn.selector, CAROL, drawn, until));
        answer(CAROL, requestId, hex"beef");
        answer(drawn, requestId, hex"beef");
    }

    function test_with_nobody_to_draw_a_request_is_open_at_once() public {
        uint256 fresh = publishFor(address(usdc), USDC_PRICE);
        usdc.mint(ALICE, USDC_PRICE);
        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(usdc);
        vm.startPrank(ALICE);
        usdc.approve(address(oracle), USDC_PRICE);
        uint256 requestId = oracle.requestInference(fresh, 1, hex"01020304", address(0), 0, "", o);
        vm.stopPrank();
        (address drawn, uint256 until) = oracle.drawnOperator(requestId);
        assertEq(drawn, address(0), "nobody");
        assertEq(until, 0, "nobody");
        enrol(CAROL, fresh);
        assertTrue(mayAssert(requestId, CAROL), "at once");
        answer(CAROL, requestId, hex"beef");
    }

    function test_who_is_not_enrolled_cannot_answer() public {
        uint256 requestId = requestDigits();
        vm.warp(block.timestamp + EXCLUSIVE);
        assertFalse(mayAssert(requestId, DAVE), "a stranger");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotEnrolled.selector, DAVE, digits));
        answer(DAVE, requestId, hex"beef");
        assertFalse(mayAssert(requestId, address(0)), "nobody");
    }

    function test_who_was_drawn_may_answer_even_if_it_left_since() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        vm.prank(drawn);
        operators.withdrawFrom(digits);
        assertTrue(mayAssert(requestId, drawn), "drawn");
        answer(drawn, requestId, hex"beef");
    }

    function test_without_free_stake_for_the_bond_there_is_no_answer() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.minBond = 101 ether;
        uint256 requestId = requestDigits(o);
        (address drawn, ) = oracle.drawnOperator(requestId);
        assertFalse(mayAssert(requestId, drawn), "too little");
        refuse(
            abi.encodeWithSelector(
                IOperatorRegistry.OperatorRegistry_InsufficientFreeStake.selector,
                drawn,
                100 ether,
                101 ether
            )
        );
        answer(drawn, requestId, hex"beef");
    }

    function test_after_the_deadline_there_is_no_answer() public {
        uint256 requestId = requestDigits();
        uint256 deadline = oracle.deadlineOf(requestId);
        vm.warp(deadline);
        assertTrue(mayAssert(requestId, CAROL), "at the deadline");
        vm.warp(deadline + 1);
        assertFalse(mayAssert(requestId, CAROL), "after it");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_DeadlinePassed.selector, requestId, deadline));
        answer(CAROL, requestId, hex"beef");
    }

    function test_views_of_what_is_not_open_are_refused() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        answer(drawn, requestId, hex"beef");
        bytes memory error_ = abi.encodeWithSelector(
            IInferenceOracle.InferenceOracle_WrongStatus.selector,
            requestId,
            IInferenceOracle.Status.Asserted
        );
        refuse(error_);
        oracle.drawnOperator(requestId);
        refuse(error_);
        oracle.bondOf(requestId);
        assertFalse(mayAssert(requestId, drawn), "answered");
    }

    // ---------------------------------------------------------------- old block hashes

    function test_beyond_256_blocks_the_hash_comes_from_the_history_contract() public {
        uint256 requestId = requestDigits();
        uint256 decides = block.number - 1;
        // Returns keccak256 of the block number asked for.
        vm.etch(HISTORY, hex"5f355f5260205f2060205260206020f3");
        vm.roll(decides + 257);
        bytes32 seed = keccak256(abi.encode(keccak256(abi.encode(decides)), requestId));
        (address drawn, ) = oracle.drawnOperator(requestId);
        assertEq(drawn, operators.draw(digits, block.timestamp, seed), "drawn");
        assertTrue(drawn != address(0), "somebody");
        answer(drawn, requestId, hex"beef");
    }

    function test_where_no_hash_is_known_any_more_nobody_is_drawn_and_nobody_forfeits() public {
        uint256 requestId = requestDigits();
        vm.roll(block.number + 300);
        vm.etch(HISTORY, "");
        (address drawn, ) = oracle.drawnOperator(requestId);
        assertEq(drawn, address(0), "nobody");
        answer(CAROL, requestId, hex"beef");
        assertEq(operators.operator(ALICE).stake + operators.operator(BOB).stake, 200 ether, "nothing taken");
    }

    // ---------------------------------------------------------------- the drawn one's penalty

    function test_who_was_drawn_and_let_another_answer_forfeits_the_fee_to_refundTo() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.refundTo = DAVE;
        uint256 requestId = requestDigits(o);
        (address drawn, uint256 until) = oracle.drawnOperator(requestId);
        vm.warp(until);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.LivenessPenalty(requestId, drawn, PRICE);
        answer(CAROL, requestId, hex"beef");
        assertEq(operators.operator(drawn).stake, 100 ether - PRICE, "forfeited");
        assertEq(oracle.creditOf(DAVE, ETH), PRICE, "credited");
        assertEq(operators.operator(CAROL).stake, 100 ether, "not the other");
    }

    function test_who_was_drawn_may_answer_late_and_forfeits_nothing() public {
        uint256 requestId = requestDigits();
        (address drawn, uint256 until) = oracle.drawnOperator(requestId);
        vm.warp(until + 1);
        answer(drawn, requestId, hex"beef");
        assertEq(operators.operator(drawn).stake, 100 ether, "stake");
    }

    function test_who_was_drawn_forfeits_the_fee_when_nobody_answers() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        vm.warp(oracle.deadlineOf(requestId) + 1);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.LivenessPenalty(requestId, drawn, PRICE);
        oracle.refund(requestId);
        assertEq(operators.operator(drawn).stake, 100 ether - PRICE, "forfeited");
        uint256 prepaid = oracle.request(requestId).gasPrepaid;
        assertEq(oracle.creditOf(address(client), ETH), 2 * PRICE + prepaid, "fee, penalty, gas");
    }

    function test_nobody_forfeits_for_a_bond_beyond_its_stake() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.minBond = 101 ether;
        uint256 requestId = requestDigits(o);
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        assertEq(operators.operator(ALICE).stake + operators.operator(BOB).stake, 200 ether, "nothing taken");
    }

    function test_nobody_forfeits_while_its_stake_stands_behind_other_answers() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        uint256 left = 10 * PRICE - 1;
        lock(drawn, digits, 100 ether - left);
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        assertEq(operators.operator(drawn).stake, 100 ether, "nothing taken");
    }

    function test_taking_stake_out_does_not_avoid_the_penalty() public {
        uint256 requestId = requestDigits();
        (address drawn, ) = oracle.drawnOperator(requestId);
        vm.startPrank(drawn);
        operators.withdrawFrom(digits);
        if (drawn == ALICE) {
            operators.withdrawFrom(prose);
            operators.withdrawFrom(tokens);
        }
        operators.requestExit(100 ether);
        vm.stopPrank();
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        assertEq(operators.operator(drawn).stake, 100 ether - PRICE, "forfeited");
    }

    function test_the_penalty_of_an_erc20_request_goes_by_the_price_in_eth() public {
        uint256 requestId = requestForUsdc(tokens);
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        assertEq(operators.operator(ALICE).stake, 100 ether - PRICE, "forfeited");
        assertEq(oracle.creditOf(DAVE, address(usdc)), USDC_PRICE, "the fee");
        assertEq(oracle.creditOf(DAVE, ETH), PRICE, "the penalty");
    }

    function test_without_a_price_in_eth_there_is_no_penalty_and_the_least_bond() public {
        uint256 version = publishFor(address(usdc), USDC_PRICE);
        enrol(ALICE, version);
        nextEpoch();
        uint256 requestId = requestForUsdc(version);
        assertEq(oracle.bondOf(requestId), MIN_BOND, "bond");
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        assertEq(operators.operator(ALICE).stake, 100 ether, "nothing taken");
    }

    function test_only_the_operator_registry_brings_penalties() public {
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotOperatorRegistry.selector, DAVE));
        vm.prank(DAVE);
        oracle.acceptPenalty{value: 1}();
        (bool accepted, ) = address(oracle).call{value: 1}("");
        assertFalse(accepted, "no plain ETH");
    }

    // ---------------------------------------------------------------- many at once

    function test_many_answers_skip_what_the_caller_cannot_answer() public {
        uint256[] memory ids = new uint256[](6);
        bytes[][] memory outputs = new bytes[][](6);
        ids[0] = requestDigits();
        ids[1] = 99;
        IInferenceOracle.RequestOptions memory o = options();
        o.minBond = 101 ether;
        ids[2] = requestDigits(o);
        ids[3] = requestDigits();
        vm.prank(CAROL);
        ids[4] = oracle.requestCallback{value: PRICE}(prose, "", address(0), 0, "");
        vm.warp(block.timestamp + EXCLUSIVE);
        ids[5] = requestDigits();
        for (uint256 i = 0; i < 6; ++i) outputs[i] = one(hex"beef");
        outputs[2] = new bytes[](0);

        vm.prank(CAROL);
        oracle.assertMany(ids, outputs);
        assertEq(oracle.assertion(ids[0]).operator, CAROL, "answered");
        assertStatus(ids[1], IInferenceOracle.Status.None);
        assertStatus(ids[2], IInferenceOracle.Status.Open);
        assertEq(oracle.assertion(ids[3]).operator, CAROL, "answered");
        assertStatus(ids[4], IInferenceOracle.Status.Open);
        assertStatus(ids[5], IInferenceOracle.Status.Open);
        assertEq(operators.operator(CAROL).locked, 20 * PRICE, "two bonds");
    }

    function test_many_answers_need_as_many_outputs() public {
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputCount.selector, 1, 2));
        oracle.assertMany(new uint256[](2), new bytes[][](1));
    }

    function test_a_malformed_output_among_many_reverts_all() public {
        uint256[] memory ids = new uint256[](1);
        bytes[][] memory outputs = new bytes[][](1);
        ids[0] = requestDigits();
        outputs[0] = one(hex"be");
        vm.warp(block.timestamp + EXCLUSIVE);
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputLength.selector, 0, 1, 2, 2));
        vm.prank(CAROL);
        oracle.assertMany(ids, outputs);
    }

    /// For anybody at any time.
    function test_whose_turn_it_is_can_be_told_from_the_outside(
        uint256 who,
        uint256 delay,
        uint256 blocks,
        uint256 bond
    ) public {
        address caller = [ALICE, BOB, CAROL, DAVE][who % 4];
        IInferenceOracle.RequestOptions memory o = options();
        o.minBond = uint128(bound(bond, 0, 110 ether));
        uint256 value = total(digits);
        vm.prank(address(client));
        uint256 requestId = oracle.requestInference{value: value}(digits, 1, hex"01020304", address(0), 0, "", o);
        vm.warp(block.timestamp + bound(delay, 0, DEADLINE + 2));
        vm.roll(block.number + bound(blocks, 0, 4));
        bool may = mayAssert(requestId, caller);
        vm.prank(caller);
        (bool success, ) = address(oracle).call(abi.encodeCall(oracle.assertOutputs, (requestId, one(hex"beef"))));
        assertTrue(success == may, "said so");
    }

    // ---------------------------------------------------------------- helpers

    /// Of Dave's.
    function requestForUsdc(uint256 version) private returns (uint256 requestId) {
        usdc.mint(DAVE, USDC_PRICE);
        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(usdc);
        vm.startPrank(DAVE);
        usdc.approve(address(oracle), USDC_PRICE);
        requestId = oracle.requestInference(version, 1, hex"01020304", address(0), 0, "", o);
        vm.stopPrank();
        vm.roll(block.number + 2);
    }

    function node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(1), left, right));
    }
}
