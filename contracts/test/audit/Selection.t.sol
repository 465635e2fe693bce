// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {IAudits} from "../../src/interfaces/IAudits.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {AuditFixture} from "./AuditFixture.sol";

/// Which answers are audited, by whom, for how much.
contract SelectionTest is AuditFixture {
    function decidesOf(uint256 requestId) private view returns (uint256) {
        return uint256(oracle.request(requestId).turnedBlock) + 1;
    }

    // ---------------------------------------------------------------- which

    function test_the_hash_of_the_block_after_the_answer_selects_it() public {
        uint256 requestId = answeredWith(RIGHT);
        setSelected(requestId, false, 0);
        refuse(abi.encodeWithSelector(IAudits.Audits_NotSelected.selector, requestId, 0));
        audits.select(requestId);

        setSelected(requestId, true, 0);
        IAudits.Audit memory audit = audits.selection(requestId);
        vm.expectEmit(address(audits));
        emit IAudits.AuditSelected(audits.idOf(audit), requestId, audit);
        bytes32 auditId = audits.select(requestId);
        assertEq(auditId, audits.idOf(audit), "id");
        assertEq(audits.auditOf(requestId, 0), auditId, "audit");
        assertTrue(audits.stateOf(auditId).open, "open");
    }

    function test_about_one_answer_in_so_many_is_selected() public {
        uint256 requestId = answeredWith(RIGHT);
        uint256 selected = 0;
        for (uint256 i = 0; i < 500; ++i) {
            vm.setBlockhash(decidesOf(requestId), keccak256(abi.encode("any", i)));
            try audits.selection(requestId) {
                ++selected;
            } catch {}
        }
        assertClose(selected, 500 / RATE, 30, "selected");
    }

    function test_the_block_of_the_answer_counts_not_that_of_the_request() public {
        uint256 requestId = requestOf(relay, INPUT, 1);
        uint256 asked = oracle.request(requestId).turnedBlock;
        assertEq(asked, block.number - 2, "of the request");
        vm.roll(block.number + 100);
        skip(EXCLUSIVE);
        answer(ALICE, requestId, RIGHT);
        assertEq(oracle.request(requestId).turnedBlock, block.number, "of the answer");
        assertEq(oracle.standing(requestId).assertedBlock, block.number, "of the answer");
    }

    function test_an_answer_is_not_selected_before_its_block_is_mined() public {
        uint256 requestId = answeredWith(RIGHT);
        uint256 decides = decidesOf(requestId);
        vm.roll(decides);
        refuse(abi.encodeWithSelector(IAudits.Audits_BlockToCome.selector, requestId, decides));
        audits.select(requestId);
    }

    function test_an_answer_is_not_selected_once_its_hash_is_forgotten() public {
        uint256 requestId = answeredWith(RIGHT);
        uint256 decides = decidesOf(requestId);
        vm.etch(Blockhash.HISTORY_STORAGE_ADDRESS, "");
        vm.roll(decides + 257);
        refuse(abi.encodeWithSelector(IAudits.Audits_BlockForgotten.selector, requestId, decides));
        audits.select(requestId);
    }

    function test_an_answer_is_selected_once() public {
        uint256 requestId = answeredWith(RIGHT);
        begin(requestId);
        refuse(abi.encodeWithSelector(IAudits.Audits_AlreadySelected.selector, requestId, 0));
        audits.select(requestId);
        // Another hash, as after a reorganisation that kept the first selection, makes no other audit.
        setSelected(requestId, true, 1);
        refuse(abi.encodeWithSelector(IAudits.Audits_AlreadySelected.selector, requestId, 0));
        audits.select(requestId);
    }

    function test_an_answer_is_not_selected_again_after_its_audit() public {
        earn(1 ether);
        uint256 requestId = answeredWith(RIGHT);
        IAudits.Audit memory audit = begin(requestId);
        bothFind(audit, honest);
        finish(audit);
        audits.settle(audit);
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                requestId,
                IInferenceOracle.Status.Final
            )
        );
        audits.select(requestId);
    }

    function test_an_answer_is_selected_in_the_first_quarter_of_its_window() public {
        uint256 requestId = answeredWith(RIGHT);
        setSelected(requestId, true, 0);
        skip(QUARTER);
        refuse(abi.encodeWithSelector(IAudits.Audits_TooLate.selector, bytes32(0), block.timestamp));
        audits.select(requestId);
        vm.warp(block.timestamp - 1);
        audits.select(requestId);
    }

    function test_only_an_answer_that_stands_is_selected() public {
        uint256 requestId = requestOf(relay, INPUT, 1);
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                requestId,
                IInferenceOracle.Status.Open
            )
        );
        audits.select(requestId);
    }

    function test_the_answer_that_replaces_a_convicted_one_can_be_audited_as_well() public {
        uint256 requestId = answeredWith(WRONG);
        IAudits.Audit memory first = begin(requestId);
        convict(first, BOB);
        answer(BOB, requestId, RIGHT);
        vm.roll(block.number + 2);
        IAudits.Audit memory second = begin(requestId);
        assertEq(second.round, 1, "round");
        assertTrue(audits.idOf(second) != audits.idOf(first), "another audit");
        for (uint256 i = 0; i < 2; ++i) {
            assertTrue(second.auditors[i] != BOB, "not who answered");
        }
    }

    function test_neither_roots_nor_fixed_lengths_alone_let_an_answer_be_audited() public {
        assertNotAuditable(publish(IModelRegistry.IOBounds(0, 300, 0, 1_000, 0), ROOT, priced(ETH, PRICE)));
        assertNotAuditable(publish(IModelRegistry.IOBounds(4, 4, 2, 2, 0), 0, priced(ETH, PRICE)));
    }

    function assertNotAuditable(uint256 versionId) private {
        enrol(ALICE, versionId);
        enrol(BOB, versionId);
        nextEpoch();
        uint256 requestId = answeredWith(versionId, INPUT, one(RIGHT));
        setSelected(requestId, true, 0);
        refuse(abi.encodeWithSelector(IAudits.Audits_NotAuditable.selector, versionId));
        audits.select(requestId);
    }

    function test_versions_that_nobody_can_judge_are_not_audited() public {
        enrol(ALICE, prose);
        enrol(BOB, prose);
        nextEpoch();
        uint256 requestId = answeredWith(prose, "hello", one("world"));
        setSelected(requestId, true, 0);
        refuse(abi.encodeWithSelector(IAudits.Audits_NotAuditable.selector, prose));
        audits.select(requestId);
    }

    // ---------------------------------------------------------------- by whom

    function test_two_others_are_drawn_by_their_stake() public {
        enlist(DAVE, 7 * STAKE, relay);
        nextEpoch();
        uint256 requestId = answeredWith(RIGHT);
        uint256 daves = 0;
        for (uint256 i = 0; i < 100; ++i) {
            setSelected(requestId, true, i);
            address[2] memory auditors = audits.selection(requestId).auditors;
            assertTrue(auditors[0] != auditors[1], "two");
            assertTrue(auditors[0] != address(0) && auditors[1] != address(0), "two");
            assertTrue(auditors[0] != ALICE && auditors[1] != ALICE, "others");
            if (auditors[0] == DAVE) ++daves;
        }
        // Seven ninths of the stake of the three.
        assertClose(daves, 78, 15, "by stake");
    }

    function test_where_one_other_is_enrolled_it_audits_alone() public {
        vm.prank(CAROL);
        operators.withdrawFrom(relay);
        nextEpoch();
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        assertEq(audit.auditors[0], BOB, "first");
        assertEq(audit.auditors[1], address(0), "second");
    }

    function test_where_nobody_else_is_enrolled_there_is_no_audit() public {
        vm.prank(CAROL);
        operators.withdrawFrom(relay);
        vm.prank(BOB);
        operators.withdrawFrom(relay);
        nextEpoch();
        uint256 requestId = answeredWith(RIGHT);
        setSelected(requestId, true, 0);
        refuse(abi.encodeWithSelector(IAudits.Audits_NobodyToAudit.selector, requestId));
        audits.select(requestId);
    }

    function test_who_enrols_after_the_answer_is_not_drawn() public {
        uint256 requestId = answeredWith(RIGHT);
        enlist(DAVE, 900 ether, relay);
        nextEpoch();
        for (uint256 i = 0; i < 50; ++i) {
            setSelected(requestId, true, i);
            address[2] memory auditors = audits.selection(requestId).auditors;
            assertTrue(auditors[0] != DAVE && auditors[1] != DAVE, "late");
        }
    }

    // ---------------------------------------------------------------- for how much

    function test_an_audit_pays_what_the_answers_between_two_audits_bring_in() public {
        earn(1 ether);
        assertEq(audits.potOf(ETH), 0.005 ether, "half a percent");
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        assertEq(audit.asset, ETH, "asset");
        assertEq(2 * audit.share, (PRICE * AUDIT_BPS * RATE) / 10_000, "both");
        assertEq(audits.potOf(ETH), 0.005 ether - 2 * SHARE, "reserved");
        assertEq(audits.heldOf(ETH), 0.02 ether, "held");
    }

    function test_one_auditor_alone_is_paid_its_half() public {
        earn(1 ether);
        vm.prank(CAROL);
        operators.withdrawFrom(relay);
        nextEpoch();
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        assertEq(audit.share, SHARE, "share");
        assertEq(audits.potOf(ETH), 0.005 ether - SHARE, "reserved");
    }

    function test_an_audit_never_pays_more_than_the_pot_holds(uint256 income) public {
        income = bound(income, 200, 0.02 ether);
        earn(income);
        uint256 pot = audits.potOf(ETH);
        IAudits.Audit memory audit = begin(answeredWith(RIGHT));
        assertEq(audit.share, SHARE < pot / 2 ? SHARE : pot / 2, "share");
        assertEq(audits.potOf(ETH), pot - 2 * audit.share, "pot");
    }

    function test_a_batch_pays_by_its_fee() public {
        earn(1 ether);
        bytes[] memory outputs = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) outputs[i] = RIGHT;
        IAudits.Audit memory audit = begin(answeredWith(relay, hex"010203040102030401020304", outputs));
        assertEq(audit.share, 3 * SHARE, "share");
        assertLt(audits.itemOf(audit), 3, "item");
    }

    function test_every_item_of_a_batch_is_as_likely() public {
        bytes[] memory outputs = new bytes[](RATE);
        bytes memory input;
        for (uint256 i = 0; i < RATE; ++i) (outputs[i], input) = (RIGHT, bytes.concat(input, INPUT));
        uint256 requestId = answeredWith(relay, input, outputs);
        uint256[RATE] memory times;
        for (uint256 i = 0; i < 200; ++i) {
            setSelected(requestId, true, i);
            ++times[audits.itemOf(audits.selection(requestId))];
        }
        for (uint256 i = 0; i < RATE; ++i) assertClose(times[i], 40, 20, "item");
    }
}
