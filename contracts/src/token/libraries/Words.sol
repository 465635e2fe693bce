// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

// The packed words of ModelToken. A name per field, and nothing else: what the fields mean is said where they are used.
// Amounts are "normal": scaled to 18 decimals whatever the asset's own. Shares are a balance shifted left (see ShareLedger).

/// @notice correction int149 | newest mark seen 16 | non-sharing 1 | balance 90
library AccountWord {
    uint256 internal constant BALANCE = (1 << 90) - 1;
    uint256 internal constant NON_SHARING = 1 << 90;
    uint256 internal constant MARK_SHIFT = 91;
    uint256 internal constant MARK = 0xffff << MARK_SHIFT;
    uint256 internal constant CORRECTION_SHIFT = 107;

    function balance(uint256 word) internal pure returns (uint256) {
        return word & BALANCE;
    }

    function isSharing(uint256 word) internal pure returns (bool) {
        return word & NON_SHARING == 0;
    }

    function mark(uint256 word) internal pure returns (uint256) {
        return (word >> MARK_SHIFT) & 0xffff;
    }

    function withMark(uint256 word, uint256 mark_) internal pure returns (uint256) {
        return (word & ~MARK) | (mark_ << MARK_SHIFT);
    }

    /// @return In 2^-48 of a normal unit.
    function correction(uint256 word) internal pure returns (int256) {
        return int256(word) >> CORRECTION_SHIFT;
    }
}

/// @notice opens at 40 | carry of the ETH stream 36 | total 90 | sharing 90
library SupplyWord {
    uint256 internal constant AMOUNT = (1 << 90) - 1;
    uint256 internal constant TOTAL_SHIFT = 90;
    uint256 internal constant CARRY_SHIFT = 180;
    uint256 internal constant CARRY = ((1 << 36) - 1) << CARRY_SHIFT;
    uint256 internal constant OPENS_SHIFT = 216;
    uint256 internal constant OPENS = uint256(type(uint40).max) << OPENS_SHIFT;
    /// The opening time of a token whose revenue nobody has opened.
    uint256 internal constant NEVER = type(uint40).max;

    function sharing(uint256 word) internal pure returns (uint256) {
        return word & AMOUNT;
    }

    function total(uint256 word) internal pure returns (uint256) {
        return (word >> TOTAL_SHIFT) & AMOUNT;
    }

    function carry(uint256 word) internal pure returns (uint256) {
        return (word & CARRY) >> CARRY_SHIFT;
    }

    function opensAt(uint256 word) internal pure returns (uint256) {
        return word >> OPENS_SHIFT;
    }
}

/// @notice since 40 | unreleased 108 | pool 108
/// @dev The pool fills on the schedule of the asset's stream: what was unreleased at `since` arrives in equal parts per
/// second until the stream ends, so the word needs no rate of its own and no write when the sharing supply changes.
library PoolWord {
    uint256 internal constant AMOUNT = (1 << 108) - 1;

    function pack(uint256 pool, uint256 unreleased) internal view returns (uint256) {
        return (block.timestamp << 216) | (unreleased << 108) | pool;
    }

    /// @param end When the stream ends; 0 while it is frozen.
    function unpack(uint256 word, uint256 end) internal view returns (uint256 pool, uint256 unreleased) {
        unchecked {
            pool = word & AMOUNT;
            unreleased = (word >> 108) & AMOUNT;
            uint256 since = word >> 216;
            if (end > since && block.timestamp > since) {
                uint256 released =
                    block.timestamp < end ? (unreleased * (block.timestamp - since)) / (end - since) : unreleased;
                pool += released;
                unreleased -= released;
            }
        }
    }
}

/// @notice index in steps 58 | time 40
library MarkWord {
    function pack(uint256 steps_) internal view returns (uint256) {
        return (steps_ << 40) | block.timestamp;
    }

    function time(uint256 word) internal pure returns (uint256) {
        return word & type(uint40).max;
    }

    function steps(uint256 word) internal pure returns (uint256) {
        return word >> 40;
    }
}

/// @notice claims may be triggered by others 1 | non-sharing by creation 1 | paid by mark and not yet settled 108
library ClaimWord {
    uint256 internal constant PAID = (1 << 108) - 1;
    uint256 internal constant BY_CREATION = 1 << 108;
    uint256 internal constant PUSHABLE = 1 << 109;
}
