// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {Prompt} from "../../src/examples/Prompt.sol";
import {ReenteringERC20} from "../support/ReenteringERC20.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IRevenueRouter} from "../../src/interfaces/IRevenueRouter.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";

/// How requests end: final, refunded, or convicted and answered again. And how money leaves.
contract SettlementTest is OracleFixture {
    function setUp() public override {
        super.setUp();
        enlist(ALICE, 100 ether, digits);
        enrol(ALICE, tokens);
        nextEpoch();
        enlist(BOB, 100 ether, digits);
        enlist(CAROL, 100 ether, digits);
    }

    // ---------------------------------------------------------------- final

    function test_an_answer_is_not_final_before_its_window_is_over() public {
        uint256 requestId = answered();
        uint256 finalAt = block.timestamp + SAFE;
        vm.warp(finalAt - 1);
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WindowOpen.selector, requestId, finalAt));
        oracle.finalize(requestId);
        vm.warp(finalAt);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.RequestFinalized(requestId, ALICE, PRICE);
        vm.prank(DAVE);
        oracle.finalize(requestId);
    }

    function test_the_window_is_the_requests_own() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.window = FAST;
        uint256 requestId = answered(o);
        assertEq(oracle.assertion(requestId).finalAt, block.timestamp + FAST, "final");
        vm.warp(block.timestamp + FAST);
        oracle.finalize(requestId);
        assertStatus(requestId, IInferenceOracle.Status.Final);
    }

    function test_an_answer_under_dispute_is_not_final() public {
        uint256 requestId = answered();
        judge.dispute(requestId);
        vm.warp(block.timestamp + 2 * uint256(SAFE));
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_DisputeOpen.selector, requestId));
        oracle.finalize(requestId);
        judge.acquit(requestId);
        oracle.finalize(requestId);
        assertStatus(requestId, IInferenceOracle.Status.Final);
    }

    function test_without_a_judge_the_window_alone_decides() public {
        (OperatorRegistry own, InferenceOracle unjudged) = deploy(address(0));
        vm.startPrank(ALICE);
        own.register{value: 10 ether}("");
        own.enrol(digits, ROOT);
        uint256 requestId = unjudged.requestCallback{value: PRICE}(digits, hex"01020304", address(0), 0, "");
        unjudged.assertOutputs(requestId, one(hex"beef"));
        vm.warp(block.timestamp + SAFE);
        unjudged.finalize(requestId);
        vm.stopPrank();
        assertTrue(unjudged.isFinalized(requestId), "final");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotDisputeGame.selector, ALICE));
        vm.prank(ALICE);
        unjudged.voidAssertion(requestId, ALICE);
    }

    function test_a_request_ends_once() public {
        uint256 requestId = answered();
        vm.warp(block.timestamp + SAFE);
        oracle.finalize(requestId);
        bytes memory error_ = abi.encodeWithSelector(
            IInferenceOracle.InferenceOracle_WrongStatus.selector,
            requestId,
            IInferenceOracle.Status.Final
        );
        refuse(error_);
        oracle.finalize(requestId);
        refuse(error_);
        oracle.refund(requestId);
        refuse(error_);
        judge.convict(oracle, requestId, BOB);
        refuse(error_);
        answer(ALICE, requestId, hex"beef");
    }

    function test_what_was_not_answered_cannot_be_finalized() public {
        uint256 requestId = requestDigits();
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                requestId,
                IInferenceOracle.Status.Open
            )
        );
        oracle.finalize(requestId);
    }

    // ---------------------------------------------------------------- refunded

    function test_after_the_deadline_anyone_triggers_the_refund_once() public {
        uint256 paid = total(digits);
        IInferenceOracle.RequestOptions memory o = options();
        o.refundTo = DAVE;
        uint256 requestId = requestDigits(o);
        uint256 deadline = oracle.deadlineOf(requestId);
        vm.warp(deadline);
        refuse(
            abi.encodeWithSelector(IInferenceOracle.InferenceOracle_DeadlineNotPassed.selector, requestId, deadline)
        );
        oracle.refund(requestId);
        vm.warp(deadline + 1);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.RequestRefunded(requestId, DAVE, ETH, PRICE, paid - PRICE);
        vm.prank(BOB);
        oracle.refund(requestId);
        assertStatus(requestId, IInferenceOracle.Status.Refunded);
        assertEq(oracle.creditOf(DAVE, ETH), paid + PRICE, "all that was paid, and the penalty");
        assertEq(client.calls(), 0, "no callback");
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                requestId,
                IInferenceOracle.Status.Refunded
            )
        );
        oracle.refund(requestId);
    }

    function test_an_answered_request_is_not_refunded() public {
        uint256 requestId = answered();
        vm.warp(block.timestamp + DEADLINE + 1);
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                requestId,
                IInferenceOracle.Status.Asserted
            )
        );
        oracle.refund(requestId);
    }

    // ---------------------------------------------------------------- convicted

    function test_only_the_judge_convicts() public {
        uint256 requestId = answered();
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotDisputeGame.selector, BOB));
        vm.prank(BOB);
        oracle.voidAssertion(requestId, BOB);
    }

    function test_a_conviction_takes_the_bond_and_reopens_the_request_for_the_challenger() public {
        uint256 requestId = answered();
        skip(2 hours);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.AssertionVoided(requestId, ALICE, BOB);
        judge.convict(oracle, requestId, BOB);

        assertEq(address(judge).balance, 10 * PRICE, "the judge has the bond");
        assertEq(operators.operator(ALICE).stake, 100 ether - 10 * PRICE, "slashed");
        assertEq(operators.operator(ALICE).locked, 0, "nothing locked");
        assertStatus(requestId, IInferenceOracle.Status.Open);
        assertEq(oracle.assertion(requestId).operator, address(0), "no answer stands");
        assertEq(oracle.assertion(requestId).outputRoot, bytes32(0), "no answer stands");
        assertEq(oracle.assertion(requestId).round, 1, "one was given");
        assertEq(oracle.deadlineOf(requestId), block.timestamp + DEADLINE, "a full deadline");
        (address alone, uint256 until) = oracle.drawnOperator(requestId);
        assertEq(alone, BOB, "challenger");
        assertEq(until, block.timestamp + EXCLUSIVE, "until");

        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotDrawn.selector, CAROL, BOB, until));
        answer(CAROL, requestId, hex"0001");
        assertTrue(mayAssert(requestId, BOB), "Bob may");
        assertFalse(mayAssert(requestId, CAROL), "Carol may not");
        answer(BOB, requestId, hex"0001");
        assertEq(oracle.assertion(requestId).round, 2, "round");
        assertEq(oracle.assertion(requestId).finalAt, block.timestamp + SAFE, "a full window");
        vm.warp(block.timestamp + SAFE);
        oracle.finalize(requestId);
        assertEq(router.creditOf(BOB, ETH), PRICE / 5, "Bob's answer, Bob's share");
        assertEq(router.creditOf(ALICE, ETH), 0, "nothing for Alice");
    }

    function test_a_challenger_that_does_not_answer_forfeits_nothing() public {
        uint256 requestId = answered();
        judge.convict(oracle, requestId, BOB);
        vm.warp(block.timestamp + EXCLUSIVE);
        answer(CAROL, requestId, hex"0001");
        assertEq(operators.operator(BOB).stake, 100 ether, "stake");

        requestId = answered();
        judge.convict(oracle, requestId, BOB);
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        assertEq(operators.operator(BOB).stake, 100 ether, "stake");
        assertEq(operators.operator(ALICE).stake, 100 ether - 20 * PRICE, "no penalty beside the bonds");
    }

    function test_a_challenger_answers_under_its_own_bond_and_enrolled() public {
        uint256 requestId = answered();
        judge.convict(oracle, requestId, DAVE);
        assertFalse(mayAssert(requestId, DAVE), "not enrolled");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotEnrolled.selector, DAVE, digits));
        answer(DAVE, requestId, hex"0001");
        enlist(DAVE, 100 ether, digits);
        answer(DAVE, requestId, hex"0001");
        assertEq(operators.operator(DAVE).locked, 10 * PRICE, "bond");
    }

    function test_a_conviction_without_a_challenger_reopens_for_anyone() public {
        uint256 requestId = answered();
        judge.convict(oracle, requestId, address(0));
        (address alone, uint256 until) = oracle.drawnOperator(requestId);
        assertEq(alone, address(0), "nobody");
        assertEq(until, 0, "nobody");
        assertTrue(mayAssert(requestId, CAROL), "anyone");
        answer(CAROL, requestId, hex"0001");
    }

    function test_the_bond_of_the_next_round_begins_anew() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.minBond = 2 ether;
        uint256 requestId = requestDigits(o);
        vm.fee(1_000 gwei);
        answer(ALICE, requestId, hex"beef");
        assertEq(oracle.assertion(requestId).bond, 4.25 ether, "by gas");
        vm.fee(1 gwei);
        judge.convict(oracle, requestId, BOB);
        assertEq(oracle.bondOf(requestId), 2 ether, "as asked");
    }

    function test_a_request_survives_many_convictions() public {
        uint256 requestId = answered();
        vm.startPrank(ALICE);
        operators.addStake{value: 100 ether}();
        vm.stopPrank();
        for (uint256 i = 0; i < 258; ++i) {
            judge.convict(oracle, requestId, ALICE);
            answer(ALICE, requestId, hex"beef");
            if (i == 0) assertEq(oracle.assertion(requestId).round, 2, "round");
        }
        assertEq(oracle.assertion(requestId).round, 255, "stays there");
        vm.warp(block.timestamp + SAFE);
        oracle.finalize(requestId);
        assertStatus(requestId, IInferenceOracle.Status.Final);
    }

    // ---------------------------------------------------------------- ERC-20 fees

    function test_an_erc20_fee_enters_the_waterfall() public {
        uint256 requestId = requestUsdc();
        answer(ALICE, requestId, hex"beef");
        vm.warp(block.timestamp + SAFE);
        oracle.finalize(requestId);
        assertEq(usdc.balanceOf(address(router)), USDC_PRICE, "router");
        assertEq(usdc.balanceOf(address(oracle)), 0, "oracle");
        assertEq(router.creditOf(ALICE, address(usdc)), USDC_PRICE / 5, "the operator's fifth");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NoFeeHeld.selector, requestId));
        oracle.distributeFee(requestId);
    }

    function test_an_erc20_that_does_not_move_cannot_keep_the_bond() public {
        uint256 requestId = requestUsdc();
        answer(ALICE, requestId, hex"beef");
        vm.warp(block.timestamp + SAFE);
        usdc.setBlocked(address(oracle), true);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.FeeHeld(requestId, address(usdc), USDC_PRICE);
        oracle.finalize(requestId);
        assertStatus(requestId, IInferenceOracle.Status.Final);
        assertEq(operators.operator(ALICE).locked, 0, "the bond is free");

        refuse(abi.encodeWithSignature("Blocked(address)", address(oracle)));
        oracle.distributeFee(requestId);
        usdc.setBlocked(address(oracle), false);
        vm.prank(DAVE);
        oracle.distributeFee(requestId);
        assertEq(router.creditOf(ALICE, address(usdc)), USDC_PRICE / 5, "the operator's fifth");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NoFeeHeld.selector, requestId));
        oracle.distributeFee(requestId);
    }

    function test_an_erc20_that_calls_back_gets_nowhere() public {
        ReenteringERC20 token = new ReenteringERC20();
        uint256 version = publishFor(address(token), 1_000);
        enrol(ALICE, version);
        token.mint(address(this), 3_000);
        token.approve(address(oracle), 3_000);
        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(token);
        bytes memory reentered = abi.encodeWithSelector(IInferenceOracle.InferenceOracle_Reentered.selector);

        token.arm(
            address(oracle),
            abi.encodeWithSignature(
                "requestCallback(uint256,bytes,address,uint64,bytes)",
                digits,
                hex"01020304",
                address(0),
                0,
                ""
            )
        );
        uint256 requestId = oracle.requestInference(version, 1, hex"01020304", address(0), 0, "", o);
        assertTrue(token.called() && !token.callSucceeded(), "refused while paying");
        assertEq(token.callReturned(), reentered, "by the guard");

        answer(ALICE, requestId, hex"beef");
        vm.warp(block.timestamp + SAFE);
        token.arm(address(oracle), abi.encodeCall(oracle.distributeFee, (requestId)));
        oracle.finalize(requestId);
        assertTrue(token.called() && !token.callSucceeded(), "refused while distributing");
        assertEq(token.callReturned(), reentered, "by the guard");
        assertEq(token.balanceOf(address(router)), 1_000, "distributed once");

        requestId = oracle.requestInference(version, 1, hex"01020304", address(0), 0, "", o);
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        token.arm(address(oracle), abi.encodeCall(oracle.withdrawCredit, (address(token), address(this))));
        oracle.withdrawCredit(address(token), DAVE);
        assertTrue(token.called() && !token.callSucceeded(), "refused while withdrawing");
        assertEq(token.balanceOf(DAVE), 1_000, "paid once");
    }

    // ---------------------------------------------------------------- credit

    function test_credit_is_paid_to_whom_its_owner_names() public {
        uint256 requestId = requestDigits();
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        uint256 credit = oracle.creditOf(address(client), ETH);
        uint256 before = DAVE.balance;
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.CreditWithdrawn(address(client), ETH, DAVE, credit);
        vm.prank(address(client));
        oracle.withdrawCredit(ETH, DAVE);
        assertEq(DAVE.balance - before, credit, "paid");
        assertEq(address(oracle).balance, 0, "nothing left");
        refuse(
            abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NothingToWithdraw.selector, address(client), ETH)
        );
        vm.prank(address(client));
        oracle.withdrawCredit(ETH, DAVE);
    }

    function test_credit_in_an_erc20_is_paid_in_it() public {
        uint256 requestId = requestUsdc();
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        vm.prank(DAVE);
        oracle.withdrawCredit(address(usdc), BOB);
        assertEq(usdc.balanceOf(BOB), USDC_PRICE, "paid");
    }

    function test_a_withdrawal_that_fails_changes_nothing() public {
        uint256 requestId = requestDigits();
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        uint256 credit = oracle.creditOf(address(client), ETH);
        // The router takes no plain ETH.
        refuse(
            abi.encodeWithSelector(IInferenceOracle.InferenceOracle_PaymentFailed.selector, address(router), credit)
        );
        vm.prank(address(client));
        oracle.withdrawCredit(ETH, address(router));
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_ZeroAddress.selector));
        vm.prank(address(client));
        oracle.withdrawCredit(ETH, address(0));
        assertEq(oracle.creditOf(address(client), ETH), credit, "still there");
    }

    /// Of Dave's.
    function requestUsdc() private returns (uint256 requestId) {
        usdc.mint(DAVE, USDC_PRICE);
        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(usdc);
        vm.startPrank(DAVE);
        usdc.approve(address(oracle), USDC_PRICE);
        requestId = oracle.requestInference(tokens, 1, hex"01020304", address(0), 0, "", o);
        vm.stopPrank();
        vm.roll(block.number + 2);
    }
}
