// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {SoftFloat32} from "../../src/dispute/SoftFloat32.sol";
import {Floats} from "./StepBench.sol";
import {FloatVectors, SpecialPairs} from "./FloatVectors.sol";

/// binary32 against JavaScript's arithmetic: all pairs of specials, and vectors near ties, carries and subnormals.
contract SoftFloat32Test is Test {
    uint32 private constant ZERO = 0;
    uint32 private constant MINUS_ZERO = 0x80000000;
    uint32 private constant LEAST = 1;
    uint32 private constant HALF = 0x3f000000;
    uint32 private constant ONE = 0x3f800000;
    uint32 private constant MINUS_ONE = 0xbf800000;
    uint32 private constant TWO = 0x40000000;
    uint32 private constant GREATEST = 0x7f7fffff;
    uint32 private constant INFINITY = 0x7f800000;
    uint32 private constant NAN = 0x7fc00000;

    Floats private floats;

    function setUp() public {
        floats = new Floats();
    }

    // ---------------------------------------------------------------- all pairs of specials

    function test_sums_of_all_pairs_of_specials() public view {
        _checkPairs(floats.add, SpecialPairs.add());
    }

    function test_differences_of_all_pairs_of_specials_are_sums_with_the_negative() public view {
        bytes memory specials = SpecialPairs.specials();
        bytes memory sums = SpecialPairs.add();
        uint256 count = specials.length / 4;
        for (uint256 i = 0; i < count; ++i) {
            for (uint256 j = 0; j < count; ++j) {
                // Specials come in pairs of a number and its negative.
                uint32 expected = at(sums, i * count + (j ^ 1));
                _check(floats.sub, at(specials, i), at(specials, j), expected);
            }
        }
    }

    function test_products_of_all_pairs_of_specials() public view {
        _checkPairs(floats.mul, SpecialPairs.mul());
    }

    function test_quotients_of_all_pairs_of_specials() public view {
        _checkPairs(floats.div, SpecialPairs.div());
    }

    // ---------------------------------------------------------------- vectors

    function test_vectors_of_the_four_operations() public view {
        _checkVectors(floats.add, FloatVectors.add());
        _checkVectors(floats.sub, FloatVectors.sub());
        _checkVectors(floats.mul, FloatVectors.mul());
        _checkVectors(floats.div, FloatVectors.div());
    }

    function test_vectors_of_rounding_to_integral_numbers() public pure {
        bytes memory vectors = FloatVectors.roundings();
        for (uint256 i = 0; i < vectors.length / 4; i += 4) {
            uint32 a = at(vectors, i);
            assertEq(SoftFloat32.roundHalfEven(a), at(vectors, i + 1), "half even");
            assertEq(SoftFloat32.floor(a), at(vectors, i + 2), "floor");
            assertEq(SoftFloat32.ceil(a), at(vectors, i + 3), "ceil");
        }
    }

    function test_vectors_of_requantising() public pure {
        bytes memory vectors = FloatVectors.requantisations();
        for (uint256 i = 0; i < vectors.length / 4; i += 5) {
            int32 sum = int32(at(vectors, i));
            uint32 multiplier = at(vectors, i + 1);
            int32 zero = int32(at(vectors, i + 2));
            assertEq(SoftFloat32.requantize(sum, multiplier, zero, false), int32(at(vectors, i + 3)), "uint8");
            assertEq(SoftFloat32.requantize(sum, multiplier, zero, true), int32(at(vectors, i + 4)), "int8");
        }
    }

    function test_vectors_of_int32_to_binary32() public pure {
        bytes memory vectors = FloatVectors.conversions();
        for (uint256 i = 0; i < vectors.length / 4; i += 2) {
            assertEq(SoftFloat32.fromInt32(int32(at(vectors, i))), at(vectors, i + 1), "float");
        }
    }

    // ---------------------------------------------------------------- what is refused

    function test_infinities_and_nan_are_refused_with_their_bits() public {
        uint32[4] memory refused = [INFINITY, 0xff800000, NAN, 0xffffffff];
        for (uint256 i = 0; i < refused.length; ++i) {
            uint32 a = refused[i];
            bytes memory reason = abi.encodeWithSelector(SoftFloat32.SoftFloat32_NotFinite.selector, a);
            function(uint32, uint32) external pure returns (uint32)[6] memory operations = [
                floats.add,
                floats.sub,
                floats.mul,
                floats.div,
                floats.min,
                floats.max
            ];
            for (uint256 j = 0; j < operations.length; ++j) {
                vm.expectRevert(reason);
                operations[j](a, ONE);
                // A difference adds the negative.
                uint32 named = j == 1 ? a ^ 0x80000000 : a;
                vm.expectRevert(abi.encodeWithSelector(SoftFloat32.SoftFloat32_NotFinite.selector, named));
                operations[j](ONE, a);
            }
            function(uint32) external pure returns (uint32)[5] memory unary = [
                floats.roundHalfEven,
                floats.floor,
                floats.ceil,
                floats.relu,
                floats.canonical
            ];
            for (uint256 j = 0; j < unary.length; ++j) {
                vm.expectRevert(reason);
                unary[j](a);
            }
            vm.expectRevert(reason);
            floats.toInt32(a);
            vm.expectRevert(reason);
            floats.toIntHalfEven(a);
            vm.expectRevert(reason);
            floats.compare(ONE, a);
            vm.expectRevert(reason);
            floats.clip(ZERO, ZERO, a);
            vm.expectRevert(reason);
            floats.quantize(a, ONE, 0, false);
            vm.expectRevert(reason);
            floats.dequantize(1, a, 0);
            vm.expectRevert(reason);
            floats.requantize(1, a, 0, false);
        }
    }

    function test_an_overflow_names_its_exact_value() public {
        uint256 greatest = 0xffffff;
        vm.expectRevert(
            abi.encodeWithSelector(SoftFloat32.SoftFloat32_Overflow.selector, true, greatest * greatest, int256(208))
        );
        floats.mul(GREATEST, GREATEST | MINUS_ZERO);
        vm.expectRevert(
            abi.encodeWithSelector(SoftFloat32.SoftFloat32_Overflow.selector, false, greatest * 2, int256(104))
        );
        floats.add(GREATEST, GREATEST);
    }

    function test_a_division_by_either_zero_is_refused() public {
        uint32[2] memory zeros = [ZERO, MINUS_ZERO];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(SoftFloat32.SoftFloat32_DivisionByZero.selector, ONE));
            floats.div(ONE, zeros[i]);
        }
    }

    // ---------------------------------------------------------------- integers

    function test_integers_at_the_edges_of_24_bits_round_to_even() public pure {
        assertEq(SoftFloat32.fromInt32(0), ZERO, "0");
        assertEq(SoftFloat32.fromInt32(-1), MINUS_ONE, "-1");
        assertEq(SoftFloat32.fromInt32(2 ** 24 - 1), 0x4b7fffff, "all bits");
        assertEq(SoftFloat32.fromInt32(2 ** 24 + 1), 0x4b800000, "tie down");
        assertEq(SoftFloat32.fromInt32(2 ** 24 + 3), 0x4b800002, "tie up");
        assertEq(SoftFloat32.fromInt32(-(2 ** 24) - 3), 0xcb800002, "tie up, negative");
        assertEq(SoftFloat32.fromInt32(type(int32).max), 0x4f000000, "carry to 2^31");
        assertEq(SoftFloat32.fromInt32(type(int32).min), 0xcf000000, "-2^31");
    }

    function test_64_bit_integers_round_once() public pure {
        assertEq(SoftFloat32.fromInt64(2 ** 60 + 2 ** 36), 0x5d800000, "tie to even");
        assertEq(SoftFloat32.fromInt64(2 ** 60 + 2 ** 36 + 1), 0x5d800001, "a little above");
        assertEq(SoftFloat32.fromInt64(-(2 ** 62) - 2 ** 38 - 1), 0xde800001, "a little above, negative");
        assertEq(SoftFloat32.fromInt64(type(int64).max), 0x5f000000, "carry to 2^63");
        assertEq(SoftFloat32.fromInt64(type(int64).min), 0xdf000000, "-2^63");
    }

    function test_casting_cuts_towards_zero() public pure {
        assertEq(SoftFloat32.toInt32(0x40200000), int256(2), "2.5");
        assertEq(SoftFloat32.toInt32(0xc0200000), int256(-2), "-2.5");
        assertEq(SoftFloat32.toInt32(0x3f7fffff), int256(0), "just below 1");
        assertEq(SoftFloat32.toInt32(LEAST), int256(0), "least subnormal");
        assertEq(SoftFloat32.toInt32(MINUS_ZERO), int256(0), "-0");
        assertEq(SoftFloat32.toInt32(0x4effffff), int256(2 ** 31 - 128), "greatest that fits");
        assertEq(SoftFloat32.toInt32(0xcf000000), int256(-(2 ** 31)), "-2^31");
    }

    function test_a_cast_out_of_range_is_refused() public {
        uint32[4] memory beyond = [0x4f000000, 0xcf000001, GREATEST, GREATEST | MINUS_ZERO];
        for (uint256 i = 0; i < beyond.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(SoftFloat32.SoftFloat32_NotInt32.selector, beyond[i]));
            floats.toInt32(beyond[i]);
        }
    }

    function test_integers_of_any_size_are_exact() public pure {
        assertEq(SoftFloat32.toIntTowardsZero(GREATEST), int256(0xffffff) << 104, "greatest");
        assertEq(SoftFloat32.toIntHalfEven(GREATEST | MINUS_ZERO), -(int256(0xffffff) << 104), "its negative");
    }

    function test_halves_go_to_the_even_side() public pure {
        uint32[6] memory halves = [HALF, 0x3fc00000, 0x40200000, 0xbf000000, 0xbfc00000, 0xc0200000];
        int8[6] memory even = [int8(0), 2, 2, 0, -2, -2];
        for (uint256 i = 0; i < halves.length; ++i) {
            assertEq(SoftFloat32.toIntHalfEven(halves[i]), even[i], "integer");
            assertEq(
                SoftFloat32.canonical(SoftFloat32.roundHalfEven(halves[i])),
                SoftFloat32.fromInt32(even[i]),
                "float"
            );
        }
        assertEq(SoftFloat32.toIntHalfEven(HALF + 1), int256(1), "just above a half");
        assertEq(SoftFloat32.toIntHalfEven(HALF - 1), int256(0), "just below a half");
    }

    function test_what_has_no_fraction_is_left_as_it_is() public pure {
        uint32[6] memory integral = [ZERO, MINUS_ZERO, ONE, 0x4b000001, 0xcb800000, GREATEST];
        for (uint256 i = 0; i < integral.length; ++i) {
            assertEq(SoftFloat32.roundHalfEven(integral[i]), integral[i], "half even");
            assertEq(SoftFloat32.floor(integral[i]), integral[i], "floor");
            assertEq(SoftFloat32.ceil(integral[i]), integral[i], "ceil");
        }
    }

    function test_the_least_fraction_reaches_the_next_integer() public pure {
        assertEq(SoftFloat32.floor(LEAST), ZERO, "floor of a little");
        assertEq(SoftFloat32.ceil(LEAST), ONE, "ceil of a little");
        assertEq(SoftFloat32.floor(LEAST | MINUS_ZERO), MINUS_ONE, "floor of a little below 0");
        assertEq(SoftFloat32.ceil(LEAST | MINUS_ZERO), MINUS_ZERO, "ceil of a little below 0");
        assertEq(SoftFloat32.roundHalfEven(LEAST | MINUS_ZERO), MINUS_ZERO, "nearest to a little below 0");
    }

    // ---------------------------------------------------------------- order

    function test_specials_are_ordered_as_numbers() public pure {
        uint32[9] memory rising = [
            GREATEST | MINUS_ZERO,
            MINUS_ONE,
            0x80800000,
            0x80000001,
            ZERO,
            LEAST,
            HALF,
            ONE,
            GREATEST
        ];
        for (uint256 i = 0; i < rising.length; ++i) {
            for (uint256 j = 0; j < rising.length; ++j) {
                (uint32 a, uint32 b) = (rising[i], rising[j]);
                assertEq(
                    SoftFloat32.compare(a, b),
                    i < j
                        ? int256(-1)
                        : i == j
                            ? int256(0)
                            : int256(1),
                    "order"
                );
                assertEq(SoftFloat32.min(a, b), i < j ? a : b, "min");
                assertEq(SoftFloat32.max(a, b), i > j ? a : b, "max");
            }
        }
    }

    function test_zeros_are_equal_and_the_second_is_taken() public pure {
        assertEq(SoftFloat32.compare(MINUS_ZERO, ZERO), int256(0), "equal");
        assertEq(SoftFloat32.min(MINUS_ZERO, ZERO), ZERO, "min");
        assertEq(SoftFloat32.min(ZERO, MINUS_ZERO), MINUS_ZERO, "min, other way round");
        assertEq(SoftFloat32.max(ZERO, MINUS_ZERO), MINUS_ZERO, "max");
        assertEq(SoftFloat32.max(MINUS_ZERO, ZERO), ZERO, "max, other way round");
    }

    function test_relu_leaves_positive_numbers_and_nothing_else() public pure {
        assertEq(SoftFloat32.relu(LEAST), LEAST, "a little");
        assertEq(SoftFloat32.relu(GREATEST), GREATEST, "a lot");
        assertEq(SoftFloat32.relu(ZERO), ZERO, "zero");
        assertEq(SoftFloat32.relu(MINUS_ZERO), ZERO, "-0");
        assertEq(SoftFloat32.relu(MINUS_ONE), ZERO, "negative");
    }

    function test_clip_brings_between_bounds() public pure {
        assertEq(SoftFloat32.clip(TWO, MINUS_ONE, ONE), ONE, "above");
        assertEq(SoftFloat32.clip(HALF, MINUS_ONE, ONE), HALF, "between");
        assertEq(SoftFloat32.clip(0xc0000000, MINUS_ONE, ONE), MINUS_ONE, "below");
        assertEq(SoftFloat32.clip(HALF, ONE, MINUS_ONE), ONE, "bounds crossed: the lower one first");
    }

    function test_committed_zeros_have_no_sign() public pure {
        assertEq(SoftFloat32.canonical(MINUS_ZERO), ZERO, "-0");
        assertEq(SoftFloat32.canonical(ZERO), ZERO, "+0");
        assertEq(SoftFloat32.canonical(LEAST | MINUS_ZERO), LEAST | MINUS_ZERO, "a little below");
        assertEq(SoftFloat32.canonical(ONE), ONE, "1");
    }

    // ---------------------------------------------------------------- quantisation

    function test_quantising_saturates_after_the_zero_point() public pure {
        assertEq(SoftFloat32.quantize(0x437f0000, ONE, 0, false), int256(255), "255");
        assertEq(SoftFloat32.quantize(0x437f0000, ONE, 1, false), int256(255), "256");
        assertEq(SoftFloat32.quantize(0x437f0000, ONE, -1, false), int256(254), "254");
        assertEq(SoftFloat32.quantize(0x437f0000, ONE, 0, true), int256(127), "127");
        assertEq(SoftFloat32.quantize(0xc37f0000, ONE, 0, false), int256(0), "0");
        assertEq(SoftFloat32.quantize(0xc37f0000, ONE, 0, true), int256(-128), "-128");
        assertEq(SoftFloat32.quantize(GREATEST, ONE, type(int32).min, true), int256(127), "a lot");
    }

    function test_quantising_rounds_the_quotient_and_then_to_even() public pure {
        assertEq(SoftFloat32.quantize(0x40a00000, TWO, 0, false), int256(2), "2.5");
        assertEq(SoftFloat32.quantize(0x40e00000, TWO, 0, false), int256(4), "3.5");
        // 41943028 / 16777211 is 2.5 and a fifth of the last place: 2.5 after one rounding, to the even side by the other.
        uint32 scale = SoftFloat32.fromInt32(16777211);
        assertEq(SoftFloat32.quantize(SoftFloat32.fromInt32(41943028), scale, 0, false), int256(2), "just above 2.5");
    }

    function test_requantising_rounds_the_sum_before_it_multiplies() public pure {
        // 2^24 + 1 becomes 2^24: exactly 100.5, to the even side.
        assertEq(SoftFloat32.requantize(2 ** 24 + 1, 0x36c90000, 0, false), int256(100), "tie");
    }

    function test_dequantising_takes_the_zero_point_off_first() public pure {
        assertEq(SoftFloat32.dequantize(255, HALF, 127), 0x42800000, "128 / 2");
        assertEq(SoftFloat32.dequantize(-128, HALF, 127), 0xc2ff0000, "-255 / 2");
        assertEq(SoftFloat32.dequantize(3, ONE, 3), ZERO, "nothing left");
        assertEq(SoftFloat32.dequantize(-1, ONE, type(int32).max), 0xcf000000, "-2^31");
    }

    // ---------------------------------------------------------------- how

    function _checkPairs(
        function(uint32, uint32) external view returns (uint32) operation,
        bytes memory results
    ) private view {
        bytes memory specials = SpecialPairs.specials();
        uint256 count = specials.length / 4;
        assertEq(results.length, count * count * 4, "table");
        for (uint256 i = 0; i < count; ++i) {
            for (uint256 j = 0; j < count; ++j) {
                _check(operation, at(specials, i), at(specials, j), at(results, i * count + j));
            }
        }
    }

    function _checkVectors(
        function(uint32, uint32) external view returns (uint32) operation,
        bytes memory v
    ) private view {
        for (uint256 i = 0; i < v.length / 4; i += 3) {
            _check(operation, at(v, i), at(v, i + 1), at(v, i + 2));
        }
    }

    error Unlike(uint32 a, uint32 b, uint32 actual, uint32 expected);

    /// An expected infinity or NaN stands for a refusal: of overflows and of divisions by zero.
    function _check(
        function(uint32, uint32) external view returns (uint32) operation,
        uint32 a,
        uint32 b,
        uint32 expected
    ) private view {
        try operation(a, b) returns (uint32 actual) {
            if (actual != expected) revert Unlike(a, b, actual, expected);
        } catch (bytes memory reason) {
            if (expected & INFINITY != INFINITY) revert Unlike(a, b, NAN, expected);
            bytes4 expectedReason =
                b & 0x7fffffff == 0
                    ? SoftFloat32.SoftFloat32_DivisionByZero.selector
                    : SoftFloat32.SoftFloat32_Overflow.selector;
            assertEq(bytes32(bytes4(reason)), bytes32(expectedReason), "reason");
        }
    }

    /// The word number `index` of 4 bytes.
    function at(bytes memory data, uint256 index) private pure returns (uint32 word) {
        assembly ("memory-safe") {
            word := shr(224, mload(add(add(data, 32), shl(2, index))))
        }
    }
}
