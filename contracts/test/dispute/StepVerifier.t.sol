// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {Datatype} from "../../src/dispute/Datatype.sol";
import {SoftFloat32} from "../../src/dispute/SoftFloat32.sol";
import {StepFixture} from "./StepFixture.sol";
import {Trees} from "./Trees.sol";

/// The operations of SPEC.md, section 5: the element is what they say, and no other bytes are. Floats are those of SoftFloat32,
/// which has tests of its own; here it is about which numbers go in and come out.
/// hardhat-config: default.fuzz.runs = 256
/// hardhat-config: deep.fuzz.runs = 10000
contract StepVerifierTest is StepFixture {
    uint256 private constant FP32 = Datatype.FP32;
    uint256 private constant UINT8 = Datatype.UINT8;
    uint256 private constant INT8 = Datatype.INT8;
    uint256 private constant INT32 = Datatype.INT32;
    uint256 private constant INT64 = Datatype.INT64;
    uint256 private constant BOOL = Datatype.BOOL;

    // ---------------------------------------------------------------- movement

    function test_1_concat_copies_from_the_operand_that_serves_the_coordinate(uint256 seed, uint32 at) public view {
        uint256 datatype = anyOf(seed);
        (Step memory step, bytes memory value) = concatenation(datatype, at % 100, seed);
        assertElement(step, value, seed);
    }

    function test_1_concat_of_one_operand_is_a_strided_copy(uint256 seed) public view {
        uint256 datatype = anyOf(seed);
        bytes memory value = canonicalBytes(datatype, seed);
        assertElement(stepOf(1, datatype, operand(datatype, value)), value, seed);
    }

    function test_7_gather_looks_an_index_up(uint256 seed, uint16 index, int16 stride) public view {
        uint256 datatype = anyOf(seed);
        bytes memory value = canonicalBytes(datatype, seed);
        Step memory step = stepOf(
            7,
            datatype,
            element(seed % 2 == 0 ? INT32 : INT64, int256(uint256(index))),
            operand(datatype, value)
        );
        step.p = [int32(stride), int32(uint32(index)) + 1, 0];
        step.operands[1].further = int256(uint256(index)) * stride;
        assertElement(step, value, seed);
    }

    function test_8_select_takes_one_of_two(uint256 seed, bool condition) public view {
        uint256 datatype = anyOf(seed);
        (bytes memory yes, bytes memory no) = (canonicalBytes(datatype, seed), canonicalBytes(datatype, ~seed));
        Step memory step = stepOf(
            8,
            datatype,
            element(BOOL, condition ? int256(1) : int256(0)),
            operand(datatype, yes),
            operand(datatype, no)
        );
        step.operands[condition ? 2 : 1].unread = true;
        assertElement(step, condition ? yes : no, seed);
    }

    // ---------------------------------------------------------------- reductions

    function test_2_dot_sums_products_less_zero_points(uint256 seed, uint256 length, int8 za, int8 zb) public view {
        length = bound(length, 1, 1_024);
        Step memory step = stepOf(
            2,
            INT32,
            operand(seed % 2 == 0 ? UINT8 : INT8, Trees.random(seed, length)),
            operand(seed % 3 == 0 ? UINT8 : INT8, Trees.random(~seed, length))
        );
        (step.length, step.p) = (uint32(length), [int32(za), int32(zb), 0]);
        assertElement(step, little(dotOf(step), 4), seed);
    }

    function test_2_dot_of_a_cut_row_ends_with_what_is_left(uint256 seed, uint256 segment, uint256 total) public view {
        uint256 length = 1 + (seed % 700);
        segment = bound(segment, 0, 5);
        total = bound(total, segment * length + 1, segment * length + 2 * length);
        vm.assume(total > length);
        uint256 rest = total - segment * length;
        Step memory step = stepOf(
            2,
            INT32,
            operand(UINT8, Trees.random(seed, rest < length ? rest : length)),
            operand(INT8, Trees.random(~seed, rest < length ? rest : length))
        );
        (step.length, step.p) = (uint32(length), [int32(3), -4, int32(int256(total))]);
        (step.dims, step.at) = (new uint32[](2), new uint32[](2));
        (step.dims[0], step.dims[1]) = (3, uint32((total + length - 1) / length));
        (step.at[0], step.at[1]) = (1, uint32(segment));
        assertElement(step, little(dotOf(step), 4), seed);
    }

    function test_3_sum_of_integers(uint256 seed, uint256 length) public view {
        length = bound(length, 1, 256);
        bytes memory row;
        int256 total = 0;
        for (uint256 k = 0; k < length; ++k) {
            int256 value = int24(uint24(uint256(keccak256(abi.encode(seed, k)))));
            row = bytes.concat(row, little(value, 4));
            total += value;
        }
        Step memory step = stepOf(3, INT32, operand(INT32, row));
        step.length = uint32(length);
        assertElement(step, little(total, 4), seed);
    }

    function test_3_sum_of_floats_that_are_integers(uint256 seed, uint256 length) public view {
        length = bound(length, 1, 256);
        bytes memory row;
        int256 total = 0;
        for (uint256 k = 0; k < length; ++k) {
            // Of every size, zero and both signs among them; their sum is below 2^24.
            int256 value = int16(uint16(uint256(keccak256(abi.encode(seed, k))))) >> (seed % 16);
            row = bytes.concat(row, float(value));
            total += value;
        }
        Step memory step = stepOf(3, FP32, operand(FP32, row));
        step.length = uint32(length);
        assertElement(step, float(total), seed);
    }

    function test_3_sum_of_one_float(int24 value, uint256 seed) public view {
        Step memory step = stepOf(3, FP32, operand(FP32, float(value)));
        step.length = 1;
        assertElement(step, float(value), seed);
    }

    function test_4_sum_of_squares(uint256 seed, uint256 length) public view {
        length = bound(length, 1, 256);
        bytes memory row;
        int256 total = 0;
        for (uint256 k = 0; k < length; ++k) {
            int256 value = int256(uint256(keccak256(abi.encode(seed, k))) % 5_001) - 2_500;
            row = bytes.concat(row, little(value, 4));
            total += value * value;
        }
        Step memory step = stepOf(4, INT32, operand(INT32, row));
        step.length = uint32(length);
        assertElement(step, little(total, 4), seed);
    }

    function test_5_the_greatest_of_a_row(uint256 seed, uint256 length) public view {
        length = bound(length, 1, 256);
        uint256 datatype = [FP32, INT32, UINT8, INT8][seed % 4];
        (bytes memory row, uint256 best, ) = rowOf(datatype, length, seed);
        Step memory step = stepOf(5, datatype, operand(datatype, row));
        step.length = uint32(length);
        uint256 size = sizeOf(datatype);
        assertElement(step, Trees.slice(row, best * size, size), seed);
    }

    function test_6_arg_max_is_right_about_the_first_greatest(uint256 seed, uint256 length, uint256 hint) public view {
        length = bound(length, 1, 300);
        uint256 datatype = [FP32, INT32, UINT8, INT8][seed % 4];
        (bytes memory row, uint256 best, ) = rowOf(datatype, length, seed);
        hint = bound(hint, 0, length - 1);
        assertFalse(ask(argMax(datatype, row, best, hint, seed)), "refuted");
    }

    function test_6_arg_max_is_refuted_by_a_better_one(uint256 seed, uint256 length, uint256 claimed) public view {
        length = bound(length, 1, 300);
        uint256 datatype = [FP32, INT32, UINT8, INT8][seed % 4];
        (bytes memory row, uint256 best, ) = rowOf(datatype, length, seed);
        claimed = bound(claimed, 0, length - 1);
        assertTrue(ask(argMax(datatype, row, claimed, best, seed)) == (claimed != best), "refuted");
    }

    function test_6_arg_max_takes_the_first_of_equals() public view {
        bytes memory row = hex"0507030701";
        assertFalse(ask(argMax(UINT8, row, 1, 3, 5)), "the first");
        assertTrue(ask(argMax(UINT8, row, 3, 1, 5)), "the second");
    }

    function test_6_arg_max_outside_of_the_row_is_wrong_without_reads(int64 claimed, uint256 seed) public view {
        vm.assume(claimed < 0 || claimed >= 300);
        Step memory step = stepOf(6, INT64, operand(UINT8, new bytes(300)));
        step.length = 300;
        step.operands[0].unread = true;
        assertTrue(ask(questionOf(step, little(claimed, 8), seed)), "wrong");
    }

    // ---------------------------------------------------------------- arithmetic

    function test_9_clip(int64 x, int64 a, int64 b, uint256 seed) public view {
        uint256 datatype = [FP32, INT32, INT64, UINT8, INT8][seed % 5];
        (int256 value, int256 least, int256 most) = (within(datatype, x), within(datatype, a), within(datatype, b));
        if (order(datatype, least) > order(datatype, most)) (least, most) = (most, least);
        int256 expected = value;
        if (order(datatype, value) < order(datatype, least)) expected = least;
        if (order(datatype, value) > order(datatype, most)) expected = most;
        Step memory step = stepOf(
            9,
            datatype,
            element(datatype, value),
            element(datatype, least),
            element(datatype, most)
        );
        assertElement(step, little(expected, sizeOf(datatype)), seed);
    }

    function test_10_to_13_on_integers(int32 x, int32 y, uint256 seed) public view {
        assertSmall(10, x, y, int256(x) + y, seed);
        assertSmall(11, x, y, int256(x) - y, seed);
        assertSmall(12, x, y, int256(x) * y, seed);
        assertSmall(12, x >> 16, y >> 16, int256(x >> 16) * (y >> 16), seed);
        if (y != 0) assertSmall(13, x, y, int256(x) / y, seed);
    }

    function test_13_division_of_integers_is_towards_zero() public view {
        assertSmall(13, -7, 2, -3, 1);
        assertSmall(13, 7, -2, -3, 1);
    }

    function test_10_to_13_on_floats(uint32 a, uint32 b, uint256 seed) public view {
        (uint32 x, uint32 y) = (moderate(a), moderate(b));
        assertFloat(10, x, y, SoftFloat32.add(x, y), seed);
        assertFloat(11, x, y, SoftFloat32.sub(x, y), seed);
        assertFloat(12, x, y, SoftFloat32.mul(x, y), seed);
        assertFloat(13, x, y, SoftFloat32.div(x, y), seed);
    }

    function test_14_15_order(int64 a, int64 b, uint256 seed) public view {
        uint256 datatype = [FP32, INT32, INT64, UINT8, INT8][seed % 5];
        (int256 x, int256 y) = (within(datatype, a), within(datatype, b));
        bool isLess = order(datatype, x) < order(datatype, y);
        (Operand memory first, Operand memory second) = (element(datatype, x), element(datatype, y));
        assertElement(stepOf(14, datatype, first, second), little(isLess ? x : y, sizeOf(datatype)), seed);
        assertElement(stepOf(15, datatype, first, second), little(isLess ? y : x, sizeOf(datatype)), seed);
    }

    function test_16_to_18_round(uint32 a, uint256 seed) public view {
        uint32 x = moderate(a);
        Operand memory only = element(FP32, int256(uint256(x)));
        uint32 rounded = SoftFloat32.canonical(SoftFloat32.roundHalfEven(x));
        assertElement(stepOf(16, FP32, only), bits(rounded), seed);
        assertElement(stepOf(17, FP32, only), bits(SoftFloat32.floor(x)), seed);
        assertElement(stepOf(18, FP32, only), bits(SoftFloat32.canonical(SoftFloat32.ceil(x))), seed);
    }

    function test_minus_zero_is_committed_as_zero(uint256 seed) public view {
        Step memory step = stepOf(16, FP32, element(FP32, 0xbe000000));
        assertFalse(ask(questionOf(step, bits(0), seed)), "+0");
        assertTrue(ask(questionOf(step, bits(0x80000000), seed)), "-0");
    }

    // ---------------------------------------------------------------- conversions

    function test_19_cast_between_integers_keeps_the_value(
        int64 a,
        uint256 from,
        uint256 to,
        uint256 seed
    ) public view {
        from = [INT32, INT64, UINT8, INT8, BOOL][from % 5];
        to = [INT32, INT64, UINT8, INT8][to % 4];
        // A value that both have.
        int256 value = from == BOOL ? within(BOOL, a) : within(UINT8, a) / 2;
        if ((from == INT32 || from == INT64) && (to == INT32 || to == INT64)) value = int32(a);
        if (from == INT64 && to == INT64) value = a;
        assertElement(stepOf(19, to, element(from, value)), little(value, sizeOf(to)), seed);
    }

    function test_19_cast_to_bool_is_whether_not_zero(int64 a, uint256 from, uint256 seed) public view {
        from = [INT32, INT64, UINT8, INT8, BOOL, FP32][from % 6];
        int256 value = a % 3 == 0 ? int256(0) : within(from, a);
        assertElement(stepOf(19, BOOL, element(from, value)), value == 0 ? bytes(hex"00") : bytes(hex"01"), seed);
    }

    function test_19_cast_to_float_rounds_once(int64 a, uint256 from, uint256 seed) public view {
        from = [INT32, INT64, UINT8, INT8, BOOL][from % 5];
        int256 value = within(from, a);
        assertElement(stepOf(19, FP32, element(from, value)), bits(SoftFloat32.fromInt64(int64(value))), seed);
    }

    function test_19_cast_of_a_float_is_towards_zero(uint32 a, uint256 to, uint256 seed) public view {
        to = [INT32, INT64, UINT8, INT8][to % 4];
        uint32 x = moderate(a);
        int256 value = SoftFloat32.toIntTowardsZero(x);
        vm.assume(Datatype.holds(to, value));
        assertElement(stepOf(19, to, element(FP32, int256(uint256(x)))), little(value, sizeOf(to)), seed);
    }

    function test_19_cast_to_the_same_changes_nothing(uint256 seed) public view {
        uint256 datatype = anyOf(seed);
        bytes memory value = canonicalBytes(datatype, seed);
        assertElement(stepOf(19, datatype, operand(datatype, value)), value, seed);
    }

    function test_20_quantize(uint32 a, int8 zero, uint256 seed) public view {
        (uint32 x, uint32 scale) = (moderate(a), positive(seed));
        uint256 to = seed % 2 == 0 ? UINT8 : INT8;
        Step memory step = stepOf(20, to, element(FP32, int256(uint256(x))), element(FP32, int256(uint256(scale))));
        step.p[0] = zero;
        assertElement(step, little(SoftFloat32.quantize(x, scale, zero, to == INT8), 1), seed);
    }

    function test_21_dequantize(int8 a, int8 zero, uint256 seed) public view {
        uint256 from = seed % 2 == 0 ? UINT8 : INT8;
        int256 value = within(from, a);
        uint32 scale = positive(seed);
        Step memory step = stepOf(21, FP32, element(from, value), element(FP32, int256(uint256(scale))));
        step.p[0] = zero;
        uint32 expected = SoftFloat32.canonical(SoftFloat32.dequantize(int16(value), scale, zero));
        assertElement(step, bits(expected), seed);
    }

    function test_22_requantize(int32 value, int8 zero, uint256 seed) public view {
        uint32 multiplier = positive(seed);
        uint256 to = seed % 2 == 0 ? UINT8 : INT8;
        Step memory step = stepOf(22, to, element(INT32, value), element(FP32, int256(uint256(multiplier))));
        step.p[0] = zero;
        assertElement(step, little(SoftFloat32.requantize(value, multiplier, zero, to == INT8), 1), seed);
    }

    // ---------------------------------------------------------------- operands, plainly

    function concatenation(
        uint256 datatype,
        uint32 at,
        uint256 seed
    ) private pure returns (Step memory step, bytes memory value) {
        uint256 count = 1 + (seed % 5);
        uint256 serving = type(uint256).max;
        (step.op, step.datatype, step.operands) = (1, datatype, new Operand[](count));
        for (uint256 k = 0; k < count; ++k) {
            bytes memory some = canonicalBytes(datatype, seed ^ k);
            step.operands[k] = operand(datatype, some);
            step.operands[k].bound = uint32((100 * (k + 1)) / count);
            step.operands[k].unread = true;
            if (serving == type(uint256).max && (at < step.operands[k].bound || k + 1 == count)) {
                (serving, value) = (k, some);
                step.operands[k].unread = false;
            }
        }
        // Nobody asks for the last one's bound.
        step.operands[count - 1].bound = 0;
        step.p[0] = 1;
        (step.dims, step.at) = (new uint32[](3), new uint32[](3));
        (step.dims[0], step.dims[1], step.dims[2]) = (2, 100, 3);
        (step.at[0], step.at[1], step.at[2]) = (uint32(seed % 2), at, uint32(seed % 3));
    }

    /// The claim that position `claimed` has the greatest, against that of `hint`.
    function argMax(
        uint256 datatype,
        bytes memory row,
        uint256 claimed,
        uint256 hint,
        uint256 seed
    ) private pure returns (Question memory q) {
        uint256 size = sizeOf(datatype);
        // The row as it is read: of all of it, two elements.
        Step memory step = stepOf(6, INT64, operand(datatype, row));
        step.length = uint32(row.length / size);
        q = questionOf(step, little(int256(claimed), 8), seed);
        q.proof.hint = hint;
        q.proof.reads = bytes.concat(
            readWithin(step, 0, claimed * size, size, seed),
            readWithin(step, 0, hint * size, size, seed)
        );
    }

    /// A row with its greatest element more than once, now and then, and the first position of it.
    function rowOf(
        uint256 datatype,
        uint256 length,
        uint256 seed
    ) private pure returns (bytes memory row, uint256 best, int256 greatest) {
        greatest = type(int256).min;
        for (uint256 k = 0; k < length; ++k) {
            uint256 word = uint256(keccak256(abi.encode(seed, k)));
            int256 value = within(datatype, int64(uint64(seed % 3 == 0 ? word % 4 : word)));
            row = bytes.concat(row, little(value, sizeOf(datatype)));
            if (order(datatype, value) > greatest) (greatest, best) = (order(datatype, value), k);
        }
    }

    function dotOf(Step memory step) private pure returns (int256 sum) {
        for (uint256 k = 0; k < step.operands[0].value.length; ++k) {
            sum += (byteOf(step.operands[0], k) - step.p[0]) * (byteOf(step.operands[1], k) - step.p[1]);
        }
    }

    function byteOf(Operand memory x, uint256 k) private pure returns (int256) {
        uint8 value = uint8(x.value[k]);
        return x.datatype == INT8 ? int256(int8(value)) : int256(uint256(value));
    }

    function assertSmall(uint8 op, int32 x, int32 y, int256 expected, uint256 seed) private view {
        if (expected != int32(expected)) return;
        assertElement(stepOf(op, INT32, element(INT32, x), element(INT32, y)), little(expected, 4), seed);
    }

    function assertFloat(uint8 op, uint32 x, uint32 y, uint32 expected, uint256 seed) private view {
        Operand memory first = element(FP32, int256(uint256(x)));
        Operand memory second = element(FP32, int256(uint256(y)));
        assertElement(stepOf(op, FP32, first, second), bits(SoftFloat32.canonical(expected)), seed);
    }

    function anyOf(uint256 seed) private pure returns (uint256) {
        return [FP32, UINT8, INT8, INT32, INT64, BOOL][(seed >> 16) % 6];
    }

    function canonicalBytes(uint256 datatype, uint256 seed) private pure returns (bytes memory) {
        int64 value = int64(uint64(uint256(keccak256(abi.encode(seed)))));
        return little(within(datatype, value), sizeOf(datatype));
    }

    /// Any element of the datatype, made of any number: of FP32, finite bits and no -0.
    function within(uint256 datatype, int64 value) private pure returns (int256) {
        if (datatype == FP32) return int256(uint256(SoftFloat32.canonical(uint32(uint64(value)) & 0xbfffffff)));
        if (datatype == BOOL) return value & 1;
        if (datatype == UINT8) return int256(uint256(uint8(uint64(value))));
        if (datatype == INT8) return int8(value);
        return datatype == INT32 ? int256(int32(value)) : int256(value);
    }

    function order(uint256 datatype, int256 value) private pure returns (int256) {
        if (datatype != FP32 || value < 0x80000000) return value;
        return 0x80000000 - value;
    }

    /// Bits of a number from 2^-27 to 2^36.
    function moderate(uint32 a) private pure returns (uint32) {
        return (a & 0x807fffff) | ((100 + ((a >> 23) % 63)) << 23);
    }

    function positive(uint256 seed) private pure returns (uint32) {
        return moderate(uint32(seed >> 32)) & 0x7fffffff;
    }

    function bits(uint32 value) private pure returns (bytes memory) {
        return little(int256(uint256(value)), 4);
    }

    function float(int256 value) private pure returns (bytes memory) {
        return bits(SoftFloat32.fromInt64(int64(value)));
    }
}
