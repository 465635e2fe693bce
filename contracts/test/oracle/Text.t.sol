// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IAIOracle} from "../../src/interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {Prompt} from "../../src/examples/Prompt.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// A version that writes text: it reads 16 bytes and writes 10 at most.
contract TextTest is OracleFixture {
    uint256 private writer;
    Prompt private prompt;

    function setUp() public override {
        super.setUp();
        IModelRegistry.Price[] memory prices = new IModelRegistry.Price[](1);
        prices[0].amount = PRICE;
        writer = publish(IModelRegistry.IOBounds(1, 15, 0, 10, 16), ROOT, prices);
        prompt = new Prompt(IAIOracle(address(oracle)));
        enlist(ALICE, 10 ether, writer);
    }

    function ask(string memory text) private returns (uint256 requestId) {
        uint256 fee = prompt.estimateFee(writer);
        vm.prank(BOB);
        requestId = prompt.calculateAIResult{value: fee}(writer, text);
        vm.roll(block.number + 2);
    }

    function finish(uint256 requestId, bytes memory output) private {
        skip(SAFE);
        oracle.finalizeAndDeliver(requestId, one(output), "");
    }

    function test_a_contract_written_for_OAO_is_told_what_the_model_writes() public {
        uint256 requestId = ask("once upon");
        answer(ALICE, requestId, " a time");
        finish(requestId, " a time");
        assertEq(bytes(prompt.getAIResult(writer, "once upon")), " a time", "text");
        (address sender, , , bytes memory output) = prompt.requests(requestId);
        assertEq(sender, BOB, "sender");
        assertEq(output, " a time", "output");
        assertTrue(oracle.isFinalized(requestId), "final");
    }

    function test_a_prompt_is_shorter_than_the_context_and_not_empty() public {
        uint256 fee = prompt.estimateFee(writer);
        bytes4 wrong = IInferenceOracle.InferenceOracle_WrongInputLength.selector;
        refuse(abi.encodeWithSelector(wrong, 0, 1, 15));
        prompt.calculateAIResult{value: fee}(writer, "");
        refuse(abi.encodeWithSelector(wrong, 16, 1, 15));
        prompt.calculateAIResult{value: fee}(writer, "0123456789abcdef");
        prompt.calculateAIResult{value: fee}(writer, "0123456789abcde");
        prompt.calculateAIResult{value: fee}(writer, "0");
    }

    function test_a_prompt_is_bytes_whatever_they_mean() public {
        uint256 requestId = ask(string(bytes(hex"ff00fe")));
        answer(ALICE, requestId, hex"80ff");
        finish(requestId, hex"80ff");
    }

    function test_prompts_come_one_at_a_time() public {
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongBatchSize.selector, 2, 1));
        oracle.requestInference{value: 2 * PRICE}(writer, 2, "abcd", address(0), 0, "", options());
    }

    function test_an_answer_has_no_more_bytes_than_the_version_writes() public {
        uint256 requestId = ask("once");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputLength.selector, 0, 11, 0, 10));
        answer(ALICE, requestId, "0123456789a");
        answer(ALICE, requestId, "0123456789");
    }

    function test_an_answer_has_no_more_bytes_than_the_context_has_left() public {
        uint256 requestId = ask("once upon a ");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputLength.selector, 0, 5, 0, 4));
        answer(ALICE, requestId, "times");
        answer(ALICE, requestId, "time");
    }

    function test_an_answer_may_be_that_the_model_has_nothing_to_add() public {
        uint256 requestId = ask("The end.");
        answer(ALICE, requestId, "");
        finish(requestId, "");
        assertEq(bytes(prompt.getAIResult(writer, "The end.")), "", "text");
    }

    function test_no_text_goes_on_behind_its_end() public {
        uint256 requestId = ask("once");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_EndInsideText.selector, requestId));
        answer(ALICE, requestId, "a\x00b");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_EndInsideText.selector, requestId));
        answer(ALICE, requestId, "ab\x00");
        assertStatus(requestId, IInferenceOracle.Status.Open);
    }

    function test_tensors_may_have_any_bytes() public {
        enrol(ALICE, prose);
        uint256 requestId = oracle.requestCallback{value: PRICE}(prose, "input", address(0), 0, "");
        answer(ALICE, requestId, hex"610062");
    }

    function test_what_the_estimate_has_too_much_for_a_long_prompt_becomes_credit() public {
        uint256 before = oracle.creditOf(address(prompt), ETH);
        uint256 requestId = ask("once upon a ");
        IInferenceOracle.Request memory r = oracle.request(requestId);
        uint256 left = prompt.estimateFee(writer) - r.fee - r.gasPrepaid;
        assertGt(left, 0, "six bytes that cannot come");
        assertEq(oracle.creditOf(address(prompt), ETH) - before, left, "credit");
    }

    function testFuzz_an_answer_fits_exactly_where_it_can_come_from_the_model(
        uint8 promptBytes,
        bytes memory output
    ) public {
        uint256 length = bound(promptBytes, 1, 15);
        uint256 requestId = ask(string(filled(length)));
        uint256 room = 16 - length < 10 ? 16 - length : 10;
        bytes memory error_;
        if (output.length > room) {
            bytes4 wrong = IInferenceOracle.InferenceOracle_WrongOutputLength.selector;
            error_ = abi.encodeWithSelector(wrong, 0, output.length, 0, room);
        } else {
            for (uint256 i = 0; i < output.length; ++i) {
                if (output[i] != 0) continue;
                error_ = abi.encodeWithSelector(IInferenceOracle.InferenceOracle_EndInsideText.selector, requestId);
            }
        }
        if (error_.length != 0) refuse(error_);
        answer(ALICE, requestId, output);
    }

    function filled(uint256 length) private pure returns (bytes memory text) {
        text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            text[i] = "a";
        }
    }
}
