// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

// # The accumulator
//
// Revenue `R` streams to `S` shares over `T` seconds. What one share has received since the beginning is the index
//
//     index(t) = sum of R / (S T) over every second streamed so far
//
// and what an account has received is the sum, over the intervals in which its shares `b` were constant, of
// `b (index at the end - index at the beginning)`. With a correction `c` that takes `- index * d` whenever `b` changes by
// `d` (the form of ERC-2222), that sum is `c + b index(t)` at any time, so an account needs one word and no list.
//
// Three things make it exact with integers.
//
// 1. The word stores the rate *per share* (`perShare`, in 2^-80 of a normal unit per second). Between two writes the index is
//    the straight line `index + perShare (t - last)`, so a transfer between two sharing accounts reads one word and
//    writes none. Whoever writes works in `left`, the amount still to stream in 2^-80 of a unit:
//
//        left = perShare S T + (carry << 80),    perShare = left / (S T),    carry = the whole units of the remainder
//
//    so every write conserves `left` except for less than one unit of the remainder, which the contract keeps.
//
// 2. Accounts see the index only in steps of 2^32, `steps = index >> 32`, that is in 2^-48 of a unit. Were the index itself
//    truncated to that, whoever joins in the middle of a step would be paid the whole step. So the word keeps the lower
//    32 bits `f`: money, `f S`, that has streamed and that nobody has been paid yet. When the shares go from S0 to S1 it
//    stays the same money:
//
//        f1 = min(f S0 / S1, 2^32 - 1),     left += f S0 - f1 S1
//
//    No change of shares moves `steps`, so no account gains or loses a unit by anybody's coming or going, and the order
//    of a burn and a claim in one block cannot matter.
//
// 3. Nothing overflows. The index is held below 2^90 and shares are below 2^90, so `steps * b < 2^148` and a correction fits
//    in 149 bits with its sign; `perShare < 2^70`, `T < 2^22`, hence `left < 2^189`. A rate or an index that would not
//    fit freezes the stream instead: the money waits, no transfer ever reverts for it. Shares are scaled so that a
//    whole supply is at least 2^89 of them, which puts the end of the index at 5e11 units of revenue (1e12 at most).
//
// A frozen stream needs no clock. Its word holds the money and the seconds that remain, and it resumes with both.

/// @notice One stream, brought to `block.timestamp`.
struct Stream {
    /// Revenue per share so far, in 2^-80 of a normal unit.
    uint256 index;
    /// What is still to stream to holders, in 2^-80 of a normal unit.
    uint256 left;
    /// The seconds it still takes.
    uint256 time;
    /// When it ends. Unknown, 0, while frozen.
    uint256 end;
    bool frozen;
}

