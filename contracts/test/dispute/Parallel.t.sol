// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {BatchFixture} from "./BatchFixture.sol";
import {DisputeFixture} from "./DisputeFixture.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {Relay} from "./Relay.sol";
import {TextFixture} from "./TextFixture.sol";

/// Many disputes at once: by several accounts, about several items of a batch or steps of a text, against several answers.
/// Each is its own until one of them convicts.
contract ParallelTest is BatchFixture, TextFixture {
    using Relay for Relay.Run;

    uint256 private constant WRONG = 60;
    uint256 private constant AT = 16_650;

    function setUp() public override(DisputeFixture, TextFixture) {
        TextFixture.setUp();
    }

    /// An answer of Alice's that Bob, Carol and Dave dispute, and whose trace she posted.
    function disputedByThree(
        Relay.Run memory run
    ) private returns (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace) {
        subject = answerWith(run);
        challengeBy(BOB, subject);
        challengeBy(CAROL, subject);
        challengeBy(DAVE, subject);
        trace = post(subject, run);
    }

    function stateOf(IDisputeGame.Subject memory subject, address who) private view returns (bytes32) {
        bytes32 id = idOf(subject, who);
        return keccak256(abi.encode(game.dispute(id), game.cursorOf(id)));
    }

    function assertOpen(uint256 requestId, uint256 expected) private view {
        (, uint32 open) = game.docket(requestId);
        assertEq(open, expected, "open");
    }

    function assertClocks(
        IDisputeGame.Subject memory subject,
        address who,
        uint256 operatorsLeft,
        uint256 challengersLeft
    ) private view {
        IDisputeGame.Dispute memory d = game.dispute(idOf(subject, who));
        assertEq(d.operatorLeft, operatorsLeft, "operator");
        assertEq(d.challengerLeft, challengersLeft, "challenger");
    }

    // ---------------------------------------------------------------- several accounts

    function test_every_dispute_of_an_answer_has_its_own_clocks() public {
        IDisputeGame.Subject memory subject = answerWith(honest);
        IDisputeGame.Pick memory choice = above(honest.roots, 3);
        uint256 start = block.timestamp;
        challengeBy(BOB, subject);
        vm.warp(start + 100);
        challengeBy(CAROL, subject);
        vm.warp(start + 300);
        IDisputeGame.Trace memory trace = post(subject, honest);
        vm.warp(start + 400);
        challengeBy(DAVE, subject);

        vm.warp(start + 1_000);
        pickStepBy(BOB, subject, trace, choice, noStep());
        vm.warp(start + 2_000);
        pickStepBy(CAROL, subject, trace, choice, noStep());
        vm.warp(start + 2_500);
        pickStepBy(DAVE, subject, trace, choice, noStep());
        vm.warp(start + 3_000);
        game.reveal(idOf(subject, CAROL), lastChildren(honest.roots, 3));

        assertClocks(subject, BOB, CLOCK - 300, CLOCK - 700);
        assertClocks(subject, CAROL, CLOCK - 200 - 1_000, CLOCK - 1_700);
        assertClocks(subject, DAVE, CLOCK, CLOCK - 2_100);
    }

    function test_no_move_of_one_dispute_changes_another() public {
        Relay.Run memory run = wrongAt(Relay.WIDE, AT);
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace) = disputedByThree(run);
        pickStepBy(CAROL, subject, trace, above(run.roots, 3), noStep());
        (bytes32 carols, bytes32 daves) = (stateOf(subject, CAROL), stateOf(subject, DAVE));

        for (uint256 move = 2; move < 10; ++move) {
            skip(60);
            playMove(move, subject, trace, run, AT);
            assertEq(stateOf(subject, CAROL), carols, "Carol's");
            assertEq(stateOf(subject, DAVE), daves, "Dave's");
            assertOpen(subject.requestId, 3);
        }
    }

    function test_who_convicts_first_is_paid_and_the_others_get_their_bonds_back() public {
        Relay.Run memory run = wrongAt(WRONG, 0);
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace) = disputedByThree(run);
        uint256 slashed = oracle.assertion(subject.requestId).bond;
        address[3] memory all = [BOB, CAROL, DAVE];

        for (uint256 first = 0; first < 3; ++first) {
            uint256 snapshot = vm.snapshotState();
            proveDirectBy(all[first], subject, trace, run, WRONG, 0);

            assertOpen(subject.requestId, 0);
            assertEq(operators.operator(ALICE).stake, STAKE - slashed, "slashed once");
            (address next, ) = oracle.drawnOperator(subject.requestId);
            assertEq(next, all[first], "who may answer first");
            for (uint256 i = 0; i < 3; ++i) {
                assertEq(withdrawAs(all[i], subject), i == first ? BOND + slashed / 2 : BOND, "paid");
            }
            assertEq(address(game).balance, slashed / 2, "burned");
            vm.revertToState(snapshot);
        }
    }

    function test_a_lost_dispute_decides_no_other() public {
        Relay.Run memory run = wrongAt(WRONG, 0);
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace) = disputedByThree(run);
        uint256 slashed = oracle.assertion(subject.requestId).bond;
        pickStepBy(BOB, subject, trace, above(run.roots, WRONG), noStep());
        skip(CLOCK - 60);
        game.reveal(idOf(subject, BOB), lastChildren(run.roots, WRONG));
        (bytes32 bobs, bytes32 daves) = (stateOf(subject, BOB), stateOf(subject, DAVE));
        skip(61);

        timeOut(subject, CAROL, trace);

        assertPhase(subject, CAROL, IDisputeGame.Phase.ChallengerLost);
        assertEq(game.winningsOf(ALICE), BOND / 2, "of Carol's bond alone");
        assertEq(stateOf(subject, BOB), bobs, "Bob's");
        assertEq(stateOf(subject, DAVE), daves, "Dave's, though its time is up as well");
        assertOpen(subject.requestId, 2);
        proveDirectBy(BOB, subject, trace, run, WRONG, 0);
        assertEq(withdrawAs(BOB, subject), BOND + slashed / 2, "Bob");
        assertEq(withdrawAs(DAVE, subject), BOND, "Dave");
        vm.prank(CAROL);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToWithdraw.selector, CAROL));
        game.withdraw(just(subject), CAROL);
        assertEq(game.winningsOf(ALICE), BOND / 2, "stays hers");
    }

    function test_a_right_answer_stands_once_every_dispute_of_it_is_lost() public {
        (IDisputeGame.Subject memory subject, IDisputeGame.Trace memory trace) = disputedByThree(honest);
        skip(CLOCK + 1);
        address[3] memory all = [BOB, CAROL, DAVE];
        for (uint256 i = 0; i < 3; ++i) {
            refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_DisputeOpen.selector, subject.requestId));
            oracle.finalize(subject.requestId);
            timeOut(subject, all[i], trace);
            assertEq(game.winningsOf(ALICE), (i + 1) * (BOND / 2), "winnings");
        }

        oracle.finalize(subject.requestId);

        assertStatus(subject.requestId, IInferenceOracle.Status.Final);
    }

    // ---------------------------------------------------------------- several answers

    function test_a_conviction_of_one_answer_leaves_the_disputes_of_another() public {
        Relay.Run memory run = wrongAt(WRONG, 0);
        (IDisputeGame.Subject memory first, IDisputeGame.Trace memory trace) = disputedByThree(run);
        (IDisputeGame.Subject memory second, IDisputeGame.Trace memory other) = disputedByThree(run);
        uint256 bond = oracle.assertion(second.requestId).bond;
        bytes32 before = stateOf(second, BOB);

        proveDirectBy(BOB, first, trace, run, WRONG, 0);

        assertEq(stateOf(second, BOB), before, "Bob's");
        assertOpen(second.requestId, 3);
        assertEq(operators.operator(ALICE).locked, bond, "behind the other answer");
        assertEq(withdrawAs(CAROL, first), BOND, "Carol, of the first");
        vm.prank(CAROL);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToWithdraw.selector, CAROL));
        game.withdraw(just(second), CAROL);
        proveDirectBy(CAROL, second, other, run, WRONG, 0);
        assertEq(withdrawAs(CAROL, second), BOND + bond / 2, "Carol, of the second");
    }

    // ---------------------------------------------------------------- several items of a batch

    /// A batch whose second item is wrong: Bob disputes the first and the second, Carol the second, Dave the third.
    function disputedBatch()
        private
        returns (IDisputeGame.Subject[3] memory items, IDisputeGame.Trace[3] memory traces, Relay.Run[3] memory runs)
    {
        (items[1], runs) = answeredBatch();
        items[0] = IDisputeGame.Subject(items[1].requestId, 0, 0);
        items[2] = IDisputeGame.Subject(items[1].requestId, 0, 2);
        challengeBy(BOB, items[0]);
        challengeBy(BOB, items[1]);
        challengeBy(CAROL, items[1]);
        challengeBy(DAVE, items[2]);
        for (uint256 i = 0; i < 3; ++i) {
            postItem(items[i], runs[i], itemOf(runs, i));
            traces[i] = runs[i].trace(block.timestamp);
        }
    }

    function test_every_item_of_a_batch_has_disputes_and_a_trace_of_its_own() public {
        (
            IDisputeGame.Subject[3] memory items,
            IDisputeGame.Trace[3] memory traces,
            Relay.Run[3] memory runs
        ) = disputedBatch();
        assertOpen(items[0].requestId, 4);
        (bytes32 bobs, bytes32 daves) = (stateOf(items[0], BOB), stateOf(items[2], DAVE));

        skip(60);
        pickStepBy(BOB, items[1], traces[1], above(runs[1].roots, WRONG), noStep());

        assertEq(stateOf(items[0], BOB), bobs, "his other one");
        assertEq(stateOf(items[2], DAVE), daves, "Dave's");
        assertPhase(items[1], CAROL, IDisputeGame.Phase.AwaitTrace);
        IDisputeGame.Pick memory choice = above(runs[0].roots, WRONG);
        vm.prank(BOB);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongTrace.selector);
        game.pickStep(items[0], traces[1], choice, noStep());
    }

    function test_one_wrong_item_convicts_the_batch_and_frees_all_who_disputed_others() public {
        (
            IDisputeGame.Subject[3] memory items,
            IDisputeGame.Trace[3] memory traces,
            Relay.Run[3] memory runs
        ) = disputedBatch();
        uint256 slashed = oracle.assertion(items[0].requestId).bond;
        skip(CLOCK + 1);
        timeOut(items[2], DAVE, traces[2]);
        assertOpen(items[0].requestId, 3);
        vm.warp(traces[1].postedAt + CLOCK);

        proveDirectBy(CAROL, items[1], traces[1], runs[1], WRONG, 0);

        assertStatus(items[0].requestId, IInferenceOracle.Status.Open);
        assertOpen(items[0].requestId, 0);
        assertEq(withdrawAs(CAROL, items[1]), BOND + slashed / 2, "Carol");
        assertEq(withdrawAs(BOB, items[0]), BOND, "Bob, of an item that was right");
        assertEq(withdrawAs(BOB, items[1]), BOND, "Bob, of the wrong one");
        vm.prank(DAVE);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NothingToWithdraw.selector, DAVE));
        game.withdraw(just(items[2]), DAVE);
    }

    // ---------------------------------------------------------------- several steps of a text

    function test_any_wrong_step_of_a_text_convicts_it_whoever_disputes_the_others() public {
        // Right are `c` at 0 and 2; wrong are 1, 3 and, at 4, the end.
        Text memory text = told("abc", "cxcy", 0);
        uint256 slashed = oracle.assertion(text.subject.requestId).bond;
        address[4] memory who = [DAVE, BOB, CAROL, BOB];
        uint8[4] memory steps = [0, 1, 3, 4];
        IDisputeGame.Trace[4] memory traces;
        for (uint256 i = 0; i < 4; ++i) challengeText(who[i], at(text, steps[i]));
        for (uint256 i = 0; i < 4; ++i) traces[i] = postText(at(text, steps[i]));
        assertOpen(text.subject.requestId, 4);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_WrongTrace.selector);
        this.proveTextOutside(BOB, at(text, 1), traces[2]);
        vm.expectPartialRevert(IDisputeGame.DisputeGame_OperatorWasRight.selector);
        this.proveTextOutside(DAVE, at(text, 0), traces[0]);

        for (uint256 first = 1; first < 4; ++first) {
            uint256 snapshot = vm.snapshotState();
            proveText(who[first], at(text, steps[first]), traces[first]);

            assertOpen(text.subject.requestId, 0);
            for (uint256 i = 0; i < 4; ++i) {
                uint256 due = i == first ? BOND + slashed / 2 : BOND;
                assertEq(withdrawAs(who[i], at(text, steps[i]).subject), due, "paid");
            }
            assertEq(address(game).balance, slashed / 2, "burned");
            vm.revertToState(snapshot);
        }
    }

    function proveTextOutside(address who, Text calldata text, IDisputeGame.Trace calldata trace) external {
        proveText(who, text, trace);
    }

    function just(IDisputeGame.Subject memory subject) private pure returns (IDisputeGame.Subject[] memory subjects) {
        subjects = new IDisputeGame.Subject[](1);
        subjects[0] = subject;
    }
}
