// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {SoftFloat32} from "../../src/dispute/SoftFloat32.sol";
import {Floats} from "./StepBench.sol";

/// binary32 against exact arithmetic. The reference never rounds: it compares the exact result, a fraction times a power of
/// two, with the points halfway between the number that was returned and its neighbours. Exact means below the upper one
/// and above the lower one, and on one of them only if the number returned is even.
contract SoftFloat32ExactTest is Test {
    uint256 private constant MAGNITUDE = 0x7fffffff;
    uint256 private constant GREATEST = 0x7f7fffff;

    /// numerator * 2^exponent / denominator, with a sign.
    struct Exact {
        bool negative;
        uint256 numerator;
        int256 exponent;
        uint256 denominator;
    }

    error NotNearest(uint32 a, uint32 b, uint256 result);

    Floats private floats;

    function setUp() public {
        floats = new Floats();
    }

    function test_sums_are_the_nearest_number(uint256 seed, int8 apart) public view {
        uint32 a = number(seed, int256(seed % 255));
        _checkSum(a, number(seed >> 64, int256(uint256((a >> 23) & 0xff)) + apart / 4));
    }

    function test_sums_of_any_two_within_two_hundred_binades_are_the_nearest(uint32 a, uint32 b) public view {
        _checkSum(number(a, int256(uint256(a % 200))), number(b, int256(uint256(b % 200))));
    }

    function test_a_number_far_below_changes_nothing(uint256 seed, uint256 by) public pure {
        int256 exponent = int256(bound(seed >> 128, 30, 254));
        uint32 a = number(seed, exponent);
        // Below a quarter of the last place of `a`, whichever neighbour is meant.
        uint32 b = number(seed >> 64, exponent - int256(bound(by, 27, uint256(exponent))));
        assertEq(SoftFloat32.add(a, b), a, "first");
        assertEq(SoftFloat32.add(b, a), a, "second");
        assertEq(SoftFloat32.sub(a, b), a, "difference");
    }

    function test_differences_are_sums_with_the_negative(uint256 seed, int8 apart) public view {
        // Below where a sum is too large to be one.
        int256 exponent = int256(seed % 220);
        uint32 a = number(seed, exponent);
        uint32 b = number(seed >> 64, exponent + apart / 4);
        assertEq(floats.sub(a, b), floats.add(a, b ^ 0x80000000), "difference");
        assertEq(floats.sub(a, a), 0, "nothing left");
    }

    function test_products_are_the_nearest_number(uint256 seed, uint8 e1, uint8 e2) public view {
        _checkProduct(number(seed, int256(uint256(e1))), number(seed >> 64, int256(uint256(e2))));
    }

    function test_subnormal_products_are_the_nearest_number(uint256 seed, uint8 e1, uint8 below) public view {
        uint32 a = number(seed, int256(uint256(e1) % 128));
        _checkProduct(a, number(seed >> 64, 127 - int256(uint256(e1) % 128) - int256(uint256(below) % 27)));
    }

    function test_quotients_are_the_nearest_number(uint256 seed, uint8 e1, uint8 e2) public view {
        _checkQuotient(number(seed, int256(uint256(e1))), number(seed >> 64, int256(uint256(e2))));
    }

    function test_subnormal_quotients_are_the_nearest_number(uint256 seed, uint8 e1, uint8 below) public view {
        uint32 a = number(seed, int256(uint256(e1) % 128));
        _checkQuotient(a, number(seed >> 64, int256(uint256(e1) % 128) + 126 + int256(uint256(below) % 27)));
    }

    /// Few bits divided by many: what is cut off looks like a tie and is a little more.
    function test_quotients_of_small_subnormals_are_the_nearest_number(uint32 a, uint256 seed) public view {
        uint256 field = bound(seed >> 128, 0, 40);
        for (uint32 i = 1; i <= 16; ++i) {
            _checkQuotient((a & 0x80000000) | i, number(seed ^ i, int256(field)));
        }
    }

    function test_integers_become_the_nearest_number(int64 value, uint8 shift) public view {
        value >>= (shift % 64);
        uint32 result = SoftFloat32.fromInt64(value);
        if (value == 0) return assertEq(result, 0, "zero");
        uint256 size = value < 0 ? uint256(-int256(value)) : uint256(int256(value));
        _checkNearest(Exact(value < 0, size, 0, 1), 0, 0, result);
        if (value >= type(int32).min && value <= type(int32).max) {
            assertEq(floats.fromInt32(int32(value)), result, "as an int32");
        }
    }

    function test_rounding_finds_the_integers_around(uint256 seed, uint8 exponent) public pure {
        // Most around 2^0 to 2^24, where there are fractions to lose.
        uint32 a = number(seed, seed & 1 == 0 ? int256(uint256(exponent)) : 120 + int256(uint256(exponent % 40)));
        (uint256 m, int256 e) = decode(a & MAGNITUDE);
        uint256 size = e < 0 ? uint256(1) << uint256(-e) : 1;
        uint256 whole = e < 0 ? m / size : m << uint256(e);
        uint256 rest = e < 0 ? m % size : 0;
        bool negative = a >> 31 == 1;

        uint256 nearest = 2 * rest > size || (2 * rest == size && whole % 2 == 1) ? whole + 1 : whole;
        uint256 outwards = rest > 0 ? whole + 1 : whole;
        assertEq(SoftFloat32.toIntTowardsZero(a), signed(negative, whole), "towards zero");
        assertEq(SoftFloat32.toIntHalfEven(a), signed(negative, nearest), "half even");
        assertIs(SoftFloat32.roundHalfEven(a), negative, nearest);
        assertIs(SoftFloat32.floor(a), negative, negative ? outwards : whole);
        assertIs(SoftFloat32.ceil(a), negative, negative ? whole : outwards);
    }

    function test_order_is_that_of_the_exact_difference(uint256 seed, int8 apart) public view {
        uint32 a = number(seed, int256(seed % 255));
        uint32 b = number(seed >> 64, int256(seed % 255) + apart / 64);
        (uint256 m1, int256 e1) = decode(a & MAGNITUDE);
        (uint256 m2, int256 e2) = decode(b & MAGNITUDE);
        bool below;
        if (a >> 31 != b >> 31) below = a >> 31 == 1 && (m1 | m2) != 0;
        else below = compareScaled(m1, e1, m2, e2) == (a >> 31 == 1 ? int256(1) : int256(-1));
        assertEq(floats.compare(a, b) == -1 ? 1 : 0, below ? 1 : 0, "order");
        assertEq(floats.min(a, b), below ? a : b, "min");
        assertEq(floats.compare(a, b), -floats.compare(b, a), "the other way round");
        assertEq(floats.max(b, a), floats.compare(b, a) > 0 ? b : a, "max");
    }

    function test_quantisation_is_its_formula(uint256 seed, int32 sum, int32 zero, bool isSigned) public view {
        uint32 scale = number(seed, int256(100 + ((seed >> 96) % 40))) & uint32(MAGNITUDE);
        sum >>= uint8((seed >> 128) % 32);
        zero >>= uint8((seed >> 136) % 32);
        uint32 x = SoftFloat32.fromInt32(sum);

        int256 multiplied = SoftFloat32.toIntHalfEven(SoftFloat32.mul(x, scale)) + zero;
        assertEq(floats.requantize(sum, scale, zero, isSigned), clamp(multiplied, isSigned), "requantised");
        int256 divided = SoftFloat32.toIntHalfEven(SoftFloat32.div(x, scale)) + zero;
        assertEq(floats.quantize(x, scale, zero, isSigned), clamp(divided, isSigned), "quantised");
        int16 small = int16(int256(seed >> 200) % 256);
        uint32 shifted = SoftFloat32.fromInt64(int64(small) - zero);
        assertEq(floats.dequantize(small, scale, zero), SoftFloat32.mul(shifted, scale), "dequantised");
    }

    // ---------------------------------------------------------------- exact results

    function _checkSum(uint32 a, uint32 b) private view {
        (uint256 m1, int256 e1) = decode(a & MAGNITUDE);
        (uint256 m2, int256 e2) = decode(b & MAGNITUDE);
        int256 e = e1 < e2 ? e1 : e2;
        int256 sum = signed(a >> 31 == 1, m1 << uint256(e1 - e)) + signed(b >> 31 == 1, m2 << uint256(e2 - e));
        try floats.add(a, b) returns (uint32 result) {
            if (sum == 0) {
                // -0 only of two of them.
                uint256 zero = a == 0x80000000 && b == 0x80000000 ? a : 0;
                return assertEq(result, zero, "zero");
            }
            _checkNearest(Exact(sum < 0, uint256(sum < 0 ? -sum : sum), e, 1), a, b, result);
        } catch {
            _checkOverflow(Exact(sum < 0, uint256(sum < 0 ? -sum : sum), e, 1), a, b);
        }
    }

    function _checkProduct(uint32 a, uint32 b) private view {
        (uint256 m1, int256 e1) = decode(a & MAGNITUDE);
        (uint256 m2, int256 e2) = decode(b & MAGNITUDE);
        Exact memory exact = Exact((a ^ b) >> 31 == 1, m1 * m2, e1 + e2, 1);
        try floats.mul(a, b) returns (uint32 result) {
            _checkNearest(exact, a, b, result);
        } catch {
            _checkOverflow(exact, a, b);
        }
    }

    function _checkQuotient(uint32 a, uint32 b) private view {
        (uint256 m1, int256 e1) = decode(a & MAGNITUDE);
        (uint256 m2, int256 e2) = decode(b & MAGNITUDE);
        if (m2 == 0) return;
        Exact memory exact = Exact((a ^ b) >> 31 == 1, m1, e1 - e2, m2);
        try floats.div(a, b) returns (uint32 result) {
            _checkNearest(exact, a, b, result);
        } catch {
            _checkOverflow(exact, a, b);
        }
    }

    function _checkNearest(Exact memory exact, uint32 a, uint32 b, uint32 result) private pure {
        uint256 magnitude = result & MAGNITUDE;
        bool even = magnitude % 2 == 0;
        bool right = magnitude <= GREATEST && (result >> 31 == 1) == exact.negative;
        int256 above = _compareWithHalfway(exact, magnitude);
        right = right && (above < 0 || (above == 0 && even));
        if (magnitude > 0) {
            int256 below = _compareWithHalfway(exact, magnitude - 1);
            right = right && (below > 0 || (below == 0 && even));
        }
        if (!right) revert NotNearest(a, b, result);
    }

    /// The greatest number is odd: a tie with what would follow it goes there.
    function _checkOverflow(Exact memory exact, uint32 a, uint32 b) private pure {
        if (_compareWithHalfway(exact, GREATEST) < 0) revert NotNearest(a, b, type(uint256).max);
    }

    /// The exact size against the point between the numbers `magnitude` and `magnitude + 1`.
    function _compareWithHalfway(Exact memory exact, uint256 magnitude) private pure returns (int256) {
        (uint256 m, int256 e) = decode(magnitude);
        return compareScaled(exact.numerator, exact.exponent, (2 * m + 1) * exact.denominator, e - 1);
    }

    /// The sign of x * 2^p - y * 2^q.
    function compareScaled(uint256 x, int256 p, uint256 y, int256 q) private pure returns (int256) {
        if (x == 0 || y == 0)
            return
                x == y
                    ? int256(0)
                    : x == 0
                        ? int256(-1)
                        : int256(1);
        (int256 topX, int256 topY) = (int256(bits(x)) + p, int256(bits(y)) + q);
        if (topX != topY) return topX < topY ? int256(-1) : int256(1);
        // As long as each other once aligned, so nothing is shifted out.
        if (p > q) x <<= uint256(p - q);
        else y <<= uint256(q - p);
        return
            x < y
                ? int256(-1)
                : x == y
                    ? int256(0)
                    : int256(1);
    }

    function bits(uint256 x) private pure returns (uint256 count) {
        for (uint256 step = 128; step > 0; step /= 2) {
            if (x >> step != 0) {
                x >>= step;
                count += step;
            }
        }
        return count + x;
    }

    function decode(uint256 magnitude) private pure returns (uint256 m, int256 e) {
        uint256 field = magnitude >> 23;
        m = magnitude % 2 ** 23;
        return field == 0 ? (m, -149) : (m + 2 ** 23, int256(field) - 150);
    }

    /// A finite number with the exponent field given, brought into range, and one of four kinds of fractions: any, ending in
    /// zeros, ending in ones, and few bits. Ties and carries are common among them.
    function number(uint256 seed, int256 field) private pure returns (uint32) {
        field =
            field < 0
                ? int256(0)
                : field > 254
                    ? int256(254)
                    : field;
        uint256 dice = uint256(keccak256(abi.encode(seed)));
        uint256 low = (1 << ((dice >> 40) % 24)) - 1;
        uint256 fraction = dice % 2 ** 23;
        uint256 kind = (dice >> 48) % 4;
        if (kind == 1) fraction &= ~low;
        if (kind == 2) fraction = (fraction | low) % 2 ** 23;
        if (kind == 3) fraction = low;
        return uint32((((dice >> 56) & 1) << 31) | (uint256(field) << 23) | fraction);
    }

    function signed(bool negative, uint256 size) private pure returns (int256) {
        return negative ? -int256(size) : int256(size);
    }

    function clamp(int256 value, bool isSigned) private pure returns (int256) {
        (int256 least, int256 most) = isSigned ? (int256(-128), int256(127)) : (int256(0), int256(255));
        return
            value < least
                ? least
                : value > most
                    ? most
                    : value;
    }

    /// `result` is (-1)^negative * size exactly, a zero with that sign.
    function assertIs(uint32 result, bool negative, uint256 size) private pure {
        (uint256 m, int256 e) = decode(result & MAGNITUDE);
        assertEq(result >> 31, negative ? 1 : 0, "sign");
        assertEq(compareScaled(m, e, size, 0), int256(0), "size");
    }
}
