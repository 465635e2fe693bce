// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {DisputeFixture} from "./DisputeFixture.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {MerkleRange} from "../../src/dispute/MerkleRange.sol";
import {Relay} from "./Relay.sol";
import {PlayerTrees} from "./PlayerTrees.sol";

/// From the root of a trace down to one element.
contract MovesTest is DisputeFixture {
    using Relay for Relay.Run;

    /// A byte of the last, short chunk of the wide step.
    uint256 private constant AT = 16_650;
    uint256 private constant LAST_CHUNK = Relay.WIDE_CHUNKS - 1;

    /// Bob's dispute about `AT`, after so many moves.
    function disputed(
        uint256 moves
    ) private returns (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) {
        run = wrongAt(Relay.WIDE, AT);
        subject = answerWith(run);
        trace = playTo(moves, subject, run, AT);
    }

    // ---------------------------------------------------------------- a wrong operator

    function test_ten_moves_convict_an_operator_of_one_wrong_byte() public {
        (IDisputeGame.Subject memory subject, , ) = disputed(10);

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_the_state_follows_the_specification_move_by_move() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(1);
        uint8[10] memory phases = [0, 1, 3, 2, 3, 2, 3, 2, 4, 5];
        uint8[10] memory levels = [0, 0, 3, 3, 7, 7, 3, 3, 0, 0];
        uint8[10] memory positions = [0, 0, 6, 6, 0, 0, 8, 8, 65, 65];
        for (uint256 move = 2; move < 10; ++move) {
            playMove(move, subject, trace, run, AT);
            IDisputeGame.Dispute memory d = game.dispute(idOf(subject, BOB));
            assertEq(uint256(d.phase), phases[move], "phase");
            assertEq(d.level, levels[move], "level");
            assertEq(d.position, positions[move], "position");
            assertEq(d.node, move < 4 ? 0 : Relay.WIDE, "node");
            assertEq(d.tensorBytes, move < 4 ? 0 : Relay.WIDE_BYTES, "bytes");
        }
        assertEq(game.cursorOf(idOf(subject, BOB)), run.leaves[Relay.WIDE][65], "cursor");
    }

    /// Whatever byte of whatever step is wrong: the first difference leads to it.
    /// hardhat-config: default.fuzz.runs = 256
    /// hardhat-config: deep.fuzz.runs = 5000
    function testFuzz_any_wrong_byte_is_convicted_step_by_step(uint256 node, uint256 at, bool goOn) public {
        node = bound(node, 1, Relay.STEPS - 1);
        at = bound(at, 0, Relay.bytesOf(node) - 1);
        Relay.Run memory run = Relay.faulty(INPUT, node, at, goOn);
        IDisputeGame.Subject memory subject = answerWith(run);
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, run);
        bytes32 id = idOf(subject, BOB);

        uint256 found = 8 * Relay.firstDifference(topChildren(run.roots), topChildren(honest.roots));
        pickStepBy(BOB, subject, trace, above(run.roots, found), noStep());
        bytes32[] memory theirs = lastChildren(run.roots, found);
        game.reveal(id, theirs);
        found += Relay.firstDifference(theirs, lastChildren(honest.roots, found));
        assertEq(found, node, "the first difference is the wrong step");
        pickStepBy(BOB, subject, trace, pickOf(run.roots, node), Relay.step(node));
        if (node == Relay.WIDE) narrowWide(subject, run, id);
        game.revealChunk(subject, BOB, PlayerTrees.chunkOf(run.tensors[node], at / 256));
        IDisputeGame.StepProof memory step = Relay.step(node);
        IStepVerifier.ElementProof memory proof = run.element(node, at);
        vm.prank(BOB);
        game.prove(subject, trace, step, proof);

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function narrowWide(IDisputeGame.Subject memory subject, Relay.Run memory run, bytes32 id) private {
        bytes32[] memory theirs = run.leaves[Relay.WIDE];
        bytes32[] memory ours = honest.leaves[Relay.WIDE];
        game.reveal(id, topChildren(theirs));
        uint256 found = 8 * Relay.firstDifference(topChildren(theirs), topChildren(ours));
        pickChunkBy(BOB, subject, above(theirs, found));
        bytes32[] memory children = lastChildren(theirs, found);
        game.reveal(id, children);
        found += Relay.firstDifference(children, lastChildren(ours, found));
        pickChunkBy(BOB, subject, pickOf(theirs, found));
    }

    /// hardhat-config: default.fuzz.runs = 256
    /// hardhat-config: deep.fuzz.runs = 5000
    function testFuzz_any_wrong_byte_is_convicted_in_one_move(uint256 node, uint256 at, bool goOn) public {
        node = bound(node, 1, Relay.STEPS - 1);
        at = bound(at, 0, Relay.bytesOf(node) - 1);
        Relay.Run memory run = Relay.faulty(INPUT, node, at, goOn);
        IDisputeGame.Subject memory subject = answerWith(run);
        challengeBy(BOB, subject);

        proveDirectBy(BOB, subject, post(subject, run), run, node, at);

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_who_knows_the_trace_ends_the_dispute_in_any_phase_after_it() public {
        for (uint256 moves = 1; moves < 10; ++moves) {
            (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(
                moves
            );
            proveDirectBy(BOB, subject, trace, run, Relay.WIDE, AT);
            assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
        }
    }

    function test_but_not_before_it() public {
        (IDisputeGame.Subject memory subject, , Relay.Run memory run) = disputed(0);

        IDisputeGame.Trace memory trace = run.trace(block.timestamp);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongTrace.selector);
        this.proveOutside(subject, trace, run, Relay.WIDE, AT);
    }

    function proveOutside(
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        Relay.Run memory run,
        uint256 node,
        uint256 at
    ) external {
        proveDirectBy(BOB, subject, trace, run, node, at);
    }

    // ---------------------------------------------------------------- an honest operator

    /// hardhat-config: default.fuzz.runs = 256
    /// hardhat-config: deep.fuzz.runs = 5000
    function testFuzz_no_byte_of_an_honest_trace_is_convicted(uint256 node, uint256 at) public {
        node = bound(node, 1, Relay.STEPS - 1);
        at = bound(at, 0, Relay.bytesOf(node) - 1);
        Relay.Run memory run = honest;
        IDisputeGame.Subject memory subject = answerWith(run);
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, run);
        bytes32[] memory path = run.chunkPath(node, at / 256);
        IDisputeGame.StepProof memory step = Relay.step(node);
        IStepVerifier.ElementProof memory proof = run.element(node, at);

        vm.prank(BOB);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_OperatorWasRight.selector);
        game.proveDirect(subject, trace, node, at / 256, path, step, proof);
    }

    function test_nor_at_the_end_of_the_whole_way() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        playTo(9, subject, honest, AT);
        IDisputeGame.Trace memory trace = honest.trace(block.timestamp);
        IDisputeGame.StepProof memory step = Relay.step(Relay.WIDE);
        IStepVerifier.ElementProof memory proof = honest.element(Relay.WIDE, AT);

        vm.prank(BOB);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_OperatorWasRight.selector));
        game.prove(subject, trace, step, proof);
    }

    // ---------------------------------------------------------------- malformed commitments lose at once

    function test_a_step_beyond_the_last_convicts() public {
        Relay.Run memory run = Relay.honest(INPUT);
        run.roots[101] = keccak256("a step too many");
        IDisputeGame.Subject memory subject = answerWith(run);
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, run);
        pickStepBy(BOB, subject, trace, above(run.roots, 101), noStep());
        game.reveal(idOf(subject, BOB), lastChildren(run.roots, 101));

        pickStepBy(BOB, subject, trace, pickOf(run.roots, 101), noStep());

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_a_chunk_beyond_the_last_convicts() public {
        Relay.Run memory run = Relay.misshapen(INPUT, Relay.WIDE, 67, keccak256("a chunk too many"));
        IDisputeGame.Subject memory subject = answerWith(run);
        IDisputeGame.Trace memory trace = playTo(5, subject, run, 0);
        pickChunkBy(BOB, subject, above(run.leaves[Relay.WIDE], 67));
        game.reveal(idOf(subject, BOB), lastChildren(run.leaves[Relay.WIDE], 67));

        pickChunkBy(BOB, subject, pickOf(run.leaves[Relay.WIDE], 67));

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
        assertEq(trace.root, run.rootOf(), "of this trace");
    }

    function test_zeros_beyond_the_last_are_as_they_should_be() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        IDisputeGame.Trace memory trace = playTo(5, subject, honest, 0);
        pickChunkBy(BOB, subject, above(honest.leaves[Relay.WIDE], 66));
        game.reveal(idOf(subject, BOB), lastChildren(honest.leaves[Relay.WIDE], 66));
        IDisputeGame.Pick memory padding = pickOf(honest.leaves[Relay.WIDE], 66);
        vm.prank(BOB);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToDispute.selector, 66));
        game.pickChunk(subject, padding);

        challengeBy(CAROL, subject);
        pickStepBy(CAROL, subject, trace, above(honest.roots, 100), noStep());
        game.reveal(idOf(subject, CAROL), lastChildren(honest.roots, 100));
        padding = pickOf(honest.roots, 100);
        vm.prank(CAROL);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToDispute.selector, 100));
        game.pickStep(subject, trace, padding, noStep());
    }

    function test_the_input_is_out_of_question() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, honest);
        pickStepBy(BOB, subject, trace, above(honest.roots, 0), noStep());
        game.reveal(idOf(subject, BOB), lastChildren(honest.roots, 0));

        IDisputeGame.Pick memory choice = pickOf(honest.roots, 0);
        IDisputeGame.StepProof memory step = Relay.step(0);
        vm.prank(BOB);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToDispute.selector, 0));
        game.pickStep(subject, trace, choice, step);

        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGame_NoSuchStep.selector, 0, Relay.STEPS));
        this.proveAt(subject, trace, 0, 0);
    }

    function proveAt(
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        uint256 node,
        uint256 chunk
    ) external {
        IStepVerifier.ElementProof memory proof;
        IDisputeGame.StepProof memory step = Relay.step(node < Relay.STEPS ? node : 1);
        vm.prank(BOB);
        game.proveDirect(subject, trace, node, chunk, new bytes32[](0), step, proof);
    }

    function test_steps_and_chunks_that_do_not_exist_cannot_be_proven_wrong() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, honest);

        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGame_NoSuchStep.selector, Relay.STEPS, Relay.STEPS));
        this.proveAt(subject, trace, Relay.STEPS, 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGame_NoSuchChunk.selector, 1, 1));
        this.proveAt(subject, trace, 5, 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.DisputeGame_NoSuchChunk.selector, 66, 66));
        this.proveAt(subject, trace, Relay.WIDE, 66);
        vm.expectRevert(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooShort.selector, 0, 7));
        this.proveAt(subject, trace, Relay.WIDE, 65);
    }

    function test_a_chunk_of_a_wrong_length_convicts_whoever_reveals_it() public {
        bytes memory chunk = new bytes(61);
        Relay.Run memory run = Relay.misshapen(INPUT, Relay.WIDE, LAST_CHUNK, PlayerTrees.leafOf(chunk));
        IDisputeGame.Subject memory subject = answerWith(run);
        playTo(8, subject, run, AT);

        vm.prank(DAVE);
        game.revealChunk(subject, BOB, chunk);

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_a_chunk_of_a_wrong_length_convicts_in_one_move_too() public {
        bytes memory chunk = new bytes(257);
        Relay.Run memory run = Relay.misshapen(INPUT, Relay.WIDE, 3, PlayerTrees.leafOf(chunk));
        IDisputeGame.Subject memory subject = answerWith(run);
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, run);
        bytes32[] memory path = run.chunkPath(Relay.WIDE, 3);
        IDisputeGame.StepProof memory step = Relay.step(Relay.WIDE);
        IStepVerifier.ElementProof memory proof = IStepVerifier.ElementProof(chunk, 0, 0, "");

        vm.prank(BOB);
        game.proveDirect(subject, trace, Relay.WIDE, 3, path, step, proof);

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    // ---------------------------------------------------------------- every phase, every other move

    /// Each move that a phase does not await is refused, by name of the phase, and changes nothing.
    function test_no_phase_allows_another_move() public {
        for (uint256 moves = 0; moves <= 10; ++moves) {
            (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(
                moves
            );
            bytes32 before = stateOf(subject);
            for (uint256 kind = 0; kind < 5; ++kind) {
                if (kind == awaited(moves)) continue;
                bytes memory move = moveOf(kind, subject, trace, run);
                vm.prank(BOB);
                (bool done, bytes memory reason) = address(game).call(move);
                assertFalse(done, "refused");
                bytes4 expected =
                    kind == 0 && moves == 0
                        ? IDisputeGame.DisputeGame_WrongTrace.selector
                        : kind < 2 && awaited(moves) < 2 && moves != 1
                            ? IDisputeGame.DisputeGame_WrongTree.selector
                            : IDisputeGame.DisputeGame_WrongPhase.selector;
                assertEq(bytes32(bytes4(reason)), bytes32(expected), "reason");
            }
            assertEq(stateOf(subject), before, "state");
        }
    }

    function stateOf(IDisputeGame.Subject memory subject) private view returns (bytes32) {
        bytes32 id = idOf(subject, BOB);
        return keccak256(abi.encode(game.dispute(id), game.cursorOf(id)));
    }

    /// 0 pickStep, 1 pickChunk, 2 reveal, 3 revealChunk, 4 prove; 5 none of them.
    function awaited(uint256 moves) private pure returns (uint256) {
        uint8[11] memory kinds = [5, 0, 2, 0, 2, 1, 2, 1, 3, 4, 5];
        return kinds[moves];
    }

    function moveOf(
        uint256 kind,
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        Relay.Run memory run
    ) private view returns (bytes memory) {
        IDisputeGame.Pick memory choice;
        IStepVerifier.ElementProof memory proof;
        if (kind == 0) return abi.encodeCall(game.pickStep, (subject, trace, choice, noStep()));
        if (kind == 1) return abi.encodeCall(game.pickChunk, (subject, choice));
        if (kind == 2) return abi.encodeCall(game.reveal, (idOf(subject, BOB), run.roots));
        if (kind == 3) return abi.encodeCall(game.revealChunk, (subject, BOB, ""));
        return abi.encodeCall(game.prove, (subject, trace, noStep(), proof));
    }

    function test_a_decided_dispute_allows_no_proof_and_has_no_turn() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(10);
        bytes memory reason = abi.encodeWithSelector(
            IDisputeGame.DisputeGame_WrongPhase.selector,
            idOf(subject, BOB),
            IDisputeGame.Phase.OperatorLost
        );

        refuse(reason);
        this.proveOutside(subject, trace, run, Relay.WIDE, AT);
        refuse(reason);
        game.turn(subject, BOB, trace);
        refuse(reason);
        game.timeout(subject, BOB, trace);
    }

    // ---------------------------------------------------------------- the wrong party

    function test_the_challengers_moves_are_the_challengers() public {
        for (uint256 moves = 1; moves < 10; moves += 2) {
            (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(
                moves
            );
            bytes memory move = moveOf(awaited(moves), subject, trace, run);
            for (uint256 i = 0; i < 2; ++i) {
                address stranger = [ALICE, CAROL][i];
                bytes memory reason = abi.encodeWithSelector(
                    IDisputeGame.DisputeGame_WrongPhase.selector,
                    idOf(subject, stranger),
                    IDisputeGame.Phase.None
                );
                vm.prank(stranger);
                refuse(reason);
                (bool done, ) = address(game).call(move);
                assertTrue(done, "expectRevert swallows it");
            }
        }
    }

    // ---------------------------------------------------------------- tampered proofs

    function test_a_pick_is_one_of_the_children() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(1);
        IDisputeGame.Pick memory choice = above(run.roots, Relay.WIDE);

        choice.child = honest.roots[0];
        assertPickRefused(subject, trace, choice, IDisputeGame.DisputeGame_WrongRoot.selector);
        choice = above(run.roots, Relay.WIDE);
        choice.index = 5;
        assertPickRefused(subject, trace, choice, IDisputeGame.DisputeGame_WrongRoot.selector);
        choice.index = 16 + 6;
        assertPickRefused(subject, trace, choice, MerkleRange.MerkleRange_OutsideTree.selector);
        choice = above(run.roots, Relay.WIDE);
        choice.path = PlayerTrees.path(run.roots, 50);
        assertPickRefused(subject, trace, choice, MerkleRange.MerkleRange_ProofTooLong.selector);
    }

    function assertPickRefused(
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        IDisputeGame.Pick memory choice,
        bytes4 reason
    ) private {
        vm.prank(BOB);
        vm.expectPartialRevert(reason);
        game.pickStep(subject, trace, choice, noStep());
    }

    function test_a_trace_is_the_one_posted_in_every_part() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, ) = disputed(1);
        IDisputeGame.Pick memory choice;
        for (uint256 part = 0; part < 11; ++part) {
            IDisputeGame.Trace memory other = abi.decode(abi.encode(trace), (IDisputeGame.Trace));
            // A trace is eleven words.
            assembly ("memory-safe") {
                let model := mload(add(other, 0x40))
                let at := add(other, shl(5, part))
                if gt(part, 1) {
                    at := add(model, shl(5, sub(part, 2)))
                }
                mstore(at, add(mload(at), 1))
            }
            assertPickRefused(subject, other, choice, IDisputeGame.DisputeGame_WrongTrace.selector);
        }
    }

    function test_a_step_is_the_models() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(3);
        IDisputeGame.Pick memory choice = pickOf(run.roots, Relay.WIDE);
        IDisputeGame.StepProof memory step = Relay.step(Relay.WIDE + 1);

        vm.prank(BOB);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        game.pickStep(subject, trace, choice, step);
    }

    function test_revealed_children_are_those_of_what_was_picked() public {
        (IDisputeGame.Subject memory subject, , Relay.Run memory run) = disputed(2);
        bytes32 id = idOf(subject, BOB);
        bytes32[] memory children = lastChildren(run.roots, Relay.WIDE + 8);

        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        game.reveal(id, children);
        children = topChildren(run.roots);
        refuse(abi.encodeWithSelector(MerkleRange.MerkleRange_WrongChildren.selector, 16, 3));
        game.reveal(id, children);
    }

    function test_a_revealed_chunk_is_the_one_that_was_picked() public {
        (IDisputeGame.Subject memory subject, , Relay.Run memory run) = disputed(8);
        bytes memory other = PlayerTrees.chunkOf(honest.tensors[Relay.WIDE], LAST_CHUNK);
        assertEq(other.length, run.tensors[Relay.WIDE].length % 256, "length");

        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        game.revealChunk(subject, BOB, other);
    }

    function test_a_proof_is_about_the_revealed_chunk_and_the_step_in_question() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(9);
        IStepVerifier.ElementProof memory proof = run.element(Relay.WIDE, AT);
        IDisputeGame.StepProof memory step = Relay.step(Relay.WIDE);
        IDisputeGame.StepProof memory other = Relay.step(Relay.WIDE - 1);

        vm.prank(BOB);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        game.prove(subject, trace, other, proof);
        proof.chunk[0] ^= 0x01;
        vm.prank(BOB);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        game.prove(subject, trace, step, proof);
    }

    function test_a_direct_proof_is_about_a_chunk_of_the_trace() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(1);
        // A chunk that the operator never committed to.
        run.tensors[Relay.WIDE][0] ^= 0x01;

        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongRoot.selector);
        this.proveOutside(subject, trace, run, Relay.WIDE, 0);
    }

    /// hardhat-config: default.fuzz.runs = 256
    /// hardhat-config: deep.fuzz.runs = 5000
    function testFuzz_a_tampered_witness_convicts_nobody(uint256 node, uint256 where, uint8 by) public {
        node = bound(node, 2, Relay.STEPS - 1);
        Relay.Run memory run = wrongAt(node, 0);
        IDisputeGame.Subject memory subject = answerWith(run);
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, run);
        IStepVerifier.ElementProof memory proof = run.element(node, 0);
        where = bound(where, 0, proof.reads.length - 1);
        proof.reads[where] ^= bytes1(by == 0 ? 1 : by);
        bytes32[] memory path = run.chunkPath(node, 0);
        IDisputeGame.StepProof memory step = Relay.step(node);

        vm.prank(BOB);
        vm.expectRevert();
        game.proveDirect(subject, trace, node, 0, path, step, proof);
    }
}
