// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {IntegerDot} from "../../src/dispute/IntegerDot.sol";

/// Dot products of bytes, against the sum written down as it reads.
contract IntegerDotTest is Test {
    IntegerDot.Zero private plain;

    function ofCalldata(
        bytes calldata a,
        bytes calldata b,
        IntegerDot.Zero calldata za,
        IntegerDot.Zero calldata zb
    ) external pure returns (int256) {
        return IntegerDot.ofCalldata(a, b, za, zb);
    }

    /// Of slices, with `around` other bytes before and behind them.
    function ofSlices(
        bytes calldata a,
        bytes calldata b,
        uint256 around,
        IntegerDot.Zero calldata za,
        IntegerDot.Zero calldata zb
    ) external pure returns (int256) {
        return IntegerDot.ofCalldata(a[around:a.length - around], b[around:b.length - around], za, zb);
    }

    /// With other bytes where the copies will be, and something allocated after that.
    function ofDirtyMemory(
        bytes memory a,
        bytes memory b,
        IntegerDot.Zero memory za,
        IntegerDot.Zero memory zb
    ) external pure returns (int256 sum, bytes memory before, bytes memory behind) {
        before = bytes.concat(a, b);
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let i := 0
            } lt(i, 2304) {
                i := add(i, 32)
            } {
                mstore(add(free, i), not(0))
            }
        }
        sum = IntegerDot.ofMemory(a, b, za, zb);
        behind = bytes.concat(a, b);
    }

    // ---------------------------------------------------------------- the sum

    function test_three_products() public view {
        assertEq(this.ofCalldata(hex"010203", hex"040506", plain, plain), int256(4 + 10 + 18), "sum");
    }

    function test_signed_bytes_are_two_s_complement() public view {
        IntegerDot.Zero memory signed = IntegerDot.Zero(true, 0);
        assertEq(this.ofCalldata(hex"02ff", hex"80ff", plain, signed), int256(2 * -128 + 255 * -1), "right");
        assertEq(this.ofCalldata(hex"80ff", hex"02ff", signed, plain), int256(-128 * 2 + -1 * 255), "left");
        assertEq(this.ofCalldata(hex"80ff", hex"807f", signed, signed), int256(128 * 128 - 127), "both");
    }

    function test_zero_points_are_taken_from_every_element() public view {
        IntegerDot.Zero memory seven = IntegerDot.Zero(false, 7);
        IntegerDot.Zero memory minusTwo = IntegerDot.Zero(true, -2);
        assertEq(this.ofCalldata(hex"0008", hex"fe01", seven, minusTwo), int256(-7 * 0 + 1 * 3), "sum");
    }

    function test_of_nothing_it_is_nothing() public view {
        IntegerDot.Zero memory seven = IntegerDot.Zero(true, 7);
        assertEq(this.ofCalldata("", "", seven, seven), int256(0), "calldata");
        (int256 sum, bytes memory before, bytes memory behind) = this.ofDirtyMemory("", "", seven, seven);
        assertEq(sum, 0, "memory");
        assertEq(behind, before, "memory unchanged");
    }

    function test_the_greatest_sums_stay_in_their_lanes() public view {
        IntegerDot.Zero memory signed = IntegerDot.Zero(true, 0);
        IntegerDot.Zero memory least = IntegerDot.Zero(false, -255);
        IntegerDot.Zero memory most = IntegerDot.Zero(true, 255);
        bytes memory none = filled(1_024, 0);
        bytes memory full = filled(1_024, 0xff);
        bytes memory low = filled(1_024, 0x80);
        assertEq(this.ofCalldata(full, full, plain, plain), int256(1_024) * 255 * 255, "255 times 255");
        assertEq(this.ofCalldata(low, low, signed, signed), int256(1_024) * 128 * 128, "-128 times -128");
        assertEq(this.ofCalldata(full, low, plain, signed), int256(1_024) * 255 * -128, "255 times -128");
        assertEq(this.ofCalldata(full, full, least, least), int256(1_024) * 510 ** 2, "255 + 255, squared");
        assertEq(this.ofCalldata(full, low, least, most), int256(1_024) * 510 * -383, "510 times -128 - 255");
        assertEq(this.ofCalldata(none, none, least, least), int256(1_024) * 255 ** 2, "zeros");
    }

    function test_it_is_the_naive_sum(
        uint256 seed,
        uint256 length,
        IntegerDot.Zero memory za,
        IntegerDot.Zero memory zb
    ) public view {
        length = bound(length, 0, 1_024);
        (za.point, zb.point) = (za.point % 256, zb.point % 256);
        (bytes memory a, bytes memory b) = (random(seed, length), random(~seed, length));
        int256 expected = naive(a, b, za, zb);
        assertEq(this.ofCalldata(a, b, za, zb), expected, "calldata");
        (int256 sum, bytes memory before, bytes memory behind) = this.ofDirtyMemory(a, b, za, zb);
        assertEq(sum, expected, "memory");
        assertEq(behind, before, "operands unchanged");
    }

    function test_every_length_about_a_word(uint256 seed) public view {
        IntegerDot.Zero memory za = IntegerDot.Zero(true, 5);
        IntegerDot.Zero memory zb = IntegerDot.Zero(false, -9);
        for (uint256 length = 0; length <= 66; length += length < 30 || length > 36 ? 3 : 1) {
            (bytes memory a, bytes memory b) = (random(seed, length), random(~seed, length));
            assertEq(this.ofCalldata(a, b, za, zb), naive(a, b, za, zb), "sum");
        }
    }

    function test_what_lies_around_a_slice_is_no_part_of_it(uint256 seed, uint256 length, uint256 around) public view {
        (length, around) = (bound(length, 0, 100), bound(around, 1, 50));
        IntegerDot.Zero memory za = IntegerDot.Zero(true, 5);
        (bytes memory a, bytes memory b) = (random(seed, length), random(~seed, length));
        bytes memory other = filled(around, 0xa5);
        bytes memory wideA = bytes.concat(other, a, other);
        bytes memory wideB = bytes.concat(other, b, other);
        assertEq(this.ofSlices(wideA, wideB, around, za, plain), naive(a, b, za, plain), "sum");
    }

    // ---------------------------------------------------------------- what is refused

    function test_vectors_of_two_lengths_are_refused() public {
        vm.expectRevert(abi.encodeWithSelector(IntegerDot.IntegerDot_LengthsDiffer.selector, 2, 3));
        this.ofCalldata(hex"0102", hex"010203", plain, plain);
        vm.expectRevert(abi.encodeWithSelector(IntegerDot.IntegerDot_LengthsDiffer.selector, 1, 0));
        this.ofDirtyMemory(hex"01", "", plain, plain);
    }

    function test_more_than_a_step_reads_is_refused() public {
        bytes memory long = filled(1_025, 1);
        vm.expectRevert(abi.encodeWithSelector(IntegerDot.IntegerDot_TooLong.selector, 1_025, 1_024));
        this.ofCalldata(long, long, plain, plain);
    }

    function test_a_zero_point_that_no_byte_has_is_refused(int32 point, bool isSigned) public {
        vm.assume(point < -255 || point > 255);
        IntegerDot.Zero memory far = IntegerDot.Zero(isSigned, point);
        vm.expectRevert(abi.encodeWithSelector(IntegerDot.IntegerDot_ZeroPointTooFar.selector, point));
        this.ofCalldata(hex"01", hex"01", far, plain);
        vm.expectRevert(abi.encodeWithSelector(IntegerDot.IntegerDot_ZeroPointTooFar.selector, point));
        this.ofDirtyMemory(hex"01", hex"01", plain, far);
    }

    // ---------------------------------------------------------------- how

    function naive(
        bytes memory a,
        bytes memory b,
        IntegerDot.Zero memory za,
        IntegerDot.Zero memory zb
    ) private pure returns (int256 sum) {
        for (uint256 k = 0; k < a.length; ++k) {
            sum += (element(a[k], za.isSigned) - za.point) * (element(b[k], zb.isSigned) - zb.point);
        }
    }

    function element(bytes1 value, bool isSigned) private pure returns (int256) {
        return isSigned ? int256(int8(uint8(value))) : int256(uint256(uint8(value)));
    }

    function filled(uint256 length, uint8 value) private pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            data[i] = bytes1(value);
        }
    }

    function random(uint256 seed, uint256 length) private pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i = 0; i < length; i += 32) {
            bytes32 word = keccak256(abi.encode(seed, i));
            for (uint256 j = i; j < length && j < i + 32; ++j) {
                data[j] = word[j - i];
            }
        }
    }
}
