// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {Prompt} from "../../src/examples/Prompt.sol";
import {IAIOracle} from "../../src/interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";

/// The ordinary course: request, answer, final, callback; and the same through a contract written for OAO.
contract LifecycleTest is OracleFixture {
    function setUp() public override {
        super.setUp();
        enlist(ALICE, 10 ether, digits);
        enrol(ALICE, prose);
        nextEpoch();
    }

    function test_an_answer_becomes_final_after_its_window_and_the_fee_enters_the_waterfall() public {
        uint256 requestId = answered();
        vm.warp(block.timestamp + SAFE);
        oracle.finalize(requestId);

        assertStatus(requestId, IInferenceOracle.Status.Final);
        assertTrue(oracle.isFinalized(requestId), "final");
        assertEq(router.creditOf(ALICE, ETH), PRICE / 5, "the operator's fifth");
        assertEq(router.creditOf(PUBLISHER, ETH), PRICE / 10, "the publisher's tenth");
        assertEq(address(router).balance, PRICE, "the whole fee");
        assertEq(operators.operator(ALICE).locked, 0, "the bond is free");
    }

    function test_the_callback_runs_once_with_the_answer_and_the_data() public {
        uint256 requestId = answered();
        vm.warp(block.timestamp + SAFE);
        vm.prank(BOB);
        oracle.finalizeAndDeliver(requestId, one(hex"beef"), "data");

        assertEq(client.calls(), 1, "calls");
        assertEq(client.lastRequestId(), requestId, "request");
        assertEq(client.lastOutput(), hex"beef", "output");
        assertEq(client.lastData(), "data", "data");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_NotDeliverable.selector, requestId));
        oracle.deliver(requestId, one(hex"beef"), "data");
    }

    function test_a_contract_written_for_OAO_works_unchanged() public {
        Prompt prompt = new Prompt(IAIOracle(address(oracle)));
        uint256 fee = prompt.estimateFee(prose);
        vm.deal(DAVE, fee);
        vm.prank(DAVE);
        uint256 requestId = prompt.calculateAIResult{value: fee}(prose, "why?");
        vm.roll(block.number + 2);

        answer(ALICE, requestId, "because");
        vm.warp(block.timestamp + SAFE);
        vm.prank(BOB);
        oracle.finalizeAndDeliver(requestId, one("because"), "");

        assertEq(bytes(prompt.getAIResult(prose, "why?")), "because", "answer");
        assertTrue(IAIOracle(address(oracle)).isFinalized(requestId), "final");
    }

    function test_all_that_was_paid_is_accounted_for_at_the_end() public {
        uint256 paid = total(digits);
        uint256 requestId = answered();
        vm.warp(block.timestamp + SAFE);
        vm.prank(BOB);
        oracle.finalizeAndDeliver(requestId, one(hex"beef"), "data");

        uint256 invoker = oracle.creditOf(BOB, ETH);
        uint256 returned = oracle.creditOf(address(client), ETH);
        assertGt(invoker, 0, "the invoker is repaid");
        assertEq(invoker + returned + PRICE, paid, "gas repaid, gas returned, fee");
        assertEq(address(oracle).balance, invoker + returned, "what the oracle still holds");
    }
}
