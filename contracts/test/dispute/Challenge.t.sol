// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {DisputeFixture} from "./DisputeFixture.sol";
import {DisputeGame} from "../../src/dispute/DisputeGame.sol";
import {StepVerifier} from "../../src/dispute/StepVerifier.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {Relay} from "./Relay.sol";

/// Opening a dispute.
contract ChallengeTest is DisputeFixture {
    IDisputeGame.Subject private subject;
    bytes32 private outputRoot;

    function setUp() public override {
        super.setUp();
        subject = answerWith(honest);
        outputRoot = outputRootOf(subject.requestId);
    }

    function challengeAs(address who, IDisputeGame.Subject memory what, bytes32 root, uint256 value) private {
        vm.prank(who);
        game.challenge{value: value}(what, root);
    }

    function test_a_challenge_opens_a_dispute_with_two_full_clocks() public {
        bytes32 id = challengeBy(BOB, subject);

        IDisputeGame.Dispute memory d = game.dispute(id);
        assertEq(id, game.disputeIdOf(subject, BOB), "id");
        assertEq(uint256(d.phase), uint256(IDisputeGame.Phase.AwaitTrace), "phase");
        assertEq(d.operatorLeft, CLOCK, "operator's clock");
        assertEq(d.challengerLeft, CLOCK, "challenger's clock");
        assertEq(d.since, block.timestamp, "since");
        assertEq(d.bond, BOND / 1e12, "bond");
        assertEq(address(game).balance, BOND, "balance");
    }

    function test_the_clocks_of_a_fast_request_are_as_short_as_its_window() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.window = FAST;
        vm.prank(DAVE);
        uint256 requestId = oracle.requestInference{value: PRICE}(relay, 1, INPUT, address(0), 0, "", o);
        answer(ALICE, requestId, RIGHT);

        bytes32 id = challengeBy(BOB, subjectOf(requestId));

        assertEq(game.dispute(id).operatorLeft, FAST, "clock");
    }

    function test_an_answer_does_not_become_final_while_it_is_disputed() public {
        challengeBy(BOB, subject);
        skip(SAFE);

        assertTrue(game.hasOpenDispute(subject.requestId), "open");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_DisputeOpen.selector, subject.requestId));
        oracle.finalize(subject.requestId);
    }

    function test_the_last_second_of_the_window_is_not_too_late() public {
        skip(SAFE - 1);

        challengeBy(BOB, subject);

        assertTrue(game.hasOpenDispute(subject.requestId), "open");
    }

    function test_no_dispute_begins_after_the_window() public {
        skip(SAFE);

        uint256 finalAt = oracle.assertion(subject.requestId).finalAt;
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_WindowOver.selector, subject.requestId, finalAt));
        challengeAs(BOB, subject, outputRoot, BOND);
    }

    function test_a_final_answer_cannot_be_disputed() public {
        skip(SAFE);
        oracle.finalize(subject.requestId);

        vm.expectPartialRevert(IInferenceOracle.InferenceOracle_WrongStatus.selector);
        challengeAs(BOB, subject, outputRoot, BOND);
    }

    function test_there_is_nothing_to_dispute_before_an_answer() public {
        IDisputeGame.Subject memory open = subjectOf(ask());

        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                open.requestId,
                IInferenceOracle.Status.Open
            )
        );
        challengeAs(BOB, open, 0, BOND);
    }

    function test_a_challenge_is_of_the_answer_it_names_and_of_no_other() public {
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_OtherAnswer.selector, outputRoot, keccak256("another")));
        challengeAs(BOB, subject, keccak256("another"), BOND);

        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_WrongRound.selector, subject.requestId, 1, 0));
        challengeAs(BOB, IDisputeGame.Subject(subject.requestId, 1, 0), outputRoot, BOND);
    }

    function test_an_item_beyond_the_batch_cannot_be_disputed() public {
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NoSuchItem.selector, 1, 1));
        challengeAs(BOB, IDisputeGame.Subject(subject.requestId, 0, 1), outputRoot, BOND);
    }

    // ---------------------------------------------------------------- versions nobody can judge

    function answeredOf(
        uint256 versionId,
        bytes memory input,
        bytes memory output
    ) private returns (uint256 requestId) {
        enrol(ALICE, versionId);
        vm.prank(DAVE);
        requestId = oracle.requestInference{value: PRICE}(versionId, 1, input, address(0), 0, "", options());
        vm.roll(block.number + 2);
        answer(ALICE, requestId, output);
    }

    function assertNotDisputable(uint256 versionId, bytes memory input, bytes memory output) private {
        uint256 requestId = answeredOf(versionId, input, output);
        bytes32 root = outputRootOf(requestId);
        IDisputeGame.Subject memory what = subjectOf(requestId);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NotDisputable.selector, versionId));
        challengeAs(BOB, what, root, BOND);
    }

    function publishShaped(IModelRegistry.IOBounds memory io, bytes32 root) private returns (uint256) {
        return publish(io, root, priced(ETH, PRICE));
    }

    function test_a_version_that_was_not_lowered_cannot_be_disputed() public {
        assertNotDisputable(publishShaped(IModelRegistry.IOBounds(4, 4, 2, 2, 0), 0), INPUT, RIGHT);
    }

    function test_a_version_whose_input_has_no_fixed_length_cannot_be_disputed() public {
        assertNotDisputable(publishShaped(IModelRegistry.IOBounds(0, 300, 2, 2, 0), Relay.modelRoot()), INPUT, RIGHT);
    }

    function test_a_version_whose_output_has_no_fixed_length_cannot_be_disputed() public {
        assertNotDisputable(publishShaped(IModelRegistry.IOBounds(4, 4, 0, 100, 0), Relay.modelRoot()), INPUT, RIGHT);
    }

    // ---------------------------------------------------------------- who, and for how much

    function test_one_account_disputes_an_item_once() public {
        bytes32 id = challengeBy(BOB, subject);

        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_AlreadyChallenged.selector, id));
        challengeAs(BOB, subject, outputRoot, BOND);
    }

    function test_several_accounts_dispute_side_by_side() public {
        challengeBy(BOB, subject);
        challengeBy(CAROL, subject);

        (uint32 round, uint32 open) = game.docket(subject.requestId);
        assertEq(round, 0, "round");
        assertEq(open, 2, "open");
    }

    function test_a_bond_below_the_least_is_refused() public {
        uint256 least = game.leastBond();
        assertEq(least, 0.01 ether, "least");

        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_WrongBond.selector, least - 1e12, least, 1e12));
        challengeAs(BOB, subject, outputRoot, least - 1e12);
    }

    function test_a_bond_in_broken_units_is_refused() public {
        uint256 least = game.leastBond();

        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_WrongBond.selector, least + 1, least, 1e12));
        challengeAs(BOB, subject, outputRoot, least + 1);
    }

    function test_the_least_bond_covers_the_winners_gas_five_times() public {
        vm.fee(100 gwei);
        assertEq(game.leastBond(), 5 * 850_000 * 100 gwei, "at 100 gwei");
        vm.fee(1);
        assertEq(game.leastBond(), MIN_BOND, "at next to nothing");
    }

    // ---------------------------------------------------------------- the game itself

    function test_the_game_takes_money_from_nobody_but_challengers_and_the_registry_of_operators() public {
        vm.prank(BOB);
        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_NotOperatorRegistry.selector, BOB));
        (bool sent, ) = address(game).call{value: 1 ether}("");
        assertTrue(sent, "expectRevert swallows it");
    }

    function test_a_game_is_the_judge_of_its_oracle_and_has_a_verifier() public {
        assertEq(game.oracle(), address(oracle), "oracle");
        assertEq(game.verifier(), address(verifier), "verifier");

        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_BadConfig.selector, bytes32("oracle")));
        new DisputeGame(oracle, verifier);
    }

    function test_a_game_needs_a_verifier() public {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        (, IInferenceOracle other) = deploy(predicted);

        refuse(abi.encodeWithSelector(IDisputeGame.DisputeGame_BadConfig.selector, bytes32("verifier")));
        new DisputeGame(other, StepVerifier(address(0xdead)));
    }
}
