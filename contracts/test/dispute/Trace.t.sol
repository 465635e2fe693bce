// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {BatchFixture} from "./BatchFixture.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {MerkleRange} from "../../src/dispute/MerkleRange.sol";
import {Relay} from "./Relay.sol";
import {PlayerTrees} from "./PlayerTrees.sol";

/// The operator's commitment to all intermediate tensors.
contract TraceTest is BatchFixture {
    using Relay for Relay.Run;

    IDisputeGame.Subject private subject;

    function setUp() public override {
        super.setUp();
        subject = answerWith(honest);
        challengeBy(BOB, subject);
    }

    function assertRefused(IDisputeGame.Model memory model, IDisputeGame.TraceProof memory proof) private {
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        postAs(ALICE, subject, model, proof);
    }

    function test_a_trace_begins_with_the_input_and_ends_with_the_output() public {
        post(subject, honest);

        bytes32 hash = keccak256(abi.encode(honest.rootOf(), block.timestamp, Relay.modelRoot()));
        assertEq(game.traceHashOf(game.subjectIdOf(subject)), hash, "trace");
    }

    function test_nobody_but_the_operator_posts_it() public {
        IDisputeGame.TraceProof memory proof = honest.traceProof();
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NotOperator.selector, CAROL, ALICE));
        postAs(CAROL, subject, Relay.model(), proof);
    }

    function test_it_is_posted_once() public {
        post(subject, honest);

        IDisputeGame.TraceProof memory proof = honest.traceProof();
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_TraceAlreadyPosted.selector, game.subjectIdOf(subject)));
        postAs(ALICE, subject, Relay.model(), proof);
    }

    function test_it_serves_every_dispute_of_the_subject_those_that_come_later_too() public {
        challengeBy(CAROL, subject);
        IDisputeGame.Trace memory trace = post(subject, honest);
        challengeBy(DAVE, subject);

        IDisputeGame.Pick memory choice = above(honest.roots, 3);
        pickStepBy(BOB, subject, trace, choice, noStep());
        pickStepBy(CAROL, subject, trace, choice, noStep());
        pickStepBy(DAVE, subject, trace, choice, noStep());

        assertPhase(subject, DAVE, IDisputeGame.Phase.AwaitReveal);
    }

    function test_there_is_no_trace_of_an_answer_that_was_not_given() public {
        IDisputeGame.Subject memory other = subjectOf(ask());
        IDisputeGame.TraceProof memory proof = honest.traceProof();
        vm.expectPartialRevert(IInferenceOracle.InferenceOracle_WrongStatus.selector);
        postAs(ALICE, other, Relay.model(), proof);
    }

    function test_the_model_is_the_versions() public {
        IDisputeGame.Model memory model = Relay.model();
        model.nodeCount = 99;
        IDisputeGame.TraceProof memory proof = honest.traceProof();
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongModel.selector);
        postAs(ALICE, subject, model, proof);
    }

    // ---------------------------------------------------------------- right roots with wrong bytes

    function test_a_trace_of_another_output_is_refused() public {
        assertRefused(Relay.model(), Relay.faulty(INPUT, Relay.OUT, 0, false).traceProof());
    }

    function test_a_trace_of_another_input_is_refused() public {
        // The answer depends on the first byte alone: output and model are right here.
        assertRefused(Relay.model(), Relay.honest(hex"01020305").traceProof());
    }

    function test_the_output_is_at_its_own_leaf() public {
        IDisputeGame.TraceProof memory proof = honest.traceProof();
        proof.outputPath = PlayerTrees.path(honest.roots, Relay.OUT - 1);
        assertRefused(Relay.model(), proof);
    }

    function test_the_children_are_those_of_the_root() public {
        IDisputeGame.TraceProof memory proof = honest.traceProof();
        proof.children[7] = keccak256("another");
        assertRefused(Relay.model(), proof);
    }

    function test_there_are_as_many_children_as_a_reveal_has() public {
        IDisputeGame.TraceProof memory proof = honest.traceProof();
        proof.children = PlayerTrees.below(honest.roots, 7, 0, 5);
        refuse(abi.encodeWithSelector(MerkleRange.MerkleRange_WrongChildren.selector, 32, 4));
        postAs(ALICE, subject, Relay.model(), proof);
    }

    function test_paths_have_the_height_of_the_model() public {
        IDisputeGame.TraceProof memory proof = honest.traceProof();
        proof.inputPath = PlayerTrees.below(honest.roots, 7, 0, 3);
        refuse(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooLong.selector, 8, 7));
        postAs(ALICE, subject, Relay.model(), proof);
    }

    // ---------------------------------------------------------------- batches

    function test_an_item_of_a_batch_is_disputed_alone() public {
        (IDisputeGame.Subject memory second, Relay.Run[3] memory runs) = answeredBatch();
        challengeBy(BOB, second);
        postItem(second, runs[1], itemOf(runs, 1));

        proveDirectBy(BOB, second, runs[1].trace(block.timestamp), runs[1], 60, 0);

        assertPhase(second, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_a_right_item_beside_a_wrong_one_is_right() public {
        (IDisputeGame.Subject memory second, Relay.Run[3] memory runs) = answeredBatch();
        IDisputeGame.Subject memory third = IDisputeGame.Subject(second.requestId, 0, 2);
        challengeBy(BOB, third);
        postItem(third, runs[2], itemOf(runs, 2));

        IDisputeGame.Trace memory trace = runs[2].trace(block.timestamp);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_OperatorWasRight.selector);
        this.prove(third, trace, runs[2], 60, 0);
    }

    function prove(
        IDisputeGame.Subject memory what,
        IDisputeGame.Trace memory trace,
        Relay.Run memory run,
        uint256 node,
        uint256 at
    ) external {
        proveDirectBy(BOB, what, trace, run, node, at);
    }

    function test_the_trace_of_one_item_does_not_pass_for_anothers() public {
        (IDisputeGame.Subject memory second, Relay.Run[3] memory runs) = answeredBatch();
        challengeBy(BOB, second);

        IDisputeGame.Item memory item = itemOf(runs, 0);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        this.postItemOutside(second, runs[0], item);
    }

    function test_the_input_of_one_item_does_not_pass_with_the_output_of_another() public {
        (IDisputeGame.Subject memory second, Relay.Run[3] memory runs) = answeredBatch();
        IDisputeGame.Item memory item = itemOf(runs, 1);
        IDisputeGame.Item memory first = itemOf(runs, 0);
        (item.outputRoot, item.outputPath) = (first.outputRoot, first.outputPath);

        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        this.postItemOutside(second, runs[1], item);
    }

    function postItemOutside(
        IDisputeGame.Subject memory what,
        Relay.Run memory run,
        IDisputeGame.Item memory item
    ) external {
        postItem(what, run, item);
    }

    function test_a_batch_has_no_trace_of_the_whole() public {
        (IDisputeGame.Subject memory second, Relay.Run[3] memory runs) = answeredBatch();
        IDisputeGame.Subject memory first = IDisputeGame.Subject(second.requestId, 0, 0);
        IDisputeGame.TraceProof memory proof = runs[0].traceProof();
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NoSuchItem.selector, 0, 3));
        postAs(ALICE, first, Relay.model(), proof);
    }

    function test_there_is_no_trace_of_an_item_beyond_the_batch() public {
        (IDisputeGame.Subject memory second, Relay.Run[3] memory runs) = answeredBatch();
        IDisputeGame.Subject memory fourth = IDisputeGame.Subject(second.requestId, 0, 3);
        IDisputeGame.Item memory item = itemOf(runs, 0);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NoSuchItem.selector, 3, 3));
        this.postItemOutside(fourth, runs[0], item);
    }
}
