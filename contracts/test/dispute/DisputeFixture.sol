// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "../oracle/OracleFixture.sol";
import {DisputeGame} from "../../src/dispute/DisputeGame.sol";
import {StepVerifier} from "../../src/dispute/StepVerifier.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";
import {Relay} from "./Relay.sol";
import {PlayerTrees} from "./PlayerTrees.sol";

/// The game over the real oracle, operators, registry and verifier. Alice answers requests for `relay`, Bob and Carol
/// challenge, Dave looks on.
abstract contract DisputeFixture is OracleFixture {
    using Relay for Relay.Run;

    bytes internal constant INPUT = hex"01020304";
    bytes internal constant RIGHT = hex"0101";
    uint256 internal constant STAKE = 100 ether;
    uint256 internal constant BOND = 0.04 ether;
    uint256 internal constant CLOCK = SAFE;

    DisputeGame internal game;
    StepVerifier internal verifier;
    uint256 internal relay;
    Relay.Run internal honest;

    function setUp() public virtual override {
        super.setUp();
        verifier = new StepVerifier();
        (operators, oracle, game) = deployGame();
        relay = publish(IModelRegistry.IOBounds(4, 4, 2, 2, 0), Relay.modelRoot(), priced(ETH, PRICE));
        enlist(ALICE, STAKE, relay);
        keep(Relay.honest(INPUT), honest);
    }

    function deployGame() internal returns (OperatorRegistry o, InferenceOracle i, DisputeGame g) {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        (o, i) = deploy(predicted);
        g = new DisputeGame(i, verifier);
    }

    // ---------------------------------------------------------------- runs

    /// Runs outlive a call in storage.
    function keep(Relay.Run memory run, Relay.Run storage kept) internal {
        kept.tensors = run.tensors;
        kept.leaves = run.leaves;
        kept.roots = run.roots;
    }

    /// A run in which Alice got one byte wrong and computed on.
    function wrongAt(uint256 node, uint256 at) internal pure returns (Relay.Run memory) {
        return Relay.faulty(INPUT, node, at, true);
    }

    // ---------------------------------------------------------------- requests and answers

    function ask() internal returns (uint256 requestId) {
        return ask(INPUT, 1);
    }

    function ask(bytes memory input, uint256 batchSize) internal returns (uint256 requestId) {
        IInferenceOracle.RequestOptions memory o = options();
        vm.deal(DAVE, DAVE.balance + PRICE * batchSize);
        vm.prank(DAVE);
        requestId = oracle.requestInference{value: PRICE * batchSize}(relay, batchSize, input, address(0), 0, "", o);
        vm.roll(block.number + 2);
    }

    /// A request that Alice answers with the output of `run`.
    function answerWith(Relay.Run memory run) internal returns (IDisputeGame.Subject memory) {
        uint256 requestId = ask();
        answer(ALICE, requestId, run.tensors[Relay.OUT]);
        return subjectOf(requestId);
    }

    function subjectOf(uint256 requestId) internal view returns (IDisputeGame.Subject memory) {
        (uint32 round, ) = game.docket(requestId);
        return IDisputeGame.Subject(requestId, round, 0);
    }

    function outputRootOf(uint256 requestId) internal view returns (bytes32) {
        return oracle.assertion(requestId).outputRoot;
    }

    // ---------------------------------------------------------------- moves

    function challengeBy(address who, IDisputeGame.Subject memory subject) internal returns (bytes32) {
        bytes32 root = outputRootOf(subject.requestId);
        vm.prank(who);
        return game.challenge{value: BOND}(subject, root);
    }

    function post(
        IDisputeGame.Subject memory subject,
        Relay.Run memory run
    ) internal returns (IDisputeGame.Trace memory) {
        postAs(ALICE, subject, Relay.model(), run.traceProof());
        return run.trace(block.timestamp);
    }

    function postAs(
        address who,
        IDisputeGame.Subject memory subject,
        IDisputeGame.Model memory model,
        IDisputeGame.TraceProof memory proof
    ) internal {
        vm.prank(who);
        game.postTrace(subject, model, proof);
    }

    function noStep() internal pure returns (IDisputeGame.StepProof memory step) {}

    function noTrace() internal pure returns (IDisputeGame.Trace memory trace) {}

    // Both trees of `Relay` are seven high: a reveal of the nodes at level 3, then one of eight leaves.

    function topChildren(bytes32[] memory leaves) internal pure returns (bytes32[] memory) {
        return PlayerTrees.below(leaves, 7, 0, 4);
    }

    function lastChildren(bytes32[] memory leaves, uint256 leaf) internal pure returns (bytes32[] memory) {
        return PlayerTrees.below(leaves, 3, leaf >> 3, 3);
    }

    /// The pick of the node at level 3 over `leaf`.
    function above(bytes32[] memory leaves, uint256 leaf) internal pure returns (IDisputeGame.Pick memory) {
        return choose(topChildren(leaves), leaf >> 3);
    }

    /// The pick of `leaf` below that.
    function pickOf(bytes32[] memory leaves, uint256 leaf) internal pure returns (IDisputeGame.Pick memory) {
        return choose(lastChildren(leaves, leaf), leaf & 7);
    }

    function choose(bytes32[] memory children, uint256 index) internal pure returns (IDisputeGame.Pick memory) {
        return IDisputeGame.Pick(children[index], index, PlayerTrees.path(children, index));
    }

    function pickStepBy(
        address who,
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        IDisputeGame.Pick memory choice,
        IDisputeGame.StepProof memory step
    ) internal {
        vm.prank(who);
        game.pickStep(subject, trace, choice, step);
    }

    function pickChunkBy(address who, IDisputeGame.Subject memory subject, IDisputeGame.Pick memory choice) internal {
        vm.prank(who);
        game.pickChunk(subject, choice);
    }

    function idOf(IDisputeGame.Subject memory subject, address who) internal view returns (bytes32) {
        return game.disputeIdOf(subject, who);
    }

    function phaseOf(IDisputeGame.Subject memory subject, address who) internal view returns (IDisputeGame.Phase) {
        return game.dispute(idOf(subject, who)).phase;
    }

    function assertPhase(IDisputeGame.Subject memory subject, address who, IDisputeGame.Phase expected) internal view {
        assertEq(uint256(phaseOf(subject, who)), uint256(expected), "phase");
    }

    function timeOut(IDisputeGame.Subject memory subject, address who, IDisputeGame.Trace memory trace) internal {
        vm.prank(DAVE);
        game.timeout(subject, who, trace);
    }

    function proveDirectBy(
        address who,
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        Relay.Run memory run,
        uint256 node,
        uint256 at
    ) internal {
        bytes32[] memory path = run.chunkPath(node, at / 256);
        IDisputeGame.StepProof memory step = Relay.step(node);
        IStepVerifier.ElementProof memory proof = run.element(node, at);
        vm.prank(who);
        game.proveDirect(subject, trace, node, at / 256, path, step, proof);
    }

    function withdrawAs(address who, IDisputeGame.Subject memory subject) internal returns (uint256 received) {
        IDisputeGame.Subject[] memory subjects = new IDisputeGame.Subject[](1);
        subjects[0] = subject;
        uint256 before = who.balance;
        vm.prank(who);
        game.withdraw(subjects, who);
        return who.balance - before;
    }

    // ---------------------------------------------------------------- the way to a phase

    /// Who moves after so many moves of `playTo`: the operator first.
    function sideAfter(uint256 moves) internal pure returns (IDisputeGame.Side) {
        return moves % 2 == 0 ? IDisputeGame.Side.Operator : IDisputeGame.Side.Challenger;
    }

    /// Bob's dispute about byte `at` of step `WIDE`, after so many of its ten moves: trace, pick, children, pick of the step,
    /// children, pick, children, pick of the chunk, chunk, proof.
    function playTo(
        uint256 moves,
        IDisputeGame.Subject memory subject,
        Relay.Run memory run,
        uint256 at
    ) internal returns (IDisputeGame.Trace memory trace) {
        challengeBy(BOB, subject);
        if (moves == 0) return trace;
        trace = post(subject, run);
        for (uint256 move = 2; move <= moves; ++move) {
            playMove(move, subject, trace, run, at);
        }
    }

    function playMove(
        uint256 move,
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        Relay.Run memory run,
        uint256 at
    ) internal {
        uint256 node = Relay.WIDE;
        bytes32 id = idOf(subject, BOB);
        uint256 chunk = at / 256;
        if (move == 2) pickStepBy(BOB, subject, trace, above(run.roots, node), noStep());
        if (move == 3) game.reveal(id, lastChildren(run.roots, node));
        if (move == 4) pickStepBy(BOB, subject, trace, pickOf(run.roots, node), Relay.step(node));
        if (move == 5) game.reveal(id, topChildren(run.leaves[node]));
        if (move == 6) pickChunkBy(BOB, subject, above(run.leaves[node], chunk));
        if (move == 7) game.reveal(id, lastChildren(run.leaves[node], chunk));
        if (move == 8) pickChunkBy(BOB, subject, pickOf(run.leaves[node], chunk));
        if (move == 9) game.revealChunk(subject, BOB, PlayerTrees.chunkOf(run.tensors[node], chunk));
        if (move != 10) return;
        IDisputeGame.StepProof memory step = Relay.step(node);
        IStepVerifier.ElementProof memory proof = run.element(node, at);
        vm.prank(BOB);
        game.prove(subject, trace, step, proof);
    }
}
