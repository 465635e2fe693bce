// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {MerkleRange} from "../../src/dispute/MerkleRange.sol";
import {IAudits} from "../../src/interfaces/IAudits.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {PlayerTrees} from "../dispute/PlayerTrees.sol";
import {Relay} from "../dispute/Relay.sol";
import {AuditFixture} from "./AuditFixture.sol";

/// What auditors do, and what nobody can do in their place.
/// hardhat-config: deep.fuzz.runs = 10000
contract AuditMovesTest is AuditFixture {
    using Relay for Relay.Run;

    IAudits.Audit private audit;
    bytes32 private id;
    address private first;
    address private second;

    function setUp() public override {
        super.setUp();
        earn(1 ether);
        audit = begin(answeredWith(RIGHT));
        id = audits.idOf(audit);
        (first, second) = (audit.auditors[0], audit.auditors[1]);
    }

    function refuseStance(address who, IAudits.Stance actual) private {
        refuse(abi.encodeWithSelector(IAudits.Audits_WrongStance.selector, id, who, actual));
    }

    // ---------------------------------------------------------------- commit

    function test_an_auditor_commits_to_its_trace_root() public {
        bytes32 root = honest.rootOf();
        vm.expectEmit(address(audits));
        emit IAudits.Committed(id, first, commitment(first, root));
        commitAs(first, audit, root);
        assertEq(audits.wordOf(id, first), commitment(first, root), "word");
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Committed), "stance");
        assertEq(stanceOf(audit, 1), uint256(IAudits.Stance.None), "the other's");
    }

    function test_nobody_but_the_auditors_commits() public {
        for (uint256 i = 0; i < 2; ++i) {
            address who = [ALICE, DAVE][i];
            refuse(abi.encodeWithSelector(IAudits.Audits_NotAuditor.selector, id, who));
            commitAs(who, audit, "root");
        }
    }

    function test_an_auditor_commits_once() public {
        commitAs(first, audit, "root");
        refuseStance(first, IAudits.Stance.Committed);
        commitAs(first, audit, honest.rootOf());
    }

    function test_a_commitment_is_not_empty() public {
        refuse(abi.encodeWithSelector(IAudits.Audits_NoCommitment.selector));
        vm.prank(first);
        audits.commit(audit, 0);
    }

    function test_an_auditor_commits_in_the_first_half_of_the_window() public {
        vm.warp(audit.assertedAt + 2 * QUARTER);
        refuse(abi.encodeWithSelector(IAudits.Audits_TooLate.selector, id, block.timestamp));
        commitAs(first, audit, "root");
        vm.warp(block.timestamp - 1);
        commitAs(first, audit, "root");
    }

    /// Every field is part of the audit's id.
    function test_an_audit_that_was_not_selected_is_unknown(uint256 field, uint256 change) public {
        change = bound(change, 1, type(uint32).max);
        IAudits.Audit memory other = audit;
        field = field % 12;
        if (field == 0) other.requestId ^= change;
        if (field == 1) other.round ^= uint32(change);
        if (field == 2) other.assertedAt ^= uint40(change);
        if (field == 3) other.quarter ^= uint32(change);
        if (field == 4) other.versionId ^= change;
        if (field == 5) other.batchSize ^= change;
        if (field == 6) other.inputRoot ^= bytes32(change);
        if (field == 7) other.outputRoot ^= bytes32(change);
        if (field == 8) other.seed ^= bytes32(change);
        if (field == 9) other.auditors[0] = DAVE;
        if (field == 10) other.asset = address(uint160(change));
        if (field == 11) other.share ^= change;
        refuse(abi.encodeWithSelector(IAudits.Audits_UnknownAudit.selector, audits.idOf(other)));
        commitAs(second, other, "root");
        refuse(abi.encodeWithSelector(IAudits.Audits_UnknownAudit.selector, audits.idOf(other)));
        audits.settle(other);
    }

    // ---------------------------------------------------------------- reveal

    function test_both_reveal_once_both_have_committed() public {
        commitAs(first, audit, honest.rootOf());
        refuse(abi.encodeWithSelector(IAudits.Audits_TooEarly.selector, id, audit.assertedAt + 2 * QUARTER));
        revealAs(first, audit, honest);
        commitAs(second, audit, honest.rootOf());

        vm.expectEmit(address(audits));
        emit IAudits.Revealed(id, second, honest.rootOf(), honest.roots[Relay.OUT], 0, true);
        revealAs(second, audit, honest);
        revealAs(first, audit, honest);
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Confirmed), "first");
        assertEq(stanceOf(audit, 1), uint256(IAudits.Stance.Confirmed), "second");
        assertEq(audits.wordOf(id, first), honest.rootOf(), "root");
    }

    function test_who_committed_alone_reveals_when_the_other_no_longer_can_commit() public {
        commitAs(first, audit, honest.rootOf());
        vm.warp(audit.assertedAt + 2 * QUARTER);
        revealAs(first, audit, honest);
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Confirmed), "first");
    }

    function test_nobody_reveals_in_the_last_quarter_of_the_window() public {
        commitAs(first, audit, honest.rootOf());
        vm.warp(audit.assertedAt + 3 * QUARTER);
        refuse(abi.encodeWithSelector(IAudits.Audits_TooLate.selector, id, block.timestamp));
        revealAs(first, audit, honest);
        vm.warp(block.timestamp - 1);
        revealAs(first, audit, honest);
    }

    function test_an_auditor_reveals_what_it_committed_to_and_once() public {
        refuseStance(first, IAudits.Stance.None);
        revealAs(first, audit, honest);
        commitAs(first, audit, "something else");
        commitAs(second, audit, honest.rootOf());
        refuse(
            abi.encodeWithSelector(
                IAudits.Audits_OtherCommitment.selector,
                commitment(first, honest.rootOf()),
                commitment(first, "something else")
            )
        );
        revealAs(first, audit, honest);
        revealAs(second, audit, honest);
        refuseStance(second, IAudits.Stance.Confirmed);
        revealAs(second, audit, honest);
    }

    function test_another_auditors_commitment_opens_nothing() public {
        commitAs(first, audit, honest.rootOf());
        bytes32 copied = audits.wordOf(id, first);
        vm.prank(second);
        audits.commit(audit, copied);
        revealAs(first, audit, honest);

        refuse(
            abi.encodeWithSelector(IAudits.Audits_OtherCommitment.selector, commitment(second, honest.rootOf()), copied)
        );
        revealAs(second, audit, honest);
    }

    function test_nobody_reveals_for_another() public {
        commitAs(first, audit, honest.rootOf());
        commitAs(second, audit, honest.rootOf());
        for (uint256 i = 0; i < 2; ++i) {
            address who = [ALICE, DAVE][i];
            refuse(abi.encodeWithSelector(IAudits.Audits_NotAuditor.selector, id, who));
            revealAs(who, audit, honest);
        }
    }

    function test_a_trace_that_ends_in_something_else_denies_the_answer() public {
        Relay.Run memory other = wrongAt(60, 0);
        commitAs(first, audit, other.rootOf());
        commitAs(second, audit, other.rootOf());
        vm.expectEmit(address(audits));
        emit IAudits.Revealed(id, first, other.rootOf(), other.roots[Relay.OUT], 0, false);
        revealAs(first, audit, other);
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Denied), "stance");
    }

    // ---------------------------------------------------------------- what a trace has to show

    function test_the_trace_is_of_the_registered_model() public {
        bothCommit(honest.rootOf());
        IAudits.Run memory run = runOf(honest);
        run.model.outNode = 3;
        bytes32 root = keccak256(abi.encode(uint256(1), run.model));
        refuse(abi.encodeWithSelector(IAudits.Audits_WrongModel.selector, root, Relay.modelRoot()));
        revealRun(run, whole(audit));
    }

    function test_the_trace_begins_with_the_input() public {
        Relay.Run memory elsewhere = Relay.honest(hex"01010304");
        bothCommit(elsewhere.rootOf());
        vm.expectPartialRevert(IAudits.Audits_WrongRoot.selector);
        revealRun(runOf(elsewhere), whole(audit));
    }

    function test_the_trace_ends_where_it_says() public {
        bothCommit(honest.rootOf());
        IAudits.Run memory run = runOf(honest);
        run.outputRoot = keccak256("whatever");
        vm.expectPartialRevert(IAudits.Audits_WrongRoot.selector);
        revealRun(run, whole(audit));
        run = runOf(honest);
        run.outputPath[2] ^= bytes32(uint256(1));
        vm.expectPartialRevert(IAudits.Audits_WrongRoot.selector);
        revealRun(run, whole(audit));
        run = runOf(honest);
        run.inputPath = new bytes32[](6);
        refuse(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooShort.selector, 6, 7));
        revealRun(run, whole(audit));
    }

    function test_the_item_is_that_of_the_answer() public {
        bothCommit(honest.rootOf());
        IDisputeGame.Item memory item = whole(audit);
        item.outputRoot = wrongAt(60, 0).roots[Relay.OUT];
        refuse(abi.encodeWithSelector(IAudits.Audits_WrongRoot.selector, item.outputRoot, audit.outputRoot));
        revealRun(runOf(honest), item);
        item = whole(audit);
        item.inputPath = new bytes32[](1);
        refuse(abi.encodeWithSelector(MerkleRange.MerkleRange_ProofTooLong.selector, 1, 0));
        revealRun(runOf(honest), item);
    }

    function test_tensors_are_not_audited_as_text() public {
        bothCommit(honest.rootOf());
        IAudits.Run memory run = runOf(honest);
        refuse(abi.encodeWithSelector(IAudits.Audits_WrongKind.selector, relay));
        vm.prank(first);
        audits.revealStep(audit, run, INPUT, RIGHT);
    }

    function bothCommit(bytes32 root) private {
        commitAs(first, audit, root);
        commitAs(second, audit, root);
    }

    function revealRun(IAudits.Run memory run, IDisputeGame.Item memory item) private {
        vm.prank(first);
        audits.reveal(audit, run, item);
    }
}

