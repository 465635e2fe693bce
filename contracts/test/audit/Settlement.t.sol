// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Audits} from "../../src/audit/Audits.sol";
import {IAudits} from "../../src/interfaces/IAudits.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {Relay} from "../dispute/Relay.sol";
import {AuditFixture} from "./AuditFixture.sol";

/// Who is paid for an audit, and who forfeits.
/// hardhat-config: deep.fuzz.runs = 10000
contract AuditSettlementTest is AuditFixture {
    using Relay for Relay.Run;

    uint256 private constant POT = 0.005 ether;

    function setUp() public override {
        super.setUp();
        earn(1 ether);
    }

    function assertPaid(IAudits.Audit memory audit, uint256 first, uint256 second) private view {
        assertEq(audits.creditOf(audit.auditors[0], ETH), first, "first");
        assertEq(audits.creditOf(audit.auditors[1], ETH), second, "second");
        assertEq(audits.heldOf(ETH), address(audits).balance, "held");
        assertEq(audits.heldOf(ETH), audits.potOf(ETH) + audits.creditOf(TREASURY, ETH) + first + second, "parts");
    }

    function stakeOf(address who) private view returns (uint256) {
        return operators.operator(who).stake;
    }

    // ---------------------------------------------------------------- the answer is final

    function test_who_confirmed_a_final_answer_is_paid() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        bothFind(audit, honest);
        finish(audit);
        bytes32 id = audits.idOf(audit);
        vm.expectEmit(address(audits));
        emit IAudits.AuditorPaid(id, audit.auditors[0], ETH, SHARE);
        vm.expectEmit(address(audits));
        emit IAudits.AuditorPaid(id, audit.auditors[1], ETH, SHARE);
        vm.expectEmit(address(audits));
        emit IAudits.AuditSettled(id, audit.requestId, false);
        audits.settle(audit);
        assertPaid(audit, SHARE, SHARE);
        assertEq(audits.potOf(ETH), POT - 2 * SHARE, "pot");
    }

    function test_an_audit_is_settled_once() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        bothFind(audit, honest);
        finish(audit);
        audits.settle(audit);
        refuse(abi.encodeWithSelector(IAudits.Audits_UnknownAudit.selector, audits.idOf(audit)));
        audits.settle(audit);
    }

    function test_nothing_is_settled_before_the_answer_is_final() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        bothFind(audit, honest);
        vm.warp(oracle.assertion(audit.requestId).finalAt);
        refuse(abi.encodeWithSelector(IAudits.Audits_NotDecided.selector, audit.requestId));
        audits.settle(audit);
    }

    function test_two_roots_with_one_end_pay_nobody() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        Relay.Run memory other = madeUp();
        commitAs(audit.auditors[0], audit, honest.rootOf());
        commitAs(audit.auditors[1], audit, other.rootOf());
        revealAs(audit.auditors[0], audit, honest);
        revealAs(audit.auditors[1], audit, other);
        finish(audit);
        audits.settle(audit);
        assertPaid(audit, 0, 0);
        assertEq(audits.potOf(ETH), POT, "pot");
        assertEq(stakeOf(BOB) + stakeOf(CAROL), 2 * STAKE, "nobody forfeits");
    }

    function test_who_denied_a_final_answer_is_not_paid_and_the_other_is() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        Relay.Run memory other = wrongAt(60, 0);
        commitAs(audit.auditors[0], audit, other.rootOf());
        commitAs(audit.auditors[1], audit, honest.rootOf());
        revealAs(audit.auditors[0], audit, other);
        revealAs(audit.auditors[1], audit, honest);
        finish(audit);
        audits.settle(audit);
        assertPaid(audit, 0, SHARE);
        assertEq(stakeOf(BOB) + stakeOf(CAROL), 2 * STAKE, "nobody forfeits");
    }

    function test_who_denied_and_lost_its_dispute_is_not_paid() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        Relay.Run memory other = wrongAt(60, 0);
        bothFind(audit, other);
        IDisputeGame.Subject memory subject = subjectOf(audit.requestId);
        challengeBy(audit.auditors[0], subject);
        IDisputeGame.Trace memory trace = post(subject, honest);
        skip(CLOCK + 1);
        timeOut(subject, audit.auditors[0], trace);
        finish(audit);
        audits.settle(audit);
        assertPaid(audit, 0, 0);
    }

    function test_who_revealed_nothing_forfeits_as_much_as_it_would_have_been_paid() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        commitAs(audit.auditors[0], audit, honest.rootOf());
        commitAs(audit.auditors[1], audit, honest.rootOf());
        revealAs(audit.auditors[1], audit, honest);
        finish(audit);
        vm.expectEmit(address(audits));
        emit IAudits.AuditorMissed(audits.idOf(audit), audit.auditors[0], SHARE);
        audits.settle(audit);
        assertPaid(audit, 0, SHARE);
        assertEq(stakeOf(audit.auditors[0]), STAKE - SHARE, "stake");
        assertEq(stakeOf(audit.auditors[1]), STAKE, "stake");
        assertEq(audits.potOf(ETH), POT, "what one was paid the other gave");
    }

    function test_who_did_not_commit_forfeits_too_and_leaving_does_not_help() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        vm.startPrank(audit.auditors[0]);
        operators.withdrawFrom(relay);
        operators.requestExit(STAKE);
        vm.stopPrank();
        finish(audit);
        audits.settle(audit);
        assertPaid(audit, 0, 0);
        assertEq(stakeOf(audit.auditors[0]), STAKE - SHARE, "exiting stake");
        assertEq(audits.potOf(ETH), POT + 2 * SHARE, "pot");
    }

    function test_a_forfeit_never_touches_a_bond_and_takes_what_there_is() public {
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        for (uint256 i = 0; i < 2; ++i) {
            lock(audit.auditors[i], relay, STAKE - i * (SHARE / 3));
        }
        finish(audit);
        audits.settle(audit);
        assertEq(stakeOf(audit.auditors[0]), STAKE, "all of it locked");
        assertEq(stakeOf(audit.auditors[1]), STAKE - SHARE / 3, "what was free");
        assertPaid(audit, 0, 0);
        assertEq(audits.potOf(ETH), POT + SHARE / 3, "pot");
    }

    // ---------------------------------------------------------------- the answer is convicted

    function test_who_denied_a_convicted_answer_and_challenged_it_is_paid() public {
        IAudits.Audit memory audit = begin(answeredWith(WRONG));
        bothFind(audit, honest);
        convict(audit, audit.auditors[0]);
        vm.expectEmit(address(audits));
        emit IAudits.AuditSettled(audits.idOf(audit), audit.requestId, true);
        audits.settle(audit);
        assertPaid(audit, SHARE, 0);
        assertEq(stakeOf(audit.auditors[1]), STAKE, "who denied without a challenge forfeits nothing");
    }

    function test_a_challenge_that_another_conviction_made_moot_counts() public {
        IAudits.Audit memory audit = begin(answeredWith(WRONG));
        bothFind(audit, honest);
        challengeBy(audit.auditors[0], subjectOf(audit.requestId));
        IDisputeGame.Subject[] memory subjects = new IDisputeGame.Subject[](1);
        subjects[0] = subjectOf(audit.requestId);
        convict(audit, audit.auditors[1]);
        // Paid or not.
        vm.prank(audit.auditors[0]);
        game.withdraw(subjects, DAVE);
        audits.settle(audit);
        assertPaid(audit, SHARE, SHARE);
    }

    function test_who_lost_its_dispute_of_an_answer_that_another_convicts_is_not_paid() public {
        Relay.Run memory wrong = wrongAt(60, 0);
        IAudits.Audit memory audit = begin(answeredWith(wrong.tensors[Relay.OUT]));
        bothFind(audit, honest);
        IDisputeGame.Subject memory subject = subjectOf(audit.requestId);
        challengeBy(audit.auditors[0], subject);
        IDisputeGame.Trace memory trace = post(subject, wrong);
        skip(60);
        challengeBy(audit.auditors[1], subject);
        skip(CLOCK - 59);
        timeOut(subject, audit.auditors[0], trace);
        proveDirectBy(audit.auditors[1], subject, trace, wrong, 60, 0);
        audits.settle(audit);
        assertPaid(audit, 0, SHARE);
    }

    function test_who_confirmed_a_convicted_answer_is_not_paid() public {
        Relay.Run memory wrong = wrongAt(Relay.OUT, 1);
        IAudits.Audit memory audit = begin(answeredWith(wrong.tensors[Relay.OUT]));
        bothFind(audit, wrong);
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Confirmed), "stance");
        convict(audit, DAVE);
        audits.settle(audit);
        assertPaid(audit, 0, 0);
        assertEq(audits.potOf(ETH), POT, "pot");
    }

    function test_who_challenged_without_revealing_is_not_paid_and_nobody_forfeits() public {
        IAudits.Audit memory audit = begin(answeredWith(WRONG));
        commitAs(audit.auditors[0], audit, honest.rootOf());
        convict(audit, audit.auditors[0]);
        audits.settle(audit);
        assertPaid(audit, 0, 0);
        assertEq(stakeOf(BOB) + stakeOf(CAROL), 2 * STAKE, "nobody forfeits");
    }

    /// A conviction can be quick: who found the answer wrong is still heard.
    function test_after_a_conviction_there_is_still_time_to_reveal() public {
        IAudits.Audit memory audit = begin(answeredWith(WRONG));
        commitAs(audit.auditors[0], audit, honest.rootOf());
        IDisputeGame.Subject memory subject = subjectOf(audit.requestId);
        challengeBy(audit.auditors[0], subject);
        vm.prank(address(game));
        oracle.voidAssertion(audit.requestId, audit.auditors[0]);
        commitAs(audit.auditors[1], audit, honest.rootOf());
        revealAs(audit.auditors[0], audit, honest);
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Denied), "stance");
    }

    function test_a_conviction_settles_nothing_while_there_is_time_to_reveal() public {
        IAudits.Audit memory audit = begin(answeredWith(wrongAt(60, 0).tensors[Relay.OUT]));
        address who = audit.auditors[0];
        IDisputeGame.Subject memory subject = subjectOf(audit.requestId);
        challengeBy(who, subject);
        Relay.Run memory wrong = wrongAt(60, 0);
        IDisputeGame.Trace memory trace = post(subject, wrong);
        proveDirectBy(who, subject, trace, wrong, 60, 0);
        refuse(
            abi.encodeWithSelector(IAudits.Audits_TooEarly.selector, audits.idOf(audit), audit.assertedAt + 3 * QUARTER)
        );
        audits.settle(audit);
        bothFind(audit, honest);
        vm.warp(audit.assertedAt + 3 * QUARTER);
        audits.settle(audit);
        assertPaid(audit, SHARE, 0);
    }

    // ---------------------------------------------------------------- none of the above

    function test_whatever_the_auditors_do_nobody_is_paid_more_than_its_share(
        uint256 firsts,
        uint256 seconds_,
        bool convicted,
        uint256 challenges
    ) public {
        IAudits.Audit memory audit = begin(answeredWith(convicted ? WRONG : RIGHT));
        act(audit, 0, firsts % 5);
        act(audit, 1, seconds_ % 5);
        vm.warp(audit.assertedAt + 2 * QUARTER);
        show(audit, 0, firsts % 5);
        show(audit, 1, seconds_ % 5);
        for (uint256 i = 0; i < 2; ++i) {
            if (convicted && (challenges >> i) & 1 == 1) challengeBy(audit.auditors[i], subjectOf(audit.requestId));
        }
        if (convicted) convict(audit, DAVE);
        else finish(audit);
        audits.settle(audit);

        uint256 paid = 0;
        for (uint256 i = 0; i < 2; ++i) {
            uint256 credit = audits.creditOf(audit.auditors[i], ETH);
            assertTrue(credit == 0 || credit == SHARE, "all or nothing");
            if (stanceOf(audit, i) < uint256(IAudits.Stance.Confirmed)) assertEq(credit, 0, "nothing revealed");
            paid += credit;
        }
        uint256 forfeited = 2 * STAKE - stakeOf(BOB) - stakeOf(CAROL);
        assertEq(audits.potOf(ETH), POT + forfeited - paid, "pot");
        assertEq(audits.heldOf(ETH), address(audits).balance, "balance");
    }

    /// 0 nothing, 1 commits only, 2 honest, 3 denies, 4 makes a root up.
    function act(IAudits.Audit memory audit, uint256 place, uint256 what) private {
        if (what == 0) return;
        commitAs(audit.auditors[place], audit, runFor(what).rootOf());
    }

    function show(IAudits.Audit memory audit, uint256 place, uint256 what) private {
        if (what > 1) revealAs(audit.auditors[place], audit, runFor(what));
    }

    function runFor(uint256 what) private view returns (Relay.Run memory) {
        if (what == 3) return wrongAt(60, 0);
        return what == 4 ? madeUp() : honest;
    }
}
