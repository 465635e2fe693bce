// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {DisputeFixture} from "./DisputeFixture.sol";
import {DisputeGame} from "../../src/dispute/DisputeGame.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {Relay} from "./Relay.sol";

/// A challenger that is a contract, and does as it likes with what it is sent.
contract Puppet {
    DisputeGame private immutable GAME;
    bool private _refuses;
    bytes private _call;
    uint256 public received;
    uint256 public reentries;

    constructor(DisputeGame game) payable {
        GAME = game;
    }

    function challenge(IDisputeGame.Subject calldata subject, bytes32 outputRoot, uint256 bond) external {
        GAME.challenge{value: bond}(subject, outputRoot);
    }

    function behave(bool refuses, bytes calldata call_) external {
        (_refuses, _call) = (refuses, call_);
    }

    function withdraw(IDisputeGame.Subject[] calldata subjects, address to) external {
        GAME.withdraw(subjects, to);
    }

    receive() external payable {
        require(!_refuses, "no");
        received += msg.value;
        if (_call.length == 0) return;
        (bool done, ) = address(GAME).call(_call);
        if (done) ++reentries;
    }
}

/// Who has lost, what that costs, and to whom it is paid.
contract DecisionsTest is DisputeFixture {
    using Relay for Relay.Run;

    uint256 private constant WRONG = 60;

    function wrongAnswer() private returns (IDisputeGame.Subject memory subject, Relay.Run memory run) {
        run = wrongAt(WRONG, 0);
        subject = answerWith(run);
    }

    /// Bob proves Alice's answer wrong.
    function convicted() private returns (IDisputeGame.Subject memory subject) {
        Relay.Run memory run;
        (subject, run) = wrongAnswer();
        challengeBy(BOB, subject);
        proveDirectBy(BOB, subject, post(subject, run), run, WRONG, 0);
    }

    /// Alice's answer is right, and Bob runs out of time.
    function acquitted() private returns (IDisputeGame.Subject memory subject) {
        subject = answerWith(honest);
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, honest);
        skip(CLOCK + 1);
        timeOut(subject, BOB, trace);
    }

    function one(IDisputeGame.Subject memory subject) private pure returns (IDisputeGame.Subject[] memory subjects) {
        subjects = new IDisputeGame.Subject[](1);
        subjects[0] = subject;
    }

    // ---------------------------------------------------------------- the operator has lost

    function test_a_conviction_voids_the_answer_and_takes_the_whole_bond() public {
        (IDisputeGame.Subject memory subject, Relay.Run memory run) = wrongAnswer();
        uint256 bond = oracle.assertion(subject.requestId).bond;
        challengeBy(BOB, subject);
        IDisputeGame.Trace memory trace = post(subject, run);

        vm.expectEmit(address(game));
        emit IDisputeGame.OperatorConvicted(
            idOf(subject, BOB),
            subject.requestId,
            BOB,
            bond,
            bond / 5,
            (bond * 3) / 10
        );
        proveDirectBy(BOB, subject, trace, run, WRONG, 0);

        assertStatus(subject.requestId, IInferenceOracle.Status.Open);
        assertEq(operators.operator(ALICE).stake, STAKE - bond, "stake");
        assertEq(operators.operator(ALICE).locked, 0, "locked");
        assertFalse(game.hasOpenDispute(subject.requestId), "open");
        (uint32 round, uint32 open) = game.docket(subject.requestId);
        assertEq(round, 1, "round");
        assertEq(open, 0, "open");
    }

    function test_half_of_the_operators_bond_goes_to_the_challenger_with_its_own_and_half_is_burned() public {
        IDisputeGame.Subject memory subject = convicted();
        uint256 slashed = STAKE - operators.operator(ALICE).stake;

        assertEq(withdrawAs(BOB, subject), BOND + slashed / 2, "Bob");
        assertEq(address(game).balance, slashed - slashed / 2, "burned: in the game for ever");
    }

    function test_the_convicting_challenger_alone_may_answer_at_first() public {
        IDisputeGame.Subject memory subject = convicted();
        enlist(BOB, STAKE, relay);

        (address who, uint256 until) = oracle.drawnOperator(subject.requestId);
        assertEq(who, BOB, "who");
        assertEq(until, block.timestamp + EXCLUSIVE, "until");
        vm.prank(ALICE);
        vm.expectPartialRevert(IInferenceOracle.InferenceOracle_NotDrawn.selector);
        oracle.assertOutputs(subject.requestId, one(RIGHT));
        answer(BOB, subject.requestId, RIGHT);
        skip(SAFE);
        oracle.finalize(subject.requestId);

        assertStatus(subject.requestId, IInferenceOracle.Status.Final);
    }

    function test_who_ends_a_dispute_for_the_challenger_gets_nothing_of_it() public {
        (IDisputeGame.Subject memory subject, ) = wrongAnswer();
        challengeBy(BOB, subject);
        skip(CLOCK + 1);
        timeOut(subject, BOB, noTrace());

        (address who, ) = oracle.drawnOperator(subject.requestId);
        assertEq(who, BOB, "the challenger's window");
        vm.prank(DAVE);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToWithdraw.selector, DAVE));
        game.withdraw(one(subject), DAVE);
    }

    function test_the_bonds_of_the_other_challengers_come_back_whole() public {
        (IDisputeGame.Subject memory subject, Relay.Run memory run) = wrongAnswer();
        challengeBy(BOB, subject);
        challengeBy(CAROL, subject);
        proveDirectBy(BOB, subject, post(subject, run), run, WRONG, 0);

        assertEq(withdrawAs(CAROL, subject), BOND, "Carol");
        vm.prank(CAROL);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToWithdraw.selector, CAROL));
        game.withdraw(one(subject), CAROL);
    }

    function test_after_a_conviction_no_other_dispute_of_the_answer_is_decided() public {
        (IDisputeGame.Subject memory subject, Relay.Run memory run) = wrongAnswer();
        challengeBy(BOB, subject);
        challengeBy(CAROL, subject);
        IDisputeGame.Trace memory trace = post(subject, run);
        proveDirectBy(BOB, subject, trace, run, WRONG, 0);

        bytes32 id = game.subjectIdOf(subject);
        assertEq(game.traceHashOf(id), 0, "forgotten: nothing needs it any more");
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_WrongTrace.selector, id));
        this.proveOutside(CAROL, subject, trace, run);
        skip(CLOCK + 1);
        bytes memory reason = abi.encodeWithSelector(
            IDisputeGame.DisputeGame_WrongRound.selector,
            subject.requestId,
            0,
            1
        );
        IDisputeGame.TraceProof memory proof = run.traceProof();
        refuse(reason);
        postAs(ALICE, subject, Relay.model(), proof);
        refuse(reason);
        game.timeout(subject, CAROL, trace);
        assertEq(withdrawAs(CAROL, subject), BOND, "Carol");
    }

    function proveOutside(
        address who,
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        Relay.Run memory run
    ) external {
        proveDirectBy(who, subject, trace, run, WRONG, 0);
    }

    // ---------------------------------------------------------------- the next answer

    /// Bob convicted Alice; Alice answers again, as wrongly, once Bob's window is over.
    function answeredAgain() private returns (IDisputeGame.Subject memory first, Relay.Run memory run) {
        first = convicted();
        run = wrongAt(WRONG, 0);
        skip(EXCLUSIVE);
        answer(ALICE, first.requestId, run.tensors[Relay.OUT]);
    }

    function test_an_answer_that_replaces_another_has_a_dispute_of_its_own() public {
        (IDisputeGame.Subject memory first, Relay.Run memory run) = answeredAgain();
        IDisputeGame.Subject memory second = subjectOf(first.requestId);
        assertEq(second.round, 1, "round");
        challengeBy(BOB, second);
        IDisputeGame.Trace memory trace = post(second, run);
        proveDirectBy(BOB, second, trace, run, WRONG, 0);

        assertPhase(second, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_nothing_of_one_round_counts_in_another() public {
        (IDisputeGame.Subject memory first, Relay.Run memory run) = answeredAgain();
        IDisputeGame.Subject memory second = subjectOf(first.requestId);
        challengeBy(BOB, second);
        IDisputeGame.Trace memory old = run.trace(block.timestamp);

        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongTrace.selector);
        this.proveOutside(BOB, second, old, run);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongPhase.selector);
        this.proveOutside(BOB, first, old, run);
        IDisputeGame.TraceProof memory proof = run.traceProof();
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_WrongRound.selector, first.requestId, 0, 1));
        postAs(ALICE, first, Relay.model(), proof);
    }

    function test_nothing_of_one_request_counts_in_another() public {
        (IDisputeGame.Subject memory subject, Relay.Run memory run) = wrongAnswer();
        (IDisputeGame.Subject memory other, ) = wrongAnswer();
        challengeBy(BOB, subject);
        challengeBy(BOB, other);
        IDisputeGame.Trace memory trace = post(subject, run);

        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongTrace.selector);
        this.proveOutside(BOB, other, trace, run);
    }

    // ---------------------------------------------------------------- the challenger has lost

    function test_of_a_lost_challenge_half_goes_to_the_operator_and_half_is_burned() public {
        acquitted();

        assertEq(game.winningsOf(ALICE), BOND / 2, "winnings");
        IDisputeGame.Subject[] memory none;
        uint256 before = ALICE.balance;
        vm.prank(ALICE);
        game.withdraw(none, ALICE);
        assertEq(ALICE.balance - before, BOND / 2, "Alice");
        assertEq(address(game).balance, BOND / 2, "burned: in the game for ever");
    }

    function test_who_lost_a_challenge_gets_nothing_back() public {
        IDisputeGame.Subject memory subject = acquitted();

        vm.prank(BOB);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToWithdraw.selector, BOB));
        game.withdraw(one(subject), BOB);
    }

    function test_nothing_is_due_of_an_open_dispute() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        challengeBy(BOB, subject);

        vm.prank(BOB);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToWithdraw.selector, BOB));
        game.withdraw(one(subject), BOB);
    }

    // ---------------------------------------------------------------- sock puppets

    function test_a_sock_puppet_that_loses_on_purpose_makes_no_answer_final() public {
        (IDisputeGame.Subject memory subject, Relay.Run memory run) = wrongAnswer();
        // Carol belongs to Alice and challenges at once; Bob is honest and comes in the last minute.
        challengeBy(CAROL, subject);
        IDisputeGame.Trace memory trace = post(subject, run);
        skip(SAFE - 60);
        challengeBy(BOB, subject);
        skip(61);
        timeOut(subject, CAROL, trace);

        assertPhase(subject, CAROL, IDisputeGame.Phase.ChallengerLost);
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_DisputeOpen.selector, subject.requestId));
        oracle.finalize(subject.requestId);
        proveDirectBy(BOB, subject, trace, run, WRONG, 0);
        assertStatus(subject.requestId, IInferenceOracle.Status.Open);
    }

    function test_losing_a_dispute_does_not_shorten_the_window() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.window = FAST;
        vm.prank(DAVE);
        uint256 requestId = oracle.requestInference{value: PRICE}(relay, 1, INPUT, address(0), 0, "", o);
        answer(ALICE, requestId, RIGHT);
        challengeBy(CAROL, subjectOf(requestId));

        uint256 finalAt = oracle.assertion(requestId).finalAt;
        vm.warp(finalAt - 1);
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WindowOpen.selector, requestId, finalAt));
        oracle.finalize(requestId);
    }

    function test_disputing_oneself_costs_half_the_losers_bond() public {
        IDisputeGame.Subject memory subject = convicted();
        uint256 slashed = STAKE - operators.operator(ALICE).stake;
        uint256 back = withdrawAs(BOB, subject) - BOND;

        assertLe(back, slashed / 2, "what a pair of accounts recovers");
    }

    // ---------------------------------------------------------------- receivers

    function puppetWins() private returns (Puppet puppet, IDisputeGame.Subject memory subject) {
        puppet = new Puppet{value: BOND}(game);
        (subject, ) = wrongAnswer();
        puppet.challenge(subject, outputRootOf(subject.requestId), BOND);
        skip(CLOCK + 1);
        timeOut(subject, address(puppet), noTrace());
    }

    function test_a_receiver_that_reverts_hurts_itself_alone_and_can_name_another() public {
        (Puppet puppet, IDisputeGame.Subject memory subject) = puppetWins();
        puppet.behave(true, "");
        uint256 due = uint256(game.dispute(game.disputeIdOf(subject, address(puppet))).bond) * 1e12;

        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_PaymentFailed.selector, address(puppet), due));
        puppet.withdraw(one(subject), address(puppet));
        uint256 before = DAVE.balance;
        puppet.withdraw(one(subject), DAVE);
        assertEq(DAVE.balance - before, due, "paid elsewhere");
    }

    function test_a_receiver_that_comes_back_finds_nothing_left() public {
        (Puppet puppet, IDisputeGame.Subject memory subject) = puppetWins();
        uint256 due = uint256(game.dispute(game.disputeIdOf(subject, address(puppet))).bond) * 1e12;
        puppet.behave(false, abi.encodeCall(game.withdraw, (one(subject), address(puppet))));

        puppet.withdraw(one(subject), address(puppet));

        assertEq(puppet.received(), due, "paid once");
        assertEq(puppet.reentries(), 0, "reentries");
    }

    function test_a_subject_named_twice_is_paid_once() public {
        IDisputeGame.Subject memory subject = convicted();
        IDisputeGame.Subject[] memory twice = new IDisputeGame.Subject[](2);
        (twice[0], twice[1]) = (subject, subject);
        uint256 slashed = STAKE - operators.operator(ALICE).stake;

        vm.prank(BOB);
        game.withdraw(twice, DAVE);

        assertEq(address(game).balance, slashed / 2, "left");
    }

    function test_one_withdrawal_pays_what_several_disputes_and_an_operator_won() public {
        IDisputeGame.Subject memory first = convicted();
        enlist(BOB, STAKE, relay);
        answer(BOB, first.requestId, RIGHT);
        IDisputeGame.Subject memory second = subjectOf(first.requestId);
        challengeBy(CAROL, second);
        postAs(BOB, second, Relay.model(), honest.traceProof());
        IDisputeGame.Trace memory trace = honest.trace(block.timestamp);
        skip(CLOCK + 1);
        timeOut(second, CAROL, trace);
        uint256 due = uint256(game.dispute(idOf(first, BOB)).bond) * 1e12;

        assertEq(withdrawAs(BOB, first), due + BOND / 2, "both");
    }

    function test_nobody_withdraws_what_is_anothers() public {
        IDisputeGame.Subject memory subject = convicted();

        vm.prank(CAROL);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToWithdraw.selector, CAROL));
        game.withdraw(one(subject), CAROL);
    }
}
