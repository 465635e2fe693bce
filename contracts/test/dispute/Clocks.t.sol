// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {DisputeFixture} from "./DisputeFixture.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {Relay} from "./Relay.sol";

/// Whose time runs, and what happens when it is up.
contract ClocksTest is DisputeFixture {
    using Relay for Relay.Run;

    uint256 private constant AT = 16_650;

    function disputed(
        uint256 moves
    ) private returns (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) {
        run = wrongAt(Relay.WIDE, AT);
        subject = answerWith(run);
        trace = playTo(moves, subject, run, AT);
    }

    function assertTurn(
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        IDisputeGame.Side side,
        uint256 deadline
    ) private view {
        (IDisputeGame.Side actual, uint256 until) = game.turn(subject, BOB, trace);
        assertEq(uint256(actual), uint256(side), "side");
        assertEq(until, deadline, "deadline");
    }

    function lostBy(IDisputeGame.Side side) private pure returns (IDisputeGame.Phase) {
        return side == IDisputeGame.Side.Operator ? IDisputeGame.Phase.OperatorLost : IDisputeGame.Phase.ChallengerLost;
    }

    // ---------------------------------------------------------------- every phase

    function test_in_every_phase_the_side_to_move_loses_when_its_time_is_up_and_no_second_earlier() public {
        for (uint256 moves = 0; moves < 10; ++moves) {
            (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, ) = disputed(moves);
            uint256 deadline = block.timestamp + CLOCK;
            assertTurn(subject, trace, sideAfter(moves), deadline);

            vm.warp(deadline);
            refuse(
                abi.encodeWithSelector(
                    IDisputeGame.DisputeGame_TimeLeft.selector,
                    idOf(subject, BOB),
                    sideAfter(moves),
                    deadline
                )
            );
            game.timeout(subject, BOB, trace);

            vm.warp(deadline + 1);
            timeOut(subject, BOB, trace);
            assertPhase(subject, BOB, lostBy(sideAfter(moves)));
            assertFalse(game.hasOpenDispute(subject.requestId), "decided");
        }
    }

    function test_in_every_phase_the_last_second_is_in_time_and_the_next_is_not() public {
        for (uint256 moves = 1; moves < 10; ++moves) {
            (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(
                moves
            );
            uint256 deadline = block.timestamp + CLOCK;
            vm.warp(deadline + 1);
            refuse(
                abi.encodeWithSelector(
                    IDisputeGame.DisputeGame_OutOfTime.selector,
                    idOf(subject, BOB),
                    sideAfter(moves),
                    deadline
                )
            );
            this.moveOutside(moves + 1, subject, trace, run);
            vm.warp(deadline);
            this.moveOutside(moves + 1, subject, trace, run);
        }
    }

    function moveOutside(
        uint256 move,
        IDisputeGame.Subject memory subject,
        IDisputeGame.Trace memory trace,
        Relay.Run memory run
    ) external {
        playMove(move, subject, trace, run, AT);
    }

    function test_there_is_no_time_in_a_dispute_that_nobody_began() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        bytes memory reason = abi.encodeWithSelector(
            IDisputeGame.DisputeGame_WrongPhase.selector,
            idOf(subject, BOB),
            IDisputeGame.Phase.None
        );

        refuse(reason);
        game.turn(subject, BOB, noTrace());
        refuse(reason);
        game.timeout(subject, BOB, noTrace());
    }

    // ---------------------------------------------------------------- one budget for the whole dispute

    function test_each_side_has_one_budget_for_all_its_moves() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(1);
        // The challenger takes a seventh of its time for each of its first four moves, the operator a fifth.
        for (uint256 move = 2; move < 10; ++move) {
            skip(move % 2 == 0 ? CLOCK / 7 : CLOCK / 5);
            playMove(move, subject, trace, run, AT);
        }

        IDisputeGame.Dispute memory d = game.dispute(idOf(subject, BOB));
        assertEq(d.challengerLeft, CLOCK - 4 * (CLOCK / 7), "challenger");
        assertEq(d.operatorLeft, CLOCK - 4 * (CLOCK / 5), "operator");
        assertTurn(subject, trace, IDisputeGame.Side.Challenger, block.timestamp + d.challengerLeft);
    }

    function test_the_time_before_the_trace_is_the_operators() public {
        (IDisputeGame.Subject memory subject, , Relay.Run memory run) = disputed(0);
        skip(5 hours);
        IDisputeGame.Trace memory trace = post(subject, run);
        skip(3 hours);
        playMove(2, subject, trace, run, AT);

        IDisputeGame.Dispute memory d = game.dispute(idOf(subject, BOB));
        assertEq(d.operatorLeft, CLOCK - 5 hours, "operator");
        assertEq(d.challengerLeft, CLOCK - 3 hours, "challenger");
    }

    function test_a_stonewalling_operator_loses_by_the_clock() public {
        (IDisputeGame.Subject memory subject, , ) = disputed(0);
        skip(CLOCK + 1);

        timeOut(subject, BOB, noTrace());

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
        assertStatus(subject.requestId, IInferenceOracle.Status.Open);
    }

    function test_a_stalling_challenger_loses_by_the_clock_and_the_answer_becomes_final() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        IDisputeGame.Trace memory trace = playTo(5, subject, honest, AT);
        skip(CLOCK + 1);

        timeOut(subject, BOB, trace);
        oracle.finalize(subject.requestId);

        assertStatus(subject.requestId, IInferenceOracle.Status.Final);
    }

    // ---------------------------------------------------------------- one trace, several clocks

    function test_a_trace_that_is_late_for_one_dispute_is_in_time_for_the_next() public {
        (IDisputeGame.Subject memory subject, , Relay.Run memory run) = disputed(0);
        skip(SAFE - 1);
        challengeBy(CAROL, subject);
        skip(2);
        IDisputeGame.Trace memory trace = post(subject, run);

        assertTurn(subject, trace, IDisputeGame.Side.Operator, block.timestamp - 1);
        (IDisputeGame.Side side, ) = game.turn(subject, CAROL, trace);
        assertEq(uint256(side), uint256(IDisputeGame.Side.Challenger), "Carol's turn");

        timeOut(subject, BOB, trace);
        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_after_a_trace_that_was_too_late_there_is_nothing_to_pick() public {
        (IDisputeGame.Subject memory subject, , Relay.Run memory run) = disputed(0);
        uint256 deadline = block.timestamp + CLOCK;
        skip(CLOCK + 1);
        IDisputeGame.Trace memory trace = post(subject, run);

        refuse(
            abi.encodeWithSelector(
                IDisputeGame.DisputeGame_OutOfTime.selector,
                idOf(subject, BOB),
                IDisputeGame.Side.Operator,
                deadline
            )
        );
        this.moveOutside(2, subject, trace, run);
    }

    function test_who_challenges_after_the_trace_has_the_first_move_from_then_on() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, ) = disputed(1);
        skip(10 hours);
        challengeBy(CAROL, subject);

        (IDisputeGame.Side side, uint256 deadline) = game.turn(subject, CAROL, trace);
        assertEq(uint256(side), uint256(IDisputeGame.Side.Challenger), "side");
        assertEq(deadline, block.timestamp + CLOCK, "deadline");
    }

    function test_the_time_of_a_posted_trace_cannot_be_told_otherwise() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, ) = disputed(1);
        skip(CLOCK + 1);

        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongTrace.selector);
        game.timeout(subject, BOB, noTrace());
        trace.postedAt += 1 hours;
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongTrace.selector);
        game.timeout(subject, BOB, trace);
    }

    // ---------------------------------------------------------------- proofs do not wait for a turn

    function test_a_direct_proof_counts_until_the_dispute_is_decided() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace, Relay.Run memory run) = disputed(1);
        skip(CLOCK + 1);

        proveDirectBy(BOB, subject, trace, run, Relay.WIDE, AT);

        assertPhase(subject, BOB, IDisputeGame.Phase.OperatorLost);
    }

    function test_disputes_delay_an_answer_by_two_clocks_at_most() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        uint256 finalAt = oracle.assertion(subject.requestId).finalAt;
        vm.warp(finalAt - 1);
        IDisputeGame.Trace memory trace = playTo(0, subject, honest, AT);
        challengeBy(CAROL, subject);
        skip(CLOCK);
        trace = post(subject, honest);
        skip(CLOCK + 1);

        timeOut(subject, BOB, trace);
        timeOut(subject, CAROL, trace);
        oracle.finalize(subject.requestId);

        assertLe(block.timestamp, finalAt + 2 * CLOCK, "time");
    }
}
