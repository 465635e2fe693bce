// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title IntegerDot
/// @notice The dot product of two vectors of bytes with zero points, exact.
/// @dev Kronecker substitution. Eight numbers a_0 .. a_7 in lanes of 32 bits are the value of a polynomial at X = 2^32, and so
/// are eight numbers b_7 .. b_0 in reverse:
///
///     A = Σ a_i X^i        B = Σ b_i X^(7 - i)        A · B = Σ_d X^d Σ_{i - j = d - 7} a_i b_j
///
/// The coefficient of X^7, the highest that 256 bits keep, is Σ a_i b_i: one MUL for eight multiply-adds. A word of 32 bytes
/// is four such polynomials (its bytes 0, 4, 8 ..; 1, 5, 9 ..; and so on), four MULs. Products are added up as they are and the
/// coefficient is read once, at the end.
///
/// All of it is arithmetic modulo 2^256, where coefficients may be negative: a zero point comes off all eight lanes with one
/// SUB of z (1 + X + .. + X^7). Signed bytes are read as x + 128 by flipping their highest bit, and 128 more comes off. Over a
/// vector, any coefficient is a sum of at most one product (a_i - za)(b_j - zb) per element, at most 1,024 · 510² < 2^31 in
/// magnitude; with 2^31 added to those below it, none borrows from X^7.
library IntegerDot {
    /// What SPEC.md allows in one step.
    uint256 internal constant MAX_LENGTH = 1_024;
    /// Zero points of bytes are at most as far from zero.
    uint256 internal constant MAX_POINT = 255;

    /// The lowest byte of each of eight lanes.
    uint256 private constant LOW = 0x000000ff000000ff000000ff000000ff000000ff000000ff000000ff000000ff;
    /// 1 in each of eight lanes.
    uint256 private constant ONES = 0x0000000100000001000000010000000100000001000000010000000100000001;
    uint256 private constant EVEN_LANES = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    uint256 private constant EVEN_PAIRS = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    uint256 private constant HIGH_BITS = 0x8080808080808080808080808080808080808080808080808080808080808080;
    /// 2^31 in all lanes but the highest.
    uint256 private constant NO_BORROW = 0x0000000080000000800000008000000080000000800000008000000080000000;

    /// A vector's datatype, INT8 or UINT8, and what is taken from each of its elements.
    struct Zero {
        bool isSigned;
        int32 point;
    }

    error IntegerDot_LengthsDiffer(uint256 a, uint256 b);
    error IntegerDot_TooLong(uint256 length, uint256 most);
    error IntegerDot_ZeroPointTooFar(int32 point);

    /// @notice Σ (a[k] - za)(b[k] - zb).
    function ofCalldata(
        bytes calldata a,
        bytes calldata b,
        Zero memory za,
        Zero memory zb
    ) internal pure returns (int256) {
        (uint256 x, uint256 size) = _room(a.length, b.length);
        assembly ("memory-safe") {
            calldatacopy(x, a.offset, a.length)
            calldatacopy(add(x, size), b.offset, b.length)
        }
        return _dot(x, size, a.length, za, zb);
    }

    /// @notice Σ (a[k] - za)(b[k] - zb).
    function ofMemory(bytes memory a, bytes memory b, Zero memory za, Zero memory zb) internal pure returns (int256) {
        (uint256 x, uint256 size) = _room(a.length, b.length);
        assembly ("memory-safe") {
            mcopy(x, add(a, 32), mload(a))
            mcopy(add(x, size), add(b, 32), mload(b))
        }
        return _dot(x, size, a.length, za, zb);
    }

    /// Where copies of both vectors begin, one behind the other, `size` bytes each: whole words, zero behind the vector. It is
    /// scratch space behind the free memory pointer, which does not move: nothing allocates before the loop has read it. A copy
    /// costs 6 gas per 32 bytes and makes one loop do for calldata and memory and for any length.
    function _room(uint256 a, uint256 b) private pure returns (uint256 x, uint256 size) {
        if (a != b) revert IntegerDot_LengthsDiffer(a, b);
        if (a > MAX_LENGTH) revert IntegerDot_TooLong(a, MAX_LENGTH);
        assembly ("memory-safe") {
            size := and(add(a, 31), not(31))
            x := mload(0x40)
            // Of no words, both are the word before `x`'s, which is no scratch space: nothing to clear then.
            if size {
                mstore(add(x, sub(size, 32)), 0)
                mstore(add(x, sub(shl(1, size), 32)), 0)
            }
        }
    }

    function _dot(
        uint256 x,
        uint256 size,
        uint256 length,
        Zero memory za,
        Zero memory zb
    ) private pure returns (int256) {
        (uint256 flipA, uint256 zerosA) = _zeros(za);
        (uint256 flipB, uint256 zerosB) = _zeros(zb);
        uint256 products = _products(x, size, flipA, zerosA, flipB, zerosB);
        // Unchecked: points are within 255, and lengths within 1,024.
        unchecked {
            int256 all = int32(uint32((products + NO_BORROW) >> 224));
            // The zeros that fill the last words are elements like any other: each added (0 - za)(0 - zb).
            return all - int256(size - length) * za.point * zb.point;
        }
    }

    /// What to xor to a vector's words, and what to take from lanes of its bytes then.
    function _zeros(Zero memory zero) private pure returns (uint256 flip, uint256 zeros) {
        unchecked {
            int256 point = zero.point;
            // Of what is below zero after the addition, nothing is in range as an unsigned number.
            if (uint256(point) + MAX_POINT > 2 * MAX_POINT) revert IntegerDot_ZeroPointTooFar(zero.point);
            if (zero.isSigned) return (HIGH_BITS, uint256(point + 128) * ONES);
            return (0, uint256(point) * ONES);
        }
    }

    /// The sum of the products of two vectors' words as polynomials. They are at `x` and behind one another, `size` bytes each.
    function _products(
        uint256 x,
        uint256 size,
        uint256 flipA,
        uint256 zerosA,
        uint256 flipB,
        uint256 zerosB
    ) private pure returns (uint256 products) {
        // Reads the two vectors and writes the scratch space below 0x40. Masks are kept there and on the stack, because what the
        // compiler makes of a constant in a loop is dearer than either.
        assembly ("memory-safe") {
            mstore(0x00, EVEN_PAIRS)
            mstore(0x20, EVEN_LANES)
            let low := LOW
            for {
                let end := add(x, size)
            } lt(x, end) {
                x := add(x, 32)
            } {
                let a := xor(mload(x), flipA)
                let b := xor(mload(add(x, size)), flipB)
                // The lanes of b in reverse, the bytes of a lane in place: halves, then pairs, then lanes change sides.
                b := or(shr(128, b), shl(128, b))
                b := or(and(shr(64, b), mload(0x00)), shl(64, and(b, mload(0x00))))
                b := or(and(shr(32, b), mload(0x20)), shl(32, and(b, mload(0x20))))
                // The lowest bytes of the lanes, then those above them.
                products := add(
                    products,
                    add(
                        add(
                            mul(sub(and(a, low), zerosA), sub(and(b, low), zerosB)),
                            mul(sub(and(shr(8, a), low), zerosA), sub(and(shr(8, b), low), zerosB))
                        ),
                        add(
                            mul(sub(and(shr(16, a), low), zerosA), sub(and(shr(16, b), low), zerosB)),
                            mul(sub(and(shr(24, a), low), zerosA), sub(and(shr(24, b), low), zerosB))
                        )
                    )
                )
            }
        }
    }
}
