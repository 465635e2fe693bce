// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title SoftFloat32
/// @notice IEEE 754 binary32 on bit patterns: round to nearest, ties to even, subnormals and signed zeros as the standard has
/// them. Infinities and NaN are no values here: operands that are one are refused, and so are results that would be one.
/// @dev A finite number is (-1)^sign * m * 2^e with an integer m < 2^24 and -149 <= e <= 104: m has its leading bit at 23,
/// or e = -149 (subnormals and zero). `_unpack` gives m and e, `_pack` rounds any m * 2^e back.
///
/// `unchecked` throughout: every significand stays below 2^128 and every exponent within +-512, as the comments beside the
/// operations show, so nothing here comes near 2^255.
library SoftFloat32 {
    uint256 private constant SIGN = 0x80000000;
    uint256 private constant MAGNITUDE = 0x7fffffff;
    uint256 private constant INFINITY = 0x7f800000;
    uint256 private constant FRACTION = 0x7fffff;
    /// The leading bit of a normal number, which is not stored.
    uint256 private constant HIDDEN = 0x800000;
    /// The exponent of the least bit of every subnormal.
    int256 private constant LEAST = -149;

    /// An operand is an infinity or NaN.
    error SoftFloat32_NotFinite(uint32 operand);
    /// The result, (-1)^negative * significand * 2^exponent, rounds to an infinity.
    error SoftFloat32_Overflow(bool negative, uint256 significand, int256 exponent);
    error SoftFloat32_DivisionByZero(uint32 dividend);
    error SoftFloat32_NotInt32(uint32 operand);

    // ---------------------------------------------------------------- arithmetic, one rounding

    /// @notice a + b.
    function add(uint32 a, uint32 b) internal pure returns (uint32) {
        unchecked {
            (uint256 m1, int256 e1) = _unpack(a);
            (uint256 m2, int256 e2) = _unpack(b);
            // Far apart, the sum is the larger: it is normal (its exponent is not the least), numbers and midpoints near it are
            // no nearer than 2^(e1 - 2) (that below a power of two), and the smaller is below 2^(24 + e2) <= 2^(e1 - 3).
            if (e1 - e2 > 26) return a;
            if (e2 - e1 > 26) return b;
            uint256 signs = ((uint256(a) >> 31) << 1) | (uint256(b) >> 31);
            if (e1 < e2) {
                (m1, e1, m2, e2) = (m2, e2, m1, e1);
                signs = (signs >> 1) | ((signs & 1) << 1);
            }
            // Exact in units of 2^e2: below 2^(24 + 26) each.
            m1 <<= uint256(e1 - e2);
            if (signs == 0) return m1 + m2 == 0 ? 0 : _pack(0, m1 + m2, e2);
            if (signs == 3) return m1 + m2 == 0 ? uint32(SIGN) : _pack(SIGN, m1 + m2, e2);
            // Of opposite numbers the sum is +0.
            if (m1 == m2) return 0;
            // The greater one gives its sign; bit 1 of `signs` is that of m1.
            if (m1 > m2) return _pack(signs == 2 ? SIGN : 0, m1 - m2, e2);
            return _pack(signs == 1 ? SIGN : 0, m2 - m1, e2);
        }
    }

    /// @notice a - b.
    function sub(uint32 a, uint32 b) internal pure returns (uint32) {
        return add(a, b ^ uint32(SIGN));
    }

    /// @notice a * b.
    function mul(uint32 a, uint32 b) internal pure returns (uint32) {
        unchecked {
            (uint256 m, int256 e) = _unpack(a);
            return _times(uint256(a) & SIGN, m, e, b);
        }
    }

    /// @notice a / b.
    function div(uint32 a, uint32 b) internal pure returns (uint32) {
        unchecked {
            (uint256 m1, int256 e1) = _unpack(a);
            (uint256 m2, int256 e2) = _unpack(b);
            if (m2 == 0) revert SoftFloat32_DivisionByZero(a);
            uint256 sign = (uint256(a) ^ b) & SIGN;
            if (m1 == 0) return uint32(sign);
            // 1 <= m1, m2 < 2^24, so the quotient has 27 to 74 bits: at least two below the last that can be kept. A
            // remainder sets the lowest, which tells a tie from what is above it and changes nothing else. (Of two normal
            // numbers no quotient comes that near to a tie; of a small subnormal one may.)
            m1 <<= 50;
            uint256 quotient = m1 / m2;
            if (quotient * m2 != m1) quotient |= 1;
            return _pack(sign, quotient, e1 - e2 - 50);
        }
    }

    // ---------------------------------------------------------------- integers

    /// @notice `value`, rounded to nearest, ties to even.
    function fromInt32(int32 value) internal pure returns (uint32) {
        return fromInt64(value);
    }

    /// @notice `value`, rounded to nearest, ties to even, once.
    function fromInt64(int64 value) internal pure returns (uint32) {
        unchecked {
            // Negated as int256, of which -2^63 is an ordinary value.
            if (value < 0) return _pack(SIGN, uint256(-int256(value)), 0);
            return value == 0 ? 0 : _pack(0, uint256(int256(value)), 0);
        }
    }

    /// @notice The integer part: exact, whatever its size (below 2^128).
    function toIntTowardsZero(uint32 a) internal pure returns (int256) {
        unchecked {
            (uint256 m, int256 e) = _unpack(a);
            // At most 24 + 104 bits. Places to the right are at most 149.
            m = e >= 0 ? m << uint256(e) : m >> uint256(-e);
            return _signed(a, m);
        }
    }

    /// @notice The nearest integer, the even one of two: exact, whatever its size (below 2^128).
    function toIntHalfEven(uint32 a) internal pure returns (int256) {
        unchecked {
            (uint256 m, int256 e) = _unpack(a);
            m = e >= 0 ? m << uint256(e) : _shiftHalfEven(m, uint256(-e));
            return _signed(a, m);
        }
    }

    /// @notice The integer part, which the profile's range analysis proves to be an int32. One that is not is refused.
    function toInt32(uint32 a) internal pure returns (int32) {
        int256 value = toIntTowardsZero(a);
        if (value < type(int32).min || value > type(int32).max) revert SoftFloat32_NotInt32(a);
        return int32(value);
    }

    // ---------------------------------------------------------------- rounding to integral numbers

    /// @notice To the nearest integral number, the even one of two. Zero keeps the sign of `a`.
    function roundHalfEven(uint32 a) internal pure returns (uint32) {
        unchecked {
            (uint256 m, int256 e) = _unpack(a);
            if (e >= 0) return a;
            return _integral(a, _shiftHalfEven(m, uint256(-e)));
        }
    }

    /// @notice To the next integral number towards minus infinity.
    function floor(uint32 a) internal pure returns (uint32) {
        return _towards(a, SIGN);
    }

    /// @notice To the next integral number towards plus infinity. Zero keeps the sign of `a`.
    function ceil(uint32 a) internal pure returns (uint32) {
        return _towards(a, 0);
    }

    // ---------------------------------------------------------------- order: -0 equals +0

    /// @notice -1, 0 or 1 as `a` is less than, equal to, or greater than `b`.
    function compare(uint32 a, uint32 b) internal pure returns (int256) {
        (int256 x, int256 y) = (_key(a), _key(b));
        if (x == y) return 0;
        return x < y ? -1 : int256(1);
    }

    /// @notice a < b ? a : b.
    function min(uint32 a, uint32 b) internal pure returns (uint32) {
        return _key(a) < _key(b) ? a : b;
    }

    /// @notice a > b ? a : b.
    function max(uint32 a, uint32 b) internal pure returns (uint32) {
        return _key(a) > _key(b) ? a : b;
    }

    /// @notice a > 0 ? a : +0.
    function relu(uint32 a) internal pure returns (uint32) {
        return _key(a) > 0 ? a : 0;
    }

    /// @notice a < least ? least : a > most ? most : a.
    function clip(uint32 a, uint32 least, uint32 most) internal pure returns (uint32) {
        (int256 x, int256 lo, int256 hi) = (_key(a), _key(least), _key(most));
        if (x < lo) return least;
        return x > hi ? most : a;
    }

    /// @notice The number as committed bytes have it: -0 is written as +0.
    function canonical(uint32 a) internal pure returns (uint32) {
        return _key(a) == 0 ? 0 : a;
    }

    // ---------------------------------------------------------------- quantisation (SPEC.md, operations 20 to 22)

    /// @notice sat(rne(f32(x / scale)) + zeroPoint), an int8 if `isSigned`, else a uint8.
    function quantize(uint32 x, uint32 scale, int32 zeroPoint, bool isSigned) internal pure returns (int256) {
        return _saturated(div(x, scale), zeroPoint, isSigned);
    }

    /// @notice f32(f32(x - zeroPoint) * scale).
    function dequantize(int16 x, uint32 scale, int32 zeroPoint) internal pure returns (uint32) {
        return _timesInt(int256(x) - zeroPoint, scale);
    }

    /// @notice sat(rne(f32(f32(sum) * multiplier)) + zeroPoint), an int8 if `isSigned`, else a uint8.
    function requantize(int32 sum, uint32 multiplier, int32 zeroPoint, bool isSigned) internal pure returns (int256) {
        return _saturated(_timesInt(sum, multiplier), zeroPoint, isSigned);
    }

    // ---------------------------------------------------------------- inside

    /// (-1)^sign * m * 2^e * b, `sign` in its place. m <= 2^24 and -149 <= e <= 104.
    function _times(uint256 sign, uint256 m, int256 e, uint32 b) private pure returns (uint32) {
        unchecked {
            (uint256 m2, int256 e2) = _unpack(b);
            sign ^= uint256(b) & SIGN;
            // Exact: at most 2^48, exponent from -298 to 208.
            m *= m2;
            return m == 0 ? uint32(sign) : _pack(sign, m, e + e2);
        }
    }

    /// f32(f32(value) * b), |value| < 2^64. What `fromInt64` would round and pack and `mul` unpack stays m * 2^e.
    function _timesInt(int256 value, uint32 b) private pure returns (uint32) {
        unchecked {
            uint256 sign = value < 0 ? SIGN : 0;
            uint256 m = uint256(value < 0 ? -value : value);
            if (m >> 24 == 0) return _times(sign, m, 0, b);
            uint256 places = _log2(m) - 23;
            return _times(sign, _shiftHalfEven(m, places), int256(places), b);
        }
    }

    function _saturated(uint32 a, int32 zeroPoint, bool isSigned) private pure returns (int256) {
        unchecked {
            // Below 2^128 + 2^31.
            int256 value = toIntHalfEven(a) + zeroPoint;
            int256 least = isSigned ? -128 : int256(0);
            if (value < least) return least;
            return value > least + 255 ? least + 255 : value;
        }
    }

    function _unpack(uint32 a) private pure returns (uint256 m, int256 e) {
        unchecked {
            uint256 biased = (uint256(a) >> 23) & 0xff;
            if (biased == 255) revert SoftFloat32_NotFinite(a);
            m = uint256(a) & FRACTION;
            if (biased == 0) return (m, LEAST);
            return (m | HIDDEN, int256(biased) - 150);
        }
    }

    /// The number nearest to m * 2^e, of two the even one, with the bit `sign`. 0 < m < 2^128 and -400 < e < 400.
    function _pack(uint256 sign, uint256 m, int256 e) private pure returns (uint32) {
        unchecked {
            // The exponent of the result's last bit: 24 bits are kept, fewer where that would be below the least exponent.
            int256 last = int256(_log2(m)) + e - 23;
            if (last < LEAST) last = LEAST;
            // To the left the shift is at most 23 places, because log2(m) + e - 23 <= last < e.
            uint256 kept = last <= e ? m << uint256(e - last) : _shiftHalfEven(m, uint256(last - e));
            // A normal `kept` has its hidden bit set, which makes the exponent field one more than is put there; a
            // subnormal one has not, and its field stays 0. Rounded up to 2^24 (or from the largest subnormal to 2^23) it
            // carries into the exponent and leaves a fraction of 0, which is the number meant.
            uint256 magnitude = (uint256(last - LEAST) << 23) + kept;
            if (magnitude >= INFINITY) revert SoftFloat32_Overflow(sign != 0, m, e);
            return uint32(sign | magnitude);
        }
    }

    /// m / 2^places, rounded to nearest, ties to even. m < 2^128 and 0 < places < 256.
    function _shiftHalfEven(uint256 m, uint256 places) private pure returns (uint256) {
        unchecked {
            // Adding just under a half carries if the rest is over a half; the last kept bit makes it a half, so that a tie
            // carries if that bit is odd. With 255 places the sum is at most 2^254 + 2^128.
            return (m + (1 << (places - 1)) - 1 + ((m >> places) & 1)) >> places;
        }
    }

    function _signed(uint32 a, uint256 m) private pure returns (int256) {
        unchecked {
            return uint256(a) & SIGN == 0 ? int256(m) : -int256(m);
        }
    }

    /// The integral number m <= 2^24 with the sign of `a`.
    function _integral(uint32 a, uint256 m) private pure returns (uint32) {
        uint256 sign = uint256(a) & SIGN;
        return m == 0 ? uint32(sign) : _pack(sign, m, 0);
    }

    /// Rounds `a` away from zero if it has the bit `sign`, else towards zero.
    function _towards(uint32 a, uint256 sign) private pure returns (uint32) {
        unchecked {
            (uint256 m, int256 e) = _unpack(a);
            if (e >= 0) return a;
            uint256 places = uint256(-e);
            uint256 whole = m >> places;
            if (uint256(a) & SIGN == sign && whole << places != m) ++whole;
            return _integral(a, whole);
        }
    }

    /// Orders as the numbers do: the magnitude's bits grow with it, and both zeros are 0.
    function _key(uint32 a) private pure returns (int256) {
        if (uint256(a) & MAGNITUDE >= INFINITY) revert SoftFloat32_NotFinite(a);
        return _signed(a, uint256(a) & MAGNITUDE);
    }

    /// The place of the highest bit of `x`, 0 < x < 2^128.
    function _log2(uint256 x) private pure returns (uint256 place) {
        // Halves the places it can be in, seven times: 64, 32, 16, 8, 4, 2, 1. Touches no memory.
        assembly ("memory-safe") {
            place := shl(6, lt(0xffffffffffffffff, x))
            place := or(place, shl(5, lt(0xffffffff, shr(place, x))))
            place := or(place, shl(4, lt(0xffff, shr(place, x))))
            place := or(place, shl(3, lt(0xff, shr(place, x))))
            place := or(place, shl(2, lt(0xf, shr(place, x))))
            place := or(place, shl(1, lt(0x3, shr(place, x))))
            place := or(place, lt(0x1, shr(place, x)))
        }
    }
}
