// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {TextSteps} from "../../src/oracle/TextSteps.sol";
import {PlayerTrees} from "./PlayerTrees.sol";
import {Scribe} from "./Scribe.sol";
import {TextFixture} from "./TextFixture.sol";

/// Disputes of one step of a text: of the byte that an answer says comes there, or of its end.
contract TextsTest is TextFixture {
    function assertConvicted(Text memory text) private {
        challengeText(BOB, text);
        proveText(BOB, text, postText(text));

        assertPhase(text.subject, BOB, IDisputeGame.Phase.OperatorLost);
        assertStatus(text.subject.requestId, IInferenceOracle.Status.Open);
    }

    function assertRight(Text memory text) private {
        challengeText(BOB, text);
        IDisputeGame.Trace memory trace = postText(text);

        vm.expectPartialRevert(IDisputeGame.DisputeGame_OperatorWasRight.selector);
        this.proveOutside(text, trace);
    }

    function proveOutside(Text calldata text, IDisputeGame.Trace calldata trace) external {
        proveText(BOB, text, trace);
    }

    // ---------------------------------------------------------------- a wrong text

    function test_a_wrong_byte_is_convicted_by_its_step_alone() public {
        assertConvicted(told("abc", "cccdcccccc", 3));
    }

    function test_a_wrong_byte_is_convicted_move_by_move() public {
        Text memory text = told("abc", "cccdcccccc", 3);
        challengeText(BOB, text);
        IDisputeGame.Trace memory trace = postText(text);
        IDisputeGame.Pick memory choice = IDisputeGame.Pick(
            PlayerTrees.leafOf(claimOf(text)),
            1,
            Scribe.just(PlayerTrees.leafOf(inputOf(text)))
        );

        pickStepBy(BOB, text.subject, trace, choice, Scribe.step());
        game.revealChunk(text.subject, BOB, claimOf(text));
        IDisputeGame.StepProof memory step = Scribe.step();
        IStepVerifier.ElementProof memory proof = Scribe.element(inputOf(text), claimOf(text));
        vm.prank(BOB);
        game.prove(text.subject, trace, step, proof);

        assertPhase(text.subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_an_end_that_comes_too_early_is_convicted() public {
        assertConvicted(told("abc", "cc", 2));
        assertConvicted(told("abc", "", 0));
    }

    function test_a_byte_where_the_model_ended_is_convicted() public {
        assertConvicted(told("ab", "x", 0));
        assertConvicted(told("a", "bx", 1));
    }

    function test_an_operator_that_keeps_silent_about_a_step_loses_by_the_clock() public {
        Text memory text = told("abc", "x", 0);
        challengeText(BOB, text);
        skip(CLOCK + 1);

        timeOut(text.subject, BOB, noTrace());

        assertPhase(text.subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function testFuzz_the_first_wrong_byte_of_any_text_is_convicted(
        bytes memory prompt,
        uint256 step,
        uint256 length,
        uint8 by
    ) public {
        prompt = cut(prompt);
        bytes memory right = Scribe.write(prompt, MOST);
        uint256 room = Scribe.CONTEXT - prompt.length < MOST ? Scribe.CONTEXT - prompt.length : MOST;
        step = bound(step, 0, right.length < room ? right.length : room - 1);
        // As the model has it up to the step; there another byte, or the end, or a byte in place of the end; then anything.
        bytes1 wrong = Scribe.claimOf(right, step)[0] ^ bytes1(uint8(bound(by, 1, 255)));
        length = wrong == 0 ? step : bound(length, step + 1, room);
        bytes memory output = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            output[i] =
                i < step
                    ? right[i]
                    : i == step
                        ? wrong
                        : bytes1("!");
        }

        assertConvicted(told(prompt, output, step));
    }

    /// Any bytes, 1 to 15 of them.
    function cut(bytes memory prompt) private pure returns (bytes memory short) {
        short = new bytes(bound(prompt.length, 1, Scribe.CONTEXT - 1));
        for (uint256 i = 0; i < short.length; ++i) {
            short[i] = i < prompt.length ? prompt[i] : bytes1("a");
        }
    }

    // ---------------------------------------------------------------- a right one

    function testFuzz_no_step_of_a_right_text_is_convicted(bytes memory prompt, uint256 step) public {
        prompt = cut(prompt);
        Text memory text = told(prompt, Scribe.write(prompt, MOST), 0);

        assertRight(at(text, bound(step, 0, claimsOf(text) - 1)));
    }

    function test_every_step_of_a_right_text_stands_beside_the_others() public {
        Text memory text = told("ab", "", 0);
        assertEq(claimsOf(text), 1, "that it ends at once");
        assertRight(text);
        text = told("abc", "cccccccccc", 0);
        assertEq(claimsOf(text), 10, "bytes, and no end: the version writes no more");
        for (uint256 step = 0; step < 10; ++step) {
            assertRight(at(text, step));
        }
    }

    function test_losing_about_one_step_makes_nothing_final_and_another_is_still_convicted() public {
        Text memory text = told("abc", "cx", 0);
        challengeText(CAROL, text);
        IDisputeGame.Trace memory trace = postText(text);
        skip(SAFE - 1);
        Text memory wrong = at(text, 1);
        challengeText(BOB, wrong);
        skip(2);
        timeOut(text.subject, CAROL, trace);
        assertPhase(text.subject, CAROL, IDisputeGame.Phase.ChallengerLost);
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_DisputeOpen.selector, text.subject.requestId));
        oracle.finalize(text.subject.requestId);

        proveText(BOB, wrong, postText(wrong));

        assertStatus(text.subject.requestId, IInferenceOracle.Status.Open);
    }

    // ---------------------------------------------------------------- steps that are not claimed

    function assertNoStep(Text memory text, uint256 steps) private {
        bytes32 root = outputRootOf(text.subject.requestId);
        bytes memory reason = abi.encodeWithSelector(TextSteps.TextSteps_NoSuchStep.selector, text.subject.item, steps);
        vm.prank(BOB);
        vm.expectRevert(reason);
        game.challengeStep{value: BOND}(text.subject, root, text.prompt, text.output);
        IDisputeGame.TraceProof memory proof;
        vm.expectRevert(reason);
        this.postOutside(text, proof);
    }

    function postOutside(Text calldata text, IDisputeGame.TraceProof calldata proof) external {
        postProof(text, proof);
    }

    function test_no_step_behind_the_end_is_claimed() public {
        assertNoStep(told("abc", "ccc", 4), 4);
        assertNoStep(told("ab", "", 1), 1);
    }

    function test_no_end_is_claimed_of_a_text_as_long_as_the_version_writes() public {
        assertNoStep(told("abc", "cccccccccc", 10), 10);
    }

    function test_no_end_is_claimed_of_a_text_that_fills_the_context() public {
        assertNoStep(told("abcdefghijkl", "cccc", 4), 4);
    }

    function test_no_end_is_claimed_of_a_text_as_long_as_the_oracle_takes() public {
        uint256 long = publishText(Scribe.modelRoot(), 20_000, 9_000);
        assertNoStep(toldBy(long, "abc", new256(8_192), 8_192), 8_192);
    }

    function new256(uint256 length) private pure returns (bytes memory text) {
        text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            text[i] = "c";
        }
    }

    // ---------------------------------------------------------------- other bytes than those of the answer

    function assertOtherBytes(Text memory text) private {
        bytes32 root = outputRootOf(text.subject.requestId);
        vm.prank(BOB);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        game.challengeStep{value: BOND}(text.subject, root, text.prompt, text.output);
        IDisputeGame.TraceProof memory proof = Scribe.traceProof(inputOf(text), claimOf(text));
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        this.postOutside(text, proof);
    }

    function test_prompt_and_output_are_those_of_the_request_and_the_answer() public {
        Text memory text = told("abc", "ccx", 2);
        uint256 id = text.subject.requestId;
        assertOtherBytes(Text("abd", "ccx", at(text, 2).subject));
        assertOtherBytes(Text("abc", "ccc", at(text, 2).subject));
        assertOtherBytes(Text("abc", "cc", at(text, 2).subject));
        assertOtherBytes(Text("abcc", "cx", IDisputeGame.Subject(id, 0, 1)));
        assertOtherBytes(Text("ab", "cccx", IDisputeGame.Subject(id, 0, 3)));
        assertOtherBytes(Text("abc\x00", "ccx", at(text, 2).subject));
    }

    function test_a_challenge_is_of_the_answer_it_names() public {
        Text memory text = told("abc", "ccx", 2);
        bytes32 root = outputRootOf(text.subject.requestId);
        vm.prank(BOB);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_OtherAnswer.selector, root, keccak256("another")));
        game.challengeStep{value: BOND}(text.subject, keccak256("another"), text.prompt, text.output);
    }

    // ---------------------------------------------------------------- traces of something else

    function assertTraceRefused(Text memory text, bytes memory input, bytes memory byte_) private {
        IDisputeGame.TraceProof memory proof = Scribe.traceProof(input, byte_);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        this.postOutside(text, proof);
    }

    function test_the_trace_of_a_step_begins_with_what_it_reads_and_ends_with_what_the_answer_says() public {
        Text memory text = told("abc", "cxc", 1);
        challengeText(BOB, text);
        bytes memory input = inputOf(text);

        assertTraceRefused(text, input, "c");
        input[4] = "x";
        assertTraceRefused(text, input, "x");
        assertTraceRefused(text, inputOf(at(text, 2)), "x");
        assertTraceRefused(text, "abc", "cxc");
    }

    function test_the_trace_of_one_step_does_not_pass_for_anothers() public {
        Text memory text = told("abc", "cccc", 1);
        Text memory next = at(text, 2);
        challengeText(BOB, text);
        challengeText(BOB, next);
        IDisputeGame.Trace memory trace = postText(text);
        IDisputeGame.TraceProof memory proof = Scribe.traceProof(inputOf(text), claimOf(text));

        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        this.postOutside(next, proof);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongTrace.selector);
        this.proveOutside(next, trace);
    }

    function test_a_proof_about_one_step_convicts_nobody_of_another() public {
        Text memory wrong = told("abc", "cx", 1);
        Text memory right = at(wrong, 0);
        challengeText(BOB, wrong);
        challengeText(BOB, right);
        postText(wrong);
        IDisputeGame.Trace memory trace = postText(right);
        bytes32[] memory path = Scribe.just(PlayerTrees.leafOf(inputOf(wrong)));
        IStepVerifier.ElementProof memory proof = Scribe.element(inputOf(wrong), claimOf(wrong));
        IDisputeGame.StepProof memory step = Scribe.step();

        vm.prank(BOB);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        game.proveDirect(right.subject, trace, 1, 0, path, step, proof);
    }

    function test_nobody_but_the_operator_posts_it_and_only_once() public {
        Text memory text = told("abc", "cc", 1);
        IDisputeGame.TraceProof memory proof = Scribe.traceProof(inputOf(text), claimOf(text));
        vm.prank(CAROL);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NotOperator.selector, CAROL, ALICE));
        game.postStepTrace(text.subject, Scribe.model(), proof, text.prompt, text.output);

        postText(text);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_TraceAlreadyPosted.selector);
        this.postOutside(text, proof);
    }

    // ---------------------------------------------------------------- texts and tensors

    function test_a_text_is_not_disputed_as_a_tensor() public {
        Text memory text = told("abc", "x", 0);
        bytes32 root = outputRootOf(text.subject.requestId);
        bytes memory reason = abi.encodeWithSelector(IDisputeGame.DisputeGame_WrongKind.selector, scribe);
        IDisputeGame.TraceProof memory proof = Scribe.traceProof("abc", "x");
        IDisputeGame.Item memory item;

        vm.prank(BOB);
        refuse(reason);
        game.challenge{value: BOND}(text.subject, root);
        vm.prank(ALICE);
        refuse(reason);
        game.postTrace(text.subject, Scribe.model(), proof);
        vm.prank(ALICE);
        refuse(reason);
        game.postItemTrace(text.subject, Scribe.model(), proof, item);
    }

    function test_a_tensor_is_not_disputed_as_a_text() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        bytes32 root = outputRootOf(subject.requestId);
        bytes memory reason = abi.encodeWithSelector(IDisputeGame.DisputeGame_WrongKind.selector, relay);
        IDisputeGame.TraceProof memory proof;

        vm.prank(BOB);
        refuse(reason);
        game.challengeStep{value: BOND}(subject, root, INPUT, RIGHT);
        vm.prank(ALICE);
        refuse(reason);
        game.postStepTrace(subject, Scribe.model(), proof, INPUT, RIGHT);
    }

    function test_a_text_of_a_version_that_was_not_lowered_cannot_be_disputed() public {
        uint256 plain = publishText(0, 16, MOST);
        Text memory text = toldBy(plain, "abc", "x", 0);
        bytes32 root = outputRootOf(text.subject.requestId);
        vm.prank(BOB);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NotDisputable.selector, plain));
        game.challengeStep{value: BOND}(text.subject, root, "abc", "x");
    }
}
