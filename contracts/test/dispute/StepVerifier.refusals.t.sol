// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {Datatype} from "../../src/dispute/Datatype.sol";
import {IntegerDot} from "../../src/dispute/IntegerDot.sol";
import {MerkleRange} from "../../src/dispute/MerkleRange.sol";
import {SoftFloat32} from "../../src/dispute/SoftFloat32.sol";
import {StepFixture} from "./StepFixture.sol";
import {Trees} from "./Trees.sol";

/// What is no proof: no verdict comes of it, whatever the operator committed.
/// hardhat-config: default.fuzz.runs = 256
/// hardhat-config: deep.fuzz.runs = 10000
contract StepVerifierRefusalsTest is StepFixture {
    uint256 private constant FP32 = Datatype.FP32;
    uint256 private constant UINT8 = Datatype.UINT8;
    uint256 private constant INT8 = Datatype.INT8;
    uint256 private constant INT32 = Datatype.INT32;
    uint256 private constant INT64 = Datatype.INT64;
    uint256 private constant BOOL = Datatype.BOOL;

    // ---------------------------------------------------------------- the place of the element

    function test_an_element_outside_of_the_chunk(uint256 element_, uint256 seed) public {
        Question memory q = sumOfTwo(seed);
        uint256 elements = q.proof.chunk.length / 4;
        q.proof.element = bound(element_, elements, type(uint256).max);
        expect(
            q,
            abi.encodeWithSelector(IStepVerifier.StepVerifier_ElementOutsideChunk.selector, q.proof.element, elements)
        );
    }

    function test_an_element_outside_of_the_tensor(uint256 chunkIndex, uint256 seed) public {
        Step memory step = addition();
        (step.dims, step.at) = (new uint32[](1), new uint32[](1));
        step.dims[0] = 30;
        Question memory q = questionOf(step, little(5, 4), seed);
        q.evidence.chunkIndex = bound(chunkIndex, 1, type(uint32).max);
        expect(
            q,
            abi.encodeWithSelector(
                IStepVerifier.StepVerifier_ElementOutsideTensor.selector,
                q.evidence.chunkIndex * 64,
                30
            )
        );
    }

    function test_a_tensor_of_no_elements_has_none() public {
        Step memory step = addition();
        (step.dims, step.at) = (new uint32[](2), new uint32[](2));
        (step.dims[0], step.dims[1]) = (1, 1);
        Question memory q = questionOf(step, little(5, 4), 3);
        // The second axis.
        q.descriptor[28] = 0;
        expect(q, abi.encodeWithSelector(IStepVerifier.StepVerifier_ElementOutsideTensor.selector, 0, 0));
    }

    function test_a_hint_outside_of_the_row(uint256 hint, uint256 seed) public {
        Step memory step = stepOf(6, INT64, operand(UINT8, hex"0102030405"));
        step.length = 5;
        Question memory q = questionOf(step, little(4, 8), seed);
        q.proof.hint = bound(hint, 5, type(uint256).max);
        expect(q, abi.encodeWithSelector(IStepVerifier.StepVerifier_HintOutsideRow.selector, q.proof.hint, 5));
    }

    // ---------------------------------------------------------------- descriptors

    function test_a_descriptor_of_another_length() public {
        Question memory q = sumOfTwo(4);
        bytes memory whole = q.descriptor;
        for (uint256 length = 0; length < whole.length + 3; ++length) {
            if (length == whole.length) continue;
            q.descriptor = Trees.slice(bytes.concat(whole, hex"000000"), 0, length);
            uint256 expected = length < 21 ? 21 : whole.length;
            expect(
                q,
                abi.encodeWithSelector(IStepVerifier.StepVerifier_WrongDescriptorLength.selector, length, expected)
            );
        }
    }

    function test_a_rank_outside_of_1_to_6(uint8 rank, uint256 seed) public {
        vm.assume(rank == 0 || rank > 6);
        Question memory q = sumOfTwo(seed);
        q.descriptor[2] = bytes1(rank);
        expect(q, abi.encodeWithSelector(IStepVerifier.StepVerifier_WrongRank.selector, rank));
    }

    function test_an_unknown_datatype(uint8 datatype, uint256 seed) public {
        vm.assume(datatype == 0 || datatype > 9 || datatype == 4 || datatype == 5 || datatype == 8);
        bytes memory reason = abi.encodeWithSelector(IStepVerifier.StepVerifier_UnknownDatatype.selector, datatype);
        Question memory q = sumOfTwo(seed);
        q.descriptor[1] = bytes1(datatype);
        expect(q, reason);
        q = sumOfTwo(seed);
        q.descriptor[operandAt(q, 0) + 1] = bytes1(datatype);
        expect(q, reason);
    }

    function test_an_operation_that_nobody_computes(uint8 op, uint256 seed) public {
        vm.assume(op == 0 || op > 22);
        Question memory q = sumOfTwo(seed);
        q.descriptor[0] = bytes1(op);
        expect(q, abi.encodeWithSelector(IStepVerifier.StepVerifier_NotComputed.selector, op));
    }

    function test_another_number_of_operands() public {
        uint8[23] memory operands = [0, 0, 2, 1, 1, 1, 1, 2, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2];
        for (uint8 op = 1; op < 23; ++op) {
            for (uint256 count = 0; count < 5; ++count) {
                if (count == operands[op] || (op == 1 && count > 0)) continue;
                Step memory step;
                (step.op, step.datatype, step.length, step.operands) = (op, FP32, 1, new Operand[](count));
                for (uint256 k = 0; k < count; ++k) {
                    step.operands[k] = element(FP32, 0);
                }
                assertRefused(
                    step,
                    abi.encodeWithSelector(IStepVerifier.StepVerifier_WrongOperands.selector, op, count),
                    op
                );
            }
        }
    }

    /// The table of SPEC.md: F for FP32, u and b for UINT8 and INT8, i and l for INT32 and INT64, B for BOOL; = is the result's.
    function test_every_datatype_that_the_table_does_not_have(uint8 op, uint8 result) public {
        (op, result) = (1 + (op % 22), result % 6);
        string[23] memory tables = [
            "",
            "FubilB =",
            "i ub ub",
            "iF =",
            "i =",
            "Fubi =",
            "l Fubi",
            "FubilB il =",
            "FubilB B = =",
            "Fubil = = =",
            "iF = =",
            "iF = =",
            "iF = =",
            "iF = =",
            "Fubil = =",
            "Fubil = =",
            "F =",
            "F =",
            "F =",
            "FubilB FubilB",
            "ub F F",
            "F ub F",
            "ub i F"
        ];
        tryDatatypes(op, bytes(tables[op]), result);
    }

    function test_a_length_that_one_proof_cannot_reduce() public {
        assertLength(2, 0);
        assertLength(2, 1_025);
        assertLength(2, type(uint32).max);
        for (uint8 op = 3; op < 6; ++op) {
            assertLength(op, 0);
            assertLength(op, 257);
        }
        assertLength(6, 0);
    }

    function test_a_segment_behind_the_end_of_a_cut_row(uint256 segment) public {
        Step memory step = stepOf(3, INT32, operand(INT32, new bytes(40)));
        (step.length, step.p[2]) = (10, 25);
        (step.dims, step.at) = (new uint32[](1), new uint32[](1));
        (step.dims[0], step.at[0]) = (100, uint32(bound(segment, 3, 99)));
        assertRefused(step, abi.encodeWithSelector(IStepVerifier.StepVerifier_WrongLength.selector, 3, 10), 1);
    }

    function test_concat_along_an_axis_that_is_none(int32 axis, uint256 seed) public {
        uint256 rank = 1 + (seed % 6);
        vm.assume(axis < 0 || uint32(axis) >= rank);
        Step memory step = stepOf(1, UINT8, element(UINT8, 1), element(UINT8, 2));
        step.p[0] = axis;
        assertRefused(step, abi.encodeWithSelector(IStepVerifier.StepVerifier_WrongAxis.selector, axis, rank), seed);
    }

    function test_an_operand_that_is_not_before_the_step(uint256 node, uint256 seed) public {
        // Operand 0 is a step.
        Question memory q = sumOfTwo(seed & ~uint256(1));
        uint256 id = idOf(seed & ~uint256(1), 0);
        q.evidence.node = bound(node, 0, id);
        expect(q, abi.encodeWithSelector(IStepVerifier.StepVerifier_OperandNotBefore.selector, id, q.evidence.node));
        q.evidence.node = id + 1;
        if (!isConstant(seed, 1) && idOf(seed, 1) > id) return;
        assertFalse(ask(q), "right after it");
    }

    // ---------------------------------------------------------------- reads

    function test_reads_that_end_early(uint256 length, uint256 seed) public {
        Question memory q = sumOfTwo(seed);
        bytes memory whole = q.proof.reads;
        length = bound(length, 0, whole.length - 1);
        q.proof.reads = Trees.slice(whole, 0, length);
        vm.expectPartialRevert(IStepVerifier.StepVerifier_ReadsTruncated.selector);
        ask(q);
    }

    function test_no_reads_at_all() public {
        Question memory q = sumOfTwo(1);
        q.proof.reads = "";
        expect(q, abi.encodeWithSelector(IStepVerifier.StepVerifier_ReadsTruncated.selector, 3, 0));
    }

    function test_more_than_was_read(uint256 more, uint256 seed) public {
        Question memory q = sumOfTwo(seed);
        uint256 used = q.proof.reads.length;
        more = bound(more, 1, 700);
        q.proof.reads = bytes.concat(q.proof.reads, new bytes(more));
        expect(q, abi.encodeWithSelector(IStepVerifier.StepVerifier_ReadsLeftOver.selector, used, used + more));
    }

    function test_reads_where_nothing_is_read() public {
        Step memory step = stepOf(6, INT64, operand(UINT8, new bytes(9)));
        step.length = 9;
        Question memory q = questionOf(step, little(9, 8), 4);
        uint256 given = q.proof.reads.length;
        expect(q, abi.encodeWithSelector(IStepVerifier.StepVerifier_ReadsLeftOver.selector, 0, given));
    }

    function test_an_address_below_zero(uint256 below, uint256 seed) public {
        Step memory step = addition();
        below = bound(below, 1, 100_000);
        step.operands[0].further = int256(below + 2_000);
        Question memory q = questionOf(step, little(5, 4), seed);
        vm.expectPartialRevert(IStepVerifier.StepVerifier_AddressBelowZero.selector);
        ask(q);
    }

    function test_a_read_of_fewer_or_more_chunks_than_it_touches() public {
        Step memory step = stepOf(1, INT64, operand(INT64, little(7, 8)));
        bytes32[] memory outer = new bytes32[](1);
        bytes memory tensor = Trees.random(9, 1_000);
        outer[0] = Trees.rootOf(Trees.leavesOf(tensor));
        Question memory q = questionOf(step, little(7, 8), 0);
        // Bytes 508 to 516, of the second and the third chunk.
        setAddress(q, step, 508);
        q.descriptor[operandAt(q, 0) + 2] = bytes1(uint8(2));
        setId(q, 0);
        (q.evidence.traceRoot, q.evidence.nodesHeight, q.evidence.node) = (outer[0], 0, 1);

        q.proof.reads = readOf(tensor, 508, 8, outer, 0);
        q.proof.chunk = Trees.slice(tensor, 508, 8);
        (q.proof.element, q.evidence.chunkIndex) = (0, 0);
        ask(q);

        q.proof.reads = readOf(tensor, 508, 4, outer, 0);
        expect(q, readLength(508 - 256, 508 - 256 + 8, 256));
        q.proof.reads = readOf(tensor, 508, 500, outer, 0);
        expect(q, readLength(508 - 256, 508 - 256 + 8, 744));
    }

    function test_a_read_behind_the_end_of_the_tensor() public {
        Step memory step = stepOf(1, INT64, operand(INT64, little(7, 8)));
        bytes32[] memory outer = new bytes32[](1);
        bytes memory tensor = Trees.random(9, 100);
        outer[0] = Trees.rootOf(Trees.leavesOf(tensor));
        Question memory q = questionOf(step, little(7, 8), 0);
        setAddress(q, step, 93);
        q.descriptor[operandAt(q, 0) + 2] = 0;
        setId(q, 0);
        (q.evidence.traceRoot, q.evidence.nodesHeight, q.evidence.node) = (outer[0], 0, 1);
        q.proof.reads = readOf(tensor, 93, 7, outer, 0);
        expect(q, readLength(93, 101, 100));
    }

    function test_a_byte_that_is_not_committed(uint256 at, uint256 seed) public {
        Question memory q = sumOfTwo(seed);
        // Not of a read's header, which would be of another shape.
        at = bound(at, 3, 3 + readBytes(q) - 1);
        q.proof.reads[at] ^= bytes1(uint8(1 << (seed % 8)));
        vm.expectPartialRevert(IStepVerifier.StepVerifier_NotCommitted.selector);
        ask(q);
    }

    function test_a_trace_or_constants_of_another_root(uint256 seed) public {
        Question memory q = sumOfTwo(seed);
        bytes32 traceRoot = q.evidence.traceRoot;
        q.evidence.traceRoot = ~traceRoot;
        if (isConstant(seed, 0) && isConstant(seed, 1)) {
            assertFalse(ask(q), "of which nothing is read");
        } else {
            expect(q, notCommitted(isConstant(seed, 0) ? 1 : 0, traceRoot, ~traceRoot));
        }
        (q.evidence.traceRoot, traceRoot) = (traceRoot, q.evidence.constRoot);
        q.evidence.constRoot = ~traceRoot;
        if (!isConstant(seed, 0) && !isConstant(seed, 1)) {
            assertFalse(ask(q), "of which nothing is read");
        } else {
            expect(q, notCommitted(isConstant(seed, 0) ? 0 : 1, traceRoot, ~traceRoot));
        }
    }

    function test_operands_the_other_way_round(uint256 seed) public {
        Question memory q = sumOfTwo(seed);
        bytes memory reads = q.proof.reads;
        uint256 first = 3 + readBytes(q);
        bytes memory second = Trees.slice(reads, first, reads.length - first);
        q.proof.reads = bytes.concat(second, Trees.slice(reads, 0, first));
        vm.expectRevert();
        ask(q);
    }

    function test_another_place_has_another_proof(uint256 seed) public {
        Question memory q = sumOfTwo(seed);
        uint256 at = operandAt(q, 0);
        // Another step or constant, next to the one that is meant.
        q.descriptor[at + 6] ^= 0x01;
        q.evidence.node = 100;
        vm.expectPartialRevert(IStepVerifier.StepVerifier_NotCommitted.selector);
        ask(q);
        // A constant for a step, and the other way round.
        q = sumOfTwo(seed);
        q.descriptor[at] ^= 0x01;
        vm.expectPartialRevert(IStepVerifier.StepVerifier_NotCommitted.selector);
        ask(q);
    }

    function test_siblings_of_another_number(uint256 seed) public {
        Question memory q = sumOfTwo(seed);
        uint8 siblings = uint8(q.proof.reads[2]);
        vm.assume(siblings > 0);
        q.proof.reads[2] = bytes1(siblings - 1);
        vm.expectPartialRevert(MerkleRange.MerkleRange_ProofTooShort.selector);
        ask(q);
        q.proof.reads[2] = bytes1(siblings + 1);
        vm.expectPartialRevert(MerkleRange.MerkleRange_ProofTooLong.selector);
        ask(q);
    }

    // ---------------------------------------------------------------- operands that no honest run has

    function test_a_result_that_int32_does_not_hold() public {
        assertOutOfRange(10, type(int32).max, 1, 2 ** 31);
        assertOutOfRange(11, type(int32).min, 1, -(2 ** 31) - 1);
        assertOutOfRange(12, 65_536, 32_768, 2 ** 31);
        assertOutOfRange(13, type(int32).min, -1, 2 ** 31);
    }

    function test_a_sum_that_int32_does_not_hold(uint256 seed) public {
        Step memory step = stepOf(3, INT32, operand(INT32, bytes.concat(little(2 ** 31 - 1, 4), little(1, 4))));
        step.length = 2;
        assertRefused(step, outOfRange(3, 2 ** 31), seed);
        step = stepOf(4, INT32, operand(INT32, little(46_341, 4)));
        step.length = 1;
        assertRefused(step, outOfRange(4, 46_341 ** 2), seed);
    }

    function test_a_zero_point_that_no_byte_has(uint256 seed) public {
        Step memory step = stepOf(2, INT32, operand(UINT8, hex"ff"), operand(UINT8, hex"ff"));
        (step.length, step.p) = (1, [int32(3), -256, 0]);
        assertRefused(step, abi.encodeWithSelector(IntegerDot.IntegerDot_ZeroPointTooFar.selector, int32(-256)), seed);
    }

    function test_a_cast_that_the_datatype_does_not_hold() public {
        assertCast(INT64, INT32, 2 ** 31, 2 ** 31);
        assertCast(INT32, UINT8, -1, -1);
        assertCast(INT32, UINT8, 256, 256);
        assertCast(UINT8, INT8, 128, 128);
        assertCast(FP32, INT32, 0x4f000000, 2 ** 31);
        assertCast(FP32, INT64, 0x5f000000, 2 ** 63);
        assertCast(FP32, INT8, 0xc3010000, -129);
        assertCast(FP32, UINT8, 0xbf800000, -1);
    }

    function test_a_bool_that_is_neither_0_nor_1() public {
        assertRefused(stepOf(1, BOOL, element(BOOL, 2)), outOfRange(1, 2), 1);
    }

    function test_an_index_outside_of_the_table(int32 index, int32 count) public {
        vm.assume(index < 0 || index >= count);
        Step memory step = stepOf(7, UINT8, element(INT32, index), element(UINT8, 1));
        step.p = [int32(1), count, 0];
        assertRefused(
            step,
            abi.encodeWithSelector(IStepVerifier.StepVerifier_IndexOutOfRange.selector, index, count),
            1
        );
    }

    function test_a_division_by_zero() public {
        Step memory step = stepOf(13, INT32, element(INT32, -5), element(INT32, 0));
        assertRefused(step, abi.encodeWithSelector(IStepVerifier.StepVerifier_DivisionByZero.selector, -5), 1);
        step = stepOf(13, FP32, element(FP32, 0x3f800000), element(FP32, 0));
        assertRefused(step, abi.encodeWithSelector(SoftFloat32.SoftFloat32_DivisionByZero.selector, 0x3f800000), 1);
    }

    function test_floats_to_sum_that_are_no_small_integers() public {
        uint32[6] memory wrong = [1, 0x3f000000, 0x3fc00000, 0x4b800000, 0x7f800000, 0xff800001];
        for (uint256 i = 0; i < wrong.length; ++i) {
            Step memory step = stepOf(3, FP32, element(FP32, int256(uint256(wrong[i]))));
            step.length = 1;
            assertRefused(step, abi.encodeWithSelector(IStepVerifier.StepVerifier_NotAnInteger.selector, wrong[i]), i);
        }
    }

    function test_a_float_sum_that_is_not_exact() public {
        // 2^24 - 1, of either sign.
        for (uint256 sign = 0; sign < 2; ++sign) {
            bytes memory most = little(int256(0x4b7fffff | (sign << 31)), 4);
            Step memory step = stepOf(3, FP32, operand(FP32, bytes.concat(most, most)));
            step.length = 2;
            assertRefused(step, outOfRange(3, sign == 0 ? int256(2 ** 25 - 2) : -int256(2 ** 25 - 2)), sign);
        }
    }

    function test_what_is_not_finite() public {
        bytes memory reason = abi.encodeWithSelector(SoftFloat32.SoftFloat32_NotFinite.selector, 0x7f800000);
        Operand memory infinity = element(FP32, 0x7f800000);
        assertRefused(stepOf(1, FP32, infinity), reason, 1);
        assertRefused(stepOf(10, FP32, infinity, element(FP32, 0)), reason, 1);
        assertRefused(stepOf(19, INT32, infinity), reason, 1);
        assertRefused(stepOf(20, UINT8, infinity, element(FP32, 0x3f800000)), reason, 1);
    }

    // ---------------------------------------------------------------- how

    function expect(Question memory q, bytes memory reason) private {
        vm.expectRevert(reason);
        ask(q);
    }

    function addition() private pure returns (Step memory) {
        return stepOf(10, INT32, element(INT32, 2), element(INT32, 3));
    }

    /// Whether 2 + 3 is 5.
    function sumOfTwo(uint256 seed) private pure returns (Question memory) {
        return questionOf(addition(), little(5, 4), seed);
    }

    /// Where an operand is in the descriptor of a question.
    function operandAt(Question memory q, uint256 k) private pure returns (uint256) {
        uint256 rank = uint8(q.descriptor[2]);
        return 21 + 4 * rank + k * (15 + 4 * rank);
    }

    /// Offset `address_`, and no strides.
    function setAddress(Question memory q, Step memory step, uint32 address_) private pure {
        uint256 at = operandAt(q, 0) + 7;
        Trees.put(q.descriptor, at, abi.encodePacked(address_));
        Trees.put(q.descriptor, at + 8, new bytes(4 * step.dims.length));
    }

    function setId(Question memory q, uint32 id) private pure {
        Trees.put(q.descriptor, operandAt(q, 0) + 3, abi.encodePacked(id));
    }

    /// Bytes and siblings of the first read, without its path.
    function readBytes(Question memory q) private pure returns (uint256) {
        bytes memory reads = q.proof.reads;
        uint256 data = (uint256(uint8(reads[0])) << 8) | uint8(reads[1]);
        bool ofConstants = q.descriptor[operandAt(q, 0)] != 0;
        return
            data +
            32 * uint256(uint8(reads[2])) +
            32 * (ofConstants ? q.evidence.constantsHeight : q.evidence.nodesHeight);
    }

    /// All datatypes of the operands, one operand wrong at a time, for one datatype of the result.
    function tryDatatypes(uint8 op, bytes memory table, uint256 result) private {
        uint256 operands = 0;
        for (uint256 i = 0; i < table.length; ++i) {
            if (table[i] == " ") ++operands;
        }
        if (!isIn(table, 0, result, result)) {
            Step memory step = zeros(op, codes()[result], operands);
            bytes memory reason = abi.encodeWithSelector(
                IStepVerifier.StepVerifier_WrongDatatype.selector,
                op,
                step.datatype
            );
            assertRefused(step, reason, op);
            return;
        }
        for (uint256 k = 0; k < operands; ++k) {
            for (uint256 other = 0; other < 6; ++other) {
                Step memory step = zeros(op, codes()[result], operands);
                for (uint256 i = 0; i < operands; ++i) {
                    step.operands[i] = element(codes()[allowedOne(table, i + 1, result)], 0);
                }
                step.operands[k] = element(codes()[other], 0);
                bool isAllowed = isIn(table, k + 1, other, result);
                tryStep(step, codes()[other], isAllowed, k);
            }
        }
    }

    /// Zeros, but where one would divide by them, and with the second of three not read.
    function tryStep(Step memory step, uint256 datatype, bool isAllowed, uint256 k) private {
        if (step.op == 13 || step.op == 20) {
            step.operands[1].value = little(int256(1), sizeOf(step.operands[1].datatype));
        }
        if (step.op == 8) {
            step.operands[1].unread = true;
            if (k == 1)
                (step.operands[0].value, step.operands[1].unread, step.operands[2].unread) = (hex"01", false, true);
        }
        if (step.op == 7) step.p[1] = 1;
        if (isAllowed) {
            Question memory q = questionOf(step, new bytes(sizeOf(step.datatype)), k);
            // ArgMax reads twice.
            if (step.op == 6) q.proof.reads = bytes.concat(q.proof.reads, q.proof.reads);
            ask(q);
            return;
        }
        // Operands are looked at one after another: the read before the wrong one is right.
        assertRefused(
            step,
            abi.encodeWithSelector(IStepVerifier.StepVerifier_WrongDatatype.selector, step.op, datatype),
            k
        );
    }

    function zeros(uint8 op, uint256 datatype, uint256 operands) private pure returns (Step memory step) {
        (step.op, step.datatype, step.length, step.operands) = (op, datatype, 1, new Operand[](operands));
        for (uint256 k = 0; k < operands; ++k) {
            step.operands[k] = element(datatype, 0);
        }
    }

    function codes() private pure returns (uint256[6] memory) {
        return [FP32, UINT8, INT8, INT32, INT64, BOOL];
    }

    /// Whether a word of the table has a datatype, or says that it is that of the result.
    function isIn(bytes memory table, uint256 word, uint256 datatype, uint256 result) private pure returns (bool) {
        bytes6 letters = "FubilB";
        uint256 at = 0;
        for (; word > 0; ++at) {
            if (table[at] == " ") --word;
        }
        for (; at < table.length && table[at] != " "; ++at) {
            if (table[at] == letters[datatype] || (table[at] == "=" && datatype == result)) return true;
        }
        return false;
    }

    function allowedOne(bytes memory table, uint256 word, uint256 result) private pure returns (uint256 datatype) {
        while (!isIn(table, word, datatype, result)) ++datatype;
    }

    function assertLength(uint8 op, uint32 length) private {
        uint256 datatype = op == 6 ? INT64 : INT32;
        Step memory step =
            op == 2
                ? stepOf(op, datatype, operand(UINT8, hex"01"), operand(UINT8, hex"01"))
                : stepOf(op, datatype, element(INT32, 0));
        step.length = length;
        assertRefused(step, abi.encodeWithSelector(IStepVerifier.StepVerifier_WrongLength.selector, op, length), op);
    }

    function assertOutOfRange(uint8 op, int32 x, int32 y, int256 result) private {
        assertRefused(stepOf(op, INT32, element(INT32, x), element(INT32, y)), outOfRange(op, result), 1);
    }

    function assertCast(uint256 from, uint256 to, int256 value, int256 result) private {
        assertRefused(stepOf(19, to, element(from, value)), outOfRange(19, result), 1);
    }

    function outOfRange(uint256 op, int256 result) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStepVerifier.StepVerifier_OutOfRange.selector, op, result);
    }

    function readLength(uint256 from, uint256 to, uint256 given) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStepVerifier.StepVerifier_WrongReadLength.selector, 0, from, to, given);
    }

    function notCommitted(uint256 k, bytes32 root, bytes32 expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStepVerifier.StepVerifier_NotCommitted.selector, k, root, expected);
    }
}
