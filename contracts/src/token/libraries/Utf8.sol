// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title Utf8
library Utf8 {
    /// @notice Whether `text` is well-formed UTF-8 (Unicode 16, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
    function isValid(bytes memory text) internal pure returns (bool) {
        uint256 i = 0;
        while (i < text.length) {
            uint8 first = uint8(text[i++]);
            if (first < 0x80) continue;
            if (first < 0xc2 || first > 0xf4) return false;
            uint256 more =
                first < 0xe0
                    ? 1
                    : first < 0xf0
                        ? 2
                        : 3;
            if (text.length - i < more) return false;
            // The second byte excludes overlong forms, surrogates and what is above U+10FFFF.
            uint8 least =
                first == 0xe0
                    ? 0xa0
                    : first == 0xf0
                        ? 0x90
                        : 0x80;
            uint8 most =
                first == 0xed
                    ? 0x9f
                    : first == 0xf4
                        ? 0x8f
                        : 0xbf;
            for (; more > 0; --more) {
                uint8 next = uint8(text[i++]);
                if (next < least || next > most) return false;
                (least, most) = (0x80, 0xbf);
            }
        }
        return true;
    }
}
