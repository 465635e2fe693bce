// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {Utf8} from "../../src/token/libraries/Utf8.sol";

contract Utf8Test is Test {
    /// The encoding by its definition.
    function encode(uint256 point) private pure returns (bytes memory) {
        if (point < 0x80) return abi.encodePacked(uint8(point));
        if (point < 0x800) return abi.encodePacked(uint8(0xc0 | (point >> 6)), tail(point));
        if (point < 0x10000) return abi.encodePacked(uint8(0xe0 | (point >> 12)), tail(point >> 6), tail(point));
        return abi.encodePacked(uint8(0xf0 | (point >> 18)), tail(point >> 12), tail(point >> 6), tail(point));
    }

    function tail(uint256 point) private pure returns (uint8) {
        return uint8(0x80 | (point & 0x3f));
    }

    function testFuzz_every_code_point_but_surrogates_is_valid(uint256 point, uint256 next) public pure {
        point = bound(point, 0, 0x10ffff);
        next = bound(next, 0, 0x7f);
        bool surrogate = point >= 0xd800 && point < 0xe000;
        bytes memory text = abi.encodePacked(encode(point), encode(next));
        assertEq(Utf8.isValid(text) ? 1 : 0, surrogate ? 0 : 1, "code point");
    }

    function testFuzz_what_is_cut_off_is_not_valid(uint256 point) public pure {
        point = bound(point, 0x80, 0x10ffff);
        bytes memory whole = encode(point);
        bytes memory cut = new bytes(whole.length - 1);
        for (uint256 i = 0; i < cut.length; ++i) {
            cut[i] = whole[i];
        }
        assertFalse(Utf8.isValid(cut), "cut off");
    }

    function test_the_edges_of_every_length_are_valid() public pure {
        uint24[9] memory points = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0x10000, 0x10ffff];
        for (uint256 i = 0; i < points.length; ++i) {
            assertTrue(Utf8.isValid(encode(points[i])), "edge");
        }
        assertTrue(Utf8.isValid(""), "nothing");
    }

    function test_overlong_forms_surrogates_and_what_is_no_code_point_are_not_valid() public pure {
        bytes[12] memory bad = [
            bytes(hex"80"),
            hex"bf",
            hex"c080",
            hex"c1bf",
            hex"e09fbf",
            hex"eda080",
            hex"f08fbfbf",
            hex"f4908080",
            hex"f5808080",
            hex"ff",
            hex"c341",
            hex"e28041"
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            assertFalse(Utf8.isValid(bad[i]), "bad");
        }
    }
}