/// @notice frozen 1 | aside 33 | seconds left 22 | last 40 | per share 70 | index 90; frozen: `last` and `per share` are the
/// 110 bits of the amount waiting. `aside` holds the newest mark (16) for ETH and the carry (33) for other assets.
library StreamLib {
    uint256 internal constant INDEX = (1 << 90) - 1;
    uint256 internal constant PER_SHARE = (1 << 70) - 1;
    uint256 internal constant WAITING = (1 << 110) - 1;
    uint256 internal constant SECONDS = (1 << 22) - 1;
    uint256 internal constant FRACTION = type(uint32).max;
    uint256 internal constant ASIDE_SHIFT = 222;
    uint256 internal constant ASIDE = ((1 << 33) - 1) << ASIDE_SHIFT;
    uint256 internal constant FROZEN_SHIFT = 255;

    /// @notice The index accounts see now, in 2^-48 of a normal unit per share.
    function steps(uint256 word) internal view returns (uint256) {
        // `last` is in the past and every product fits 92 bits; a frozen word has no clock, so its time counts nothing.
        unchecked {
            if (word >> FROZEN_SHIFT != 0) return (word & INDEX) >> 32;
            uint256 elapsed = block.timestamp - ((word >> 160) & type(uint40).max);
            uint256 time = (word >> 200) & SECONDS;
            if (elapsed > time) elapsed = time;
            return ((word & INDEX) + ((word >> 90) & PER_SHARE) * elapsed) >> 32;
        }
    }

    function isFrozen(uint256 word) internal pure returns (bool) {
        return word >> FROZEN_SHIFT != 0;
    }

    function aside(uint256 word) internal pure returns (uint256) {
        return (word & ASIDE) >> ASIDE_SHIFT;
    }

    /// @notice When the stream ends; 0 while it is frozen.
    function endOf(uint256 word) internal pure returns (uint256) {
        unchecked {
            return word >> FROZEN_SHIFT != 0 ? 0 : ((word >> 160) & type(uint40).max) + ((word >> 200) & SECONDS);
        }
    }

    function perShareOf(uint256 word) internal pure returns (uint256) {
        return word >> FROZEN_SHIFT != 0 ? 0 : (word >> 90) & PER_SHARE;
    }

    function read(uint256 word, uint256 carry, uint256 shares) internal view returns (Stream memory s) {
        // Unchecked: the bounds of point 3 above.
        unchecked {
            s.index = word & INDEX;
            s.time = (word >> 200) & SECONDS;
            if (word >> FROZEN_SHIFT != 0) {
                s.frozen = true;
                s.left = ((word >> 90) & WAITING) << 80;
                return s;
            }
            uint256 last = (word >> 160) & type(uint40).max;
            uint256 elapsed = block.timestamp - last;
            uint256 perShare = (word >> 90) & PER_SHARE;
            s.end = last + s.time;
            if (elapsed > s.time) elapsed = s.time;
            s.time -= elapsed;
            s.index += perShare * elapsed;
            s.left = perShare * shares * s.time + (carry << 80);
        }
    }

    /// @notice Point 2: the fraction of a step, `f S0`, stays the same money when the shares change.
    function reshare(Stream memory s, uint256 sharesBefore, uint256 shares) internal pure {
        // Unchecked: the fraction is below 2^32 and shares below 2^90, so the money is below 2^122.
        unchecked {
            if (sharesBefore == shares) return;
            uint256 fraction = s.index & FRACTION;
            uint256 money = fraction * sharesBefore;
            s.index -= fraction;
            if (shares != 0) {
                fraction = money / shares;
                if (fraction > FRACTION) fraction = FRACTION;
                s.index += fraction;
                money -= fraction * shares;
            }
            s.left += money;
        }
    }

    /// @notice Adds `amount` to the holders' stream and `poolAmount` to what the pool has still to receive, `poolLeft`.
    /// @dev The new rate is max(rate, (left + amount) / period), for both parts: the time left never grows by more than the
    /// new money needs at the present rate. Rounded down, which can only make it faster.
    function join(Stream memory s, uint256 amount, uint256 poolLeft, uint256 poolAmount, uint256 period) internal view {
        // Unchecked: amounts are below 2^108, time below 2^22, so the products are below 2^212.
        unchecked {
            uint256 added = amount << 80;
            uint256 time = period;
            if (s.time != 0) {
                if (s.left != 0) time = _min(time, (s.time * (s.left + added)) / s.left);
                if (poolLeft != 0) time = _min(time, (s.time * (poolLeft + poolAmount)) / poolLeft);
            }
            s.left += added;
            s.time = time;
            s.end = block.timestamp + time;
        }
    }

    /// @notice Pays everything left at once, as far as whole units of the index allow. False if the index cannot hold it.
    function release(Stream memory s, uint256 shares) internal view returns (bool) {
        uint256 perShare = s.left / shares;
        if (s.index + perShare > INDEX) return false;
        s.index += perShare;
        s.left -= perShare * shares;
        s.time = 0;
        s.end = block.timestamp;
        return true;
    }

    /// @notice The word, without `aside`, and the carry.
    /// @param mayRun False: the stream freezes.
    /// @param period What a remainder streams over when nothing else is streaming.
    function write(
        Stream memory s,
        uint256 shares,
        bool mayRun,
        uint256 period
    ) internal view returns (uint256 word, uint256 carry) {
        // Unchecked: the bounds of point 3 above; `mayRun` implies that there are shares.
        unchecked {
            if (mayRun) {
                uint256 time = s.time;
                uint256 end = s.end;
                // What a resize left over does not wait for the next payment if it makes a rate at all.
                if (time == 0 && s.left >= shares * period) time = period;
                uint256 perShare = time == 0 ? 0 : s.left / (shares * time);
                if (perShare <= PER_SHARE && s.index + perShare * time <= INDEX) {
                    carry = (s.left - perShare * shares * time) >> 80;
                    uint256 last = time != 0 || s.frozen ? block.timestamp : end;
                    word = (time << 200) | (last << 160) | (perShare << 90) | s.index;
                    return (word, carry);
                }
            }
            word = (1 << FROZEN_SHIFT) | (s.time << 200) | ((s.left >> 80) << 90) | s.index;
        }
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