/// Audits of one item of a batch and of one step of a text.
/// hardhat-config: deep.fuzz.runs = 10000
contract AuditPartsTest is AuditFixture {
    using Relay for Relay.Run;

    uint256 private constant CONTEXT = 16;

    function test_of_a_batch_one_item_is_audited(uint256 which) public {
        bytes[] memory inputs = new bytes[](3);
        bytes[] memory outputs = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) {
            inputs[i] = abi.encodePacked(uint8(i + 1), uint24(7));
            outputs[i] = abi.encodePacked(uint8(i + 1), uint8(i + 1));
        }
        uint256 requestId = answeredWith(relay, bytes.concat(inputs[0], inputs[1], inputs[2]), outputs);
        setSelected(requestId, true, which % 20);
        IAudits.Audit memory audit = audits.selection(requestId);
        audits.select(requestId);
        uint256 index = audits.itemOf(audit);

        IDisputeGame.Item memory item = itemAt(inputs, outputs, index);
        IAudits.Run memory run = runOf(Relay.honest(inputs[index]));
        commitAs(audit.auditors[0], audit, run.traceRoot);
        vm.warp(audit.assertedAt + 2 * QUARTER);
        IDisputeGame.Item memory other = itemAt(inputs, outputs, (index + 1) % 3);
        vm.expectPartialRevert(IAudits.Audits_WrongRoot.selector);
        vm.prank(audit.auditors[0]);
        audits.reveal(audit, run, other);
        vm.prank(audit.auditors[0]);
        audits.reveal(audit, run, item);
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Confirmed), "stance");
        assertEq(audits.stateOf(audits.idOf(audit)).item, index, "item");
    }

    function test_who_denied_an_item_is_paid_for_disputing_that_item_and_no_other() public {
        earn(1 ether);
        bytes[] memory inputs = new bytes[](3);
        bytes[] memory outputs = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) (inputs[i], outputs[i]) = (abi.encodePacked(uint8(i + 1), uint24(7)), WRONG);
        uint256 requestId = answeredWith(relay, bytes.concat(inputs[0], inputs[1], inputs[2]), outputs);
        IAudits.Audit memory audit;
        for (uint256 which = 0; audit.batchSize == 0 || audits.itemOf(audit) == 0; ++which) {
            setSelected(requestId, true, which);
            audit = audits.selection(requestId);
        }
        audits.select(requestId);
        uint32 index = audits.itemOf(audit);
        IAudits.Run memory run = runOf(Relay.honest(inputs[index]));
        IDisputeGame.Item memory item = itemAt(inputs, outputs, index);
        for (uint256 i = 0; i < 2; ++i) commitAs(audit.auditors[i], audit, run.traceRoot);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(audit.auditors[i]);
            audits.reveal(audit, run, item);
        }

        challengeBy(audit.auditors[0], IDisputeGame.Subject(requestId, 0, 0));
        challengeBy(audit.auditors[1], IDisputeGame.Subject(requestId, 0, index));
        skip(CLOCK + 1);
        timeOut(IDisputeGame.Subject(requestId, 0, index), audit.auditors[1], noTrace());
        audits.settle(audit);

        assertEq(audits.creditOf(audit.auditors[0], ETH), 0, "disputed another item");
        assertEq(audits.creditOf(audit.auditors[1], ETH), audit.share, "disputed what it denied");
        assertGt(audit.share, 0, "share");
    }

    function itemAt(
        bytes[] memory inputs,
        bytes[] memory outputs,
        uint256 index
    ) private pure returns (IDisputeGame.Item memory item) {
        (bytes32[] memory ins, bytes32[] memory outs) = (new bytes32[](4), new bytes32[](4));
        for (uint256 i = 0; i < 3; ++i) (ins[i], outs[i]) = (leafOf(inputs[i]), leafOf(outputs[i]));
        (item.inputRoot, item.outputRoot) = (ins[index], outs[index]);
        (item.inputPath, item.outputPath) = (PlayerTrees.path(ins, index), PlayerTrees.path(outs, index));
    }

    // ---------------------------------------------------------------- texts

    /// A model of two steps: the context, and the byte that comes next.
    function writerModel() private pure returns (IDisputeGame.Model memory m) {
        (m.nodesHeight, m.nodeCount, m.outNode, m.inputBytes, m.outputBytes) = (1, 2, 1, CONTEXT, 1);
    }

    function publishWriter() private returns (uint256 writer) {
        IModelRegistry.Price[] memory prices = new IModelRegistry.Price[](1);
        prices[0].amount = PRICE;
        bytes32 root = keccak256(abi.encode(uint256(1), writerModel()));
        writer = publish(IModelRegistry.IOBounds(1, uint32(CONTEXT) - 1, 0, 10, uint32(CONTEXT)), root, prices);
        enrol(ALICE, writer);
        enrol(BOB, writer);
        nextEpoch();
    }

    function stepRun(bytes memory input, uint8 next) private pure returns (IAudits.Run memory run) {
        (bytes32 from, bytes32 to) = (leafOf(input), leafOf(abi.encodePacked(next)));
        run.traceRoot = PlayerTrees.nodeOf(from, to);
        run.outputRoot = to;
        run.model = writerModel();
        (run.inputPath, run.outputPath) = (new bytes32[](1), new bytes32[](1));
        (run.inputPath[0], run.outputPath[0]) = (to, from);
    }

    function contextAt(bytes memory prompt, bytes memory output, uint256 step) private pure returns (bytes memory all) {
        all = new bytes(CONTEXT);
        for (uint256 i = 0; i < prompt.length; ++i) all[i] = prompt[i];
        for (uint256 i = 0; i < step; ++i) all[prompt.length + i] = output[i];
    }

    function test_of_a_text_one_step_is_audited(uint256 which) public {
        (bytes memory prompt, bytes memory output) = (bytes("once "), bytes("upon"));
        uint256 requestId = answeredWith(publishWriter(), prompt, one(output));
        setSelected(requestId, true, which % 20);
        IAudits.Audit memory audit = audits.selection(requestId);
        audits.select(requestId);
        uint256 step = audits.stepOf(audit, prompt.length, output.length);
        assertLt(step, output.length + 1, "a step that is claimed");

        uint8 next = step < output.length ? uint8(output[step]) : 0;
        IAudits.Run memory run = stepRun(contextAt(prompt, output, step), next);
        commitAs(BOB, audit, run.traceRoot);
        vm.expectPartialRevert(IAudits.Audits_WrongRoot.selector);
        vm.prank(BOB);
        audits.revealStep(audit, run, prompt, "upom");
        vm.expectPartialRevert(IAudits.Audits_WrongRoot.selector);
        vm.prank(BOB);
        audits.revealStep(audit, run, "onces", output);
        vm.prank(BOB);
        audits.revealStep(audit, run, prompt, output);
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Confirmed), "stance");
        assertEq(audits.stateOf(audits.idOf(audit)).item, step, "step");
    }

    /// Of the same length, so of the same step, and with a trace that holds for it.
    function test_a_step_is_of_the_prompt_and_the_text_of_the_request_and_of_no_others() public {
        IAudits.Audit memory audit = begin(answeredWith(publishWriter(), "once ", one("upon")));
        uint256 step = audits.stepOf(audit, 5, 4);
        IAudits.Run memory run = stepRun(contextAt("twice", "upon", step), 0);
        commitAs(BOB, audit, run.traceRoot);

        refuse(abi.encodeWithSelector(IAudits.Audits_WrongRoot.selector, leafOf("twice"), audit.inputRoot));
        vm.prank(BOB);
        audits.revealStep(audit, run, "twice", "upon");
        refuse(abi.encodeWithSelector(IAudits.Audits_WrongRoot.selector, leafOf("upom"), audit.outputRoot));
        vm.prank(BOB);
        audits.revealStep(audit, run, "once ", "upom");
    }

    function test_every_step_of_a_text_is_as_likely_that_of_its_end_too() public {
        uint256 requestId = answeredWith(publishWriter(), "once ", one("upon"));
        uint256[5] memory times;
        for (uint256 i = 0; i < 200; ++i) {
            setSelected(requestId, true, i);
            ++times[audits.stepOf(audits.selection(requestId), 5, 4)];
        }
        for (uint256 i = 0; i < 5; ++i) assertClose(times[i], 40, 20, "step");
    }

    function test_no_step_beyond_what_the_oracle_takes_of_a_text_is_audited() public {
        IAudits.Audit memory audit;
        audit.versionId = publishWriter();
        IInferenceOracle.Parameters memory few = bounds();
        few.maxOutputBytes = 2;
        deploy(few);
        uint256[2] memory times;
        for (uint256 i = 0; i < 40; ++i) {
            audit.seed = bytes32(i);
            ++times[audits.stepOf(audit, 5, 2)];
        }
        assertGt(times[1], 0, "the last byte");
    }

    function test_texts_are_not_audited_as_tensors() public {
        uint256 writer = publishWriter();
        IAudits.Audit memory audit = begin(answeredWith(writer, "once ", one("upon")));
        commitAs(BOB, audit, "root");
        IAudits.Run memory run = stepRun(contextAt("once ", "upon", 0), 0);
        IDisputeGame.Item memory item = whole(audit);
        refuse(abi.encodeWithSelector(IAudits.Audits_WrongKind.selector, writer));
        vm.prank(BOB);
        audits.reveal(audit, run, item);
        refuse(abi.encodeWithSelector(IAudits.Audits_WrongKind.selector, relay));
        audit.versionId = relay;
        audits.stepOf(audit, 1, 1);
    }

    function test_an_auditor_alone_reveals_as_soon_as_it_committed() public {
        uint256 requestId = answeredWith(publishWriter(), "once ", one("upon"));
        IAudits.Audit memory audit = begin(requestId);
        assertEq(audit.auditors[1], address(0), "alone");
        uint256 step = audits.stepOf(audit, 5, 4);
        IAudits.Run memory run = stepRun(contextAt("once ", "upon", step), 0x7f);
        commitAs(BOB, audit, run.traceRoot);
        vm.prank(BOB);
        audits.revealStep(audit, run, "once ", "upon");
        assertEq(stanceOf(audit, 0), uint256(IAudits.Stance.Denied), "another byte");
    }
}
