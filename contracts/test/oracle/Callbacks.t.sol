// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {Client} from "./Clients.sol";
import {IAIOracle} from "../../src/interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";

/// Deliveries: when, how often, with what gas, and whatever the client does.
contract CallbacksTest is OracleFixture {
    function setUp() public override {
        super.setUp();
        enlist(ALICE, 100 ether, digits);
        nextEpoch();
        enlist(BOB, 100 ether, digits);
    }

    // ---------------------------------------------------------------- when

    function test_a_final_callback_waits_until_the_answer_is_final() public {
        uint256 requestId = answered();
        refuseDelivery(requestId);
        oracle.deliver(requestId, one(hex"beef"), "data");
        finalize(requestId);
        vm.expectEmit(address(oracle));
        emit IAIOracle.AICallbackResult(address(client), requestId, address(this), hex"beef");
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertTrue(oracle.assertion(requestId).delivered, "delivered");
        assertEq(client.calls(), 1, "calls");
    }

    function test_an_optimistic_callback_runs_at_once_and_again_only_if_the_answer_changed() public {
        uint256 requestId = answered(optimistic());
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertEq(client.lastOutput(), hex"beef", "first answer");
        refuseDelivery(requestId);
        oracle.deliver(requestId, one(hex"beef"), "data");

        judge.convict(oracle, requestId, BOB);
        refuseDelivery(requestId);
        oracle.deliver(requestId, one(hex"beef"), "data");
        answer(BOB, requestId, hex"0001");
        assertFalse(oracle.assertion(requestId).delivered, "the new one is not delivered");
        oracle.deliver(requestId, one(hex"0001"), "data");
        assertEq(client.lastOutput(), hex"0001", "second answer");
        assertEq(client.calls(), 2, "calls");

        finalize(requestId);
        refuseDelivery(requestId);
        oracle.deliver(requestId, one(hex"0001"), "data");
    }

    function test_an_optimistic_client_not_called_yet_is_called_when_final() public {
        uint256 requestId = answered(optimistic());
        vm.warp(block.timestamp + SAFE);
        oracle.finalizeAndDeliver(requestId, one(hex"beef"), "data");
        assertEq(client.calls(), 1, "calls");
    }

    function test_finalizing_and_delivering_leaves_alone_what_was_delivered_or_has_no_callback() public {
        uint256 requestId = answered(optimistic());
        oracle.deliver(requestId, one(hex"beef"), "data");
        vm.warp(block.timestamp + SAFE);
        oracle.finalizeAndDeliver(requestId, new bytes[](0), "");
        assertEq(client.calls(), 1, "calls");

        vm.prank(DAVE);
        requestId = oracle.requestCallback{value: PRICE}(digits, hex"01020304", address(0), 0, "");
        vm.warp(block.timestamp + EXCLUSIVE);
        answer(ALICE, requestId, hex"beef");
        vm.warp(block.timestamp + SAFE);
        oracle.finalizeAndDeliver(requestId, new bytes[](0), "");
        assertStatus(requestId, IInferenceOracle.Status.Final);
        refuseDelivery(requestId);
        oracle.deliver(requestId, one(hex"beef"), "");
    }

    function test_what_was_not_answered_or_is_refunded_is_not_delivered() public {
        uint256 requestId = requestDigits(optimistic());
        refuseDelivery(requestId);
        oracle.deliver(requestId, one(hex"beef"), "data");
        vm.warp(oracle.deadlineOf(requestId) + 1);
        oracle.refund(requestId);
        refuseDelivery(requestId);
        oracle.deliver(requestId, one(hex"beef"), "data");
    }

    // ---------------------------------------------------------------- what

    function test_other_bytes_than_those_answered_and_asked_for_are_refused() public {
        uint256 requestId = answered(optimistic());
        bytes4 mismatch = IInferenceOracle.InferenceOracle_BytesMismatch.selector;
        refuse(abi.encodeWithSelector(mismatch, leafOf(hex"0001"), leafOf(hex"beef")));
        oracle.deliver(requestId, one(hex"0001"), "data");
        refuse(abi.encodeWithSelector(mismatch, keccak256("date"), keccak256("data")));
        oracle.deliver(requestId, one(hex"beef"), "date");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputCount.selector, 2, 1));
        oracle.deliver(requestId, new bytes[](2), "data");
        oracle.deliver(requestId, one(hex"beef"), "data");
    }

    function test_a_batch_is_delivered_as_its_items_one_after_another() public {
        uint256 value = oracle.estimateFeeBatch(digits, 200_000, 3);
        vm.prank(address(client));
        uint256 requestId = oracle.requestInference{value: value}(
            digits,
            3,
            new bytes(12),
            address(client),
            200_000,
            "",
            optimistic()
        );
        vm.roll(block.number + 2);
        bytes[] memory outputs = new bytes[](3);
        (outputs[0], outputs[1], outputs[2]) = (bytes(hex"0a0b"), bytes(hex"0c0d"), bytes(hex"0e0f"));
        vm.prank(ALICE);
        oracle.assertOutputs(requestId, outputs);
        oracle.deliver(requestId, outputs, "");
        assertEq(client.lastOutput(), hex"0a0b0c0d0e0f", "output");
        assertEq(client.lastData(), "", "data");
    }

    // ---------------------------------------------------------------- failing

    function test_a_callback_that_reverts_is_stored_and_can_be_tried_again() public {
        uint256 requestId = answered();
        client.behave(Client.Behaviour.Revert);
        vm.warp(block.timestamp + SAFE);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.CallbackFailed(requestId, 1, abi.encodeWithSelector(Client.Refused.selector, requestId));
        oracle.finalizeAndDeliver(requestId, one(hex"beef"), "data");
        assertStatus(requestId, IInferenceOracle.Status.Final);
        assertTrue(oracle.assertion(requestId).callbackFailed, "failed");
        assertFalse(oracle.assertion(requestId).delivered, "not delivered");
        assertEq(router.creditOf(ALICE, ETH), PRICE / 5, "the operator is paid nevertheless");

        client.behave(Client.Behaviour.Accept);
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertFalse(oracle.assertion(requestId).callbackFailed, "not failed");
        assertTrue(oracle.assertion(requestId).delivered, "delivered");
        assertEq(client.calls(), 1, "calls");
    }

    function test_a_callback_that_burns_all_its_gas_burns_no_more() public {
        uint256 requestId = failing(Client.Behaviour.BurnAllGas);
        uint256 before = gasleft();
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertLt(before - gasleft(), 100_000 + oracle.DELIVERY_GAS(), "gas");
        assertTrue(oracle.assertion(requestId).callbackFailed, "failed");
    }

    function test_of_a_megabyte_of_reasons_256_bytes_are_kept() public {
        // A megabyte of memory costs more than the usual limit, and is charged to the client.
        uint256 value = oracle.estimateFee(digits, 3_000_000);
        vm.prank(address(client));
        uint256 requestId = oracle.requestInference{value: value}(
            digits,
            1,
            hex"01020304",
            address(client),
            3_000_000,
            "data",
            optimistic()
        );
        vm.roll(block.number + 2);
        answer(ALICE, requestId, hex"beef");
        client.behave(Client.Behaviour.RevertWithMegabyte);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.CallbackFailed(requestId, 1, new bytes(256));
        oracle.deliver(requestId, one(hex"beef"), "data");
    }

    function test_a_retry_delivers_the_current_answer_only() public {
        uint256 requestId = failing(Client.Behaviour.Revert);
        oracle.deliver(requestId, one(hex"beef"), "data");
        judge.convict(oracle, requestId, BOB);
        answer(BOB, requestId, hex"0001");
        client.behave(Client.Behaviour.Accept);
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_BytesMismatch.selector,
                leafOf(hex"beef"),
                leafOf(hex"0001")
            )
        );
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertFalse(oracle.assertion(requestId).callbackFailed, "another answer, another try");
        oracle.deliver(requestId, one(hex"0001"), "data");
        assertEq(client.lastOutput(), hex"0001", "output");
    }

    function test_a_client_without_code_is_delivered_to_in_vain() public {
        uint256 value = total(digits);
        vm.prank(DAVE);
        uint256 requestId = oracle.requestCallback{value: value}(digits, hex"01020304", DAVE, 100_000, "");
        vm.roll(block.number + 2);
        answer(ALICE, requestId, hex"beef");
        finalize(requestId);
        oracle.deliver(requestId, one(hex"beef"), "");
        assertTrue(oracle.assertion(requestId).delivered, "delivered");
    }

    // ---------------------------------------------------------------- gas

    function test_a_delivery_that_could_not_give_the_client_its_gas_is_refused() public {
        uint256 requestId = answered(optimistic());
        bytes memory call = abi.encodeCall(oracle.deliver, (requestId, one(hex"beef"), "data"));
        (bool success, bytes memory returned) = address(oracle).call{gas: 170_000}(call);
        assertFalse(success, "refused");
        assertEq(bytes32(bytes4(returned)), bytes32(IInferenceOracle.InferenceOracle_NotEnoughGas.selector), "why");
        assertEq(client.calls(), 0, "calls");
    }

    /// However much gas a caller gives: the client gets all it was promised, or nothing happens.
    function test_no_caller_can_starve_the_client(uint256 gas_) public {
        uint256 requestId = failing(Client.Behaviour.BurnAllGas);
        gas_ = bound(gas_, 30_000, 500_000);
        vm.recordLogs();
        (bool success, ) = address(oracle).call{gas: gas_}(
            abi.encodeCall(oracle.deliver, (requestId, one(hex"beef"), "data"))
        );
        if (!success) assertFalse(oracle.assertion(requestId).callbackFailed, "no failure is stored");
        else assertGt(gas_, 100_000 + 90_000, "gas limit and what comes after it");
    }

    function test_the_invoker_is_repaid_and_the_rest_returned() public {
        uint256 half = gasHalf(digits);
        uint256 requestId = answered();
        finalize(requestId);
        vm.prank(DAVE);
        oracle.deliver(requestId, one(hex"beef"), "data");
        uint256 paid = oracle.creditOf(DAVE, ETH);
        assertGt(paid, 50_000 gwei, "repaid");
        assertLe(paid, half, "of one callback's half");
        assertEq(oracle.creditOf(address(client), ETH), 2 * half - paid, "returned");
        assertEq(address(oracle).balance, 2 * half, "all of it");
    }

    function test_no_delivery_is_paid_more_than_its_half() public {
        uint256 half = gasHalf(digits);
        uint256 requestId = answered();
        finalize(requestId);
        vm.fee(50 gwei);
        vm.prank(DAVE);
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertEq(oracle.creditOf(DAVE, ETH), half, "its half");
        assertEq(oracle.creditOf(address(client), ETH), half, "the other");
    }

    function test_two_deliveries_are_paid_and_no_third() public {
        uint256 half = gasHalf(digits);
        uint256 requestId = failing(Client.Behaviour.Revert);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(DAVE);
            oracle.deliver(requestId, one(hex"beef"), "data");
        }
        uint256 paid = oracle.creditOf(DAVE, ETH);
        uint256 returned = oracle.creditOf(address(client), ETH);
        assertEq(paid + returned, 2 * half, "all is settled");
        client.behave(Client.Behaviour.Accept);
        vm.prank(DAVE);
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertEq(oracle.creditOf(DAVE, ETH), paid, "the third is unpaid");
        finalize(requestId);
        assertEq(oracle.creditOf(address(client), ETH), returned, "nothing is left to return");
        assertEq(client.calls(), 1, "calls");
    }

    function test_the_second_half_returns_when_the_delivered_answer_is_final() public {
        uint256 half = gasHalf(digits);
        uint256 requestId = answered(optimistic());
        vm.prank(DAVE);
        oracle.deliver(requestId, one(hex"beef"), "data");
        uint256 paid = oracle.creditOf(DAVE, ETH);
        assertEq(oracle.creditOf(address(client), ETH), half - paid, "the rest of the first half");
        vm.warp(block.timestamp + SAFE);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.GasSettled(requestId, BOB, 0, half);
        vm.prank(BOB);
        oracle.finalize(requestId);
        assertEq(oracle.creditOf(address(client), ETH), 2 * half - paid, "and the second");
    }

    function test_a_refund_after_a_conviction_returns_what_no_delivery_used() public {
        uint256 half = gasHalf(digits);
        uint256 requestId = answered(optimistic());
        vm.prank(DAVE);
        oracle.deliver(requestId, one(hex"beef"), "data");
        uint256 paid = oracle.creditOf(DAVE, ETH);
        judge.convict(oracle, requestId, BOB);
        vm.warp(oracle.deadlineOf(requestId) + 1);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.RequestRefunded(requestId, address(client), ETH, PRICE, half);
        oracle.refund(requestId);
        assertEq(oracle.creditOf(address(client), ETH), PRICE + 2 * half - paid, "all but what was paid");
    }

    function test_the_stated_overhead_covers_the_longest_output() public {
        client.behave(Client.Behaviour.Ignore);
        enrol(ALICE, prose);
        uint256 value = total(prose);
        vm.prank(address(client));
        uint256 requestId = oracle.requestInference{value: value}(
            prose,
            1,
            "why?",
            address(client),
            100_000,
            "data",
            optimistic()
        );
        bytes memory longest = new bytes(1_000);
        for (uint256 i = 0; i < 1_000; ++i) longest[i] = 0xff;
        answer(ALICE, requestId, longest);
        vm.prank(DAVE);
        oracle.deliver(requestId, one(longest), "data");
        uint256 overhead = oracle.DELIVERY_GAS() + 1_000 * oracle.DELIVERY_GAS_PER_BYTE();
        assertTrue(oracle.assertion(requestId).delivered, "delivered");
        assertLt(oracle.creditOf(DAVE, ETH), overhead * 1 gwei, "paid for what it used");
    }

    // ---------------------------------------------------------------- entering again

    function test_a_client_may_make_its_next_request_in_its_callback() public {
        uint256 requestId = answered(optimisticWith(600_000));
        uint256 value = total(digits);
        bytes memory next = abi.encodeCall(
            oracle.requestInference,
            (digits, 1, hex"01020304", address(client), 100_000, "data", options())
        );
        client.reenter(address(oracle), value, next);
        uint256 held = address(oracle).balance;
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertTrue(client.reentrySucceeded(), "requested");
        assertEq(oracle.requestCount(), 2, "the next one");
        assertStatus(abi.decode(client.reentryReturned(), (uint256)), IInferenceOracle.Status.Open);
        assertTrue(oracle.assertion(requestId).delivered, "delivered");
        assertEq(address(oracle).balance, held + value, "paid for");
    }

    function test_a_client_may_pay_its_next_request_with_its_credit_in_its_callback() public {
        // A first request timed out: credit of at least its price.
        uint256 first = requestDigits();
        vm.warp(oracle.deadlineOf(first) + 1);
        oracle.refund(first);
        uint256 requestId = answered(optimisticWith(600_000));
        uint256 credit = oracle.creditOf(address(client), ETH);
        client.reenter(
            address(oracle),
            0,
            abi.encodeCall(oracle.requestInference, (digits, 1, hex"01020304", address(0), 0, "", options()))
        );
        vm.prank(DAVE);
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertTrue(client.reentrySucceeded(), "requested");
        (, uint256 prepaid) = oracle.quote(digits, 600_000, 1, ETH);
        uint256 paid = oracle.creditOf(DAVE, ETH);
        assertEq(
            oracle.creditOf(address(client), ETH),
            credit - PRICE + prepaid / 2 - paid,
            "the fee went, unused gas came"
        );
    }

    function test_a_callback_can_do_nothing_else() public {
        uint256 other = answered(optimistic());
        uint256 open = requestDigits();
        bytes[7] memory calls = [
            abi.encodeCall(oracle.deliver, (other, one(hex"beef"), "data")),
            abi.encodeCall(oracle.finalize, (other)),
            abi.encodeCall(oracle.finalizeAndDeliver, (other, one(hex"beef"), "data")),
            abi.encodeCall(oracle.refund, (open)),
            abi.encodeCall(oracle.withdrawCredit, (ETH, address(client))),
            abi.encodeCall(oracle.assertOutputs, (open, one(hex"beef"))),
            abi.encodeCall(oracle.assertMany, (new uint256[](0), new bytes[][](0)))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 requestId = answered(optimisticWith(600_000));
            client.reenter(address(oracle), 0, calls[i]);
            oracle.deliver(requestId, one(hex"beef"), "data");
            assertFalse(client.reentrySucceeded(), "refused");
            assertEq(
                client.reentryReturned(),
                abi.encodeWithSelector(IInferenceOracle.InferenceOracle_Reentered.selector),
                "by the guard"
            );
        }
    }

    function test_a_callback_cannot_deliver_itself_again() public {
        uint256 requestId = answered(optimisticWith(600_000));
        client.reenter(address(oracle), 0, abi.encodeCall(oracle.deliver, (requestId, one(hex"beef"), "data")));
        oracle.deliver(requestId, one(hex"beef"), "data");
        assertFalse(client.reentrySucceeded(), "refused");
        assertEq(client.calls(), 1, "calls");
    }

    // ---------------------------------------------------------------- helpers

    uint64 private _gasLimit = 100_000;

    function optimistic() private pure returns (IInferenceOracle.RequestOptions memory o) {
        o = options();
        o.mode = IInferenceOracle.CallbackMode.Optimistic;
    }

    /// Options of a request whose callback has `gasLimit`.
    function optimisticWith(uint64 gasLimit) private returns (IInferenceOracle.RequestOptions memory) {
        _gasLimit = gasLimit;
        return optimistic();
    }

    /// As the fixture's, with this test's gas limit.
    function answered(IInferenceOracle.RequestOptions memory o) internal override returns (uint256 requestId) {
        uint256 value = oracle.estimateFee(digits, _gasLimit);
        vm.prank(address(client));
        requestId = oracle.requestInference{value: value}(
            digits,
            1,
            hex"01020304",
            address(client),
            _gasLimit,
            "data",
            o
        );
        vm.roll(block.number + 2);
        answer(ALICE, requestId, hex"beef");
    }

    function failing(Client.Behaviour behaviour) private returns (uint256 requestId) {
        requestId = answered(optimistic());
        client.behave(behaviour);
    }

    function finalize(uint256 requestId) private {
        vm.warp(oracle.assertion(requestId).finalAt);
        oracle.finalize(requestId);
    }

    function refuseDelivery(uint256 requestId) private {
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotDeliverable.selector, requestId));
    }
}
