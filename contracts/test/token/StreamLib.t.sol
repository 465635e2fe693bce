// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Stream, StreamLib} from "../../src/token/libraries/Stream.sol";
import {PoolWord} from "../../src/token/libraries/Words.sol";
import {Test} from "../support/Test.sol";
import {TokenTest} from "./TokenTest.sol";

/// The word of a stream, over all values its fields can have.
contract StreamLibTest is Test {
    using StreamLib for Stream;

    uint256 internal constant UNIT = 1 << 80;
    uint256 internal constant PERIOD = 7 days;

    function setUp() public {
        vm.warp(1_795_000_000);
    }

    function _stream(uint256 index, uint256 left, uint256 time) private view returns (Stream memory s) {
        s.index = bound(index, 0, StreamLib.INDEX / 2);
        s.left = bound(left, 0, (1 << 108) * UNIT);
        s.time = bound(time, 1, StreamLib.SECONDS);
        s.end = block.timestamp + s.time;
    }

    function _shares(uint256 shares) private pure returns (uint256) {
        return bound(shares, 1 << 79, (1 << 90) - 1);
    }

    function testFuzz_writingKeepsEverythingButLessThanOneUnit(
        uint256 index,
        uint256 left,
        uint256 time,
        uint256 shares
    ) public view {
        Stream memory s = _stream(index, left, time);
        shares = _shares(shares);
        (uint256 word, uint256 carry) = s.write(shares, true, PERIOD);
        Stream memory again = StreamLib.read(word, carry, shares);
        assertLe(again.left, s.left, "nothing is made");
        assertLt(s.left - again.left, UNIT, "less than one unit is kept");
        assertEq(again.index, s.index, "index");
        assertEq(again.time, s.time, "time");
        assertEq(word & StreamLib.ASIDE, 0, "the bits aside stay free");
        if (again.frozen) return;
        assertEq(again.end, s.end, "end");
        assertLt(carry, 1 << 33, "the carry fits");
    }

    function testFuzz_aFrozenStreamKeepsMoneyAndTime(uint256 index, uint256 left, uint256 time, uint256 later) public {
        Stream memory s = _stream(index, left, time);
        (uint256 word, uint256 carry) = s.write(0, false, PERIOD);
        assertTrue(StreamLib.isFrozen(word), "frozen");
        assertEq(carry, 0, "no carry");
        skip(bound(later, 0, 1000 days));
        assertEq(StreamLib.steps(word), s.index >> 32, "accounts see it stand still");
        Stream memory again = StreamLib.read(word, 0, 1);
        assertEq(again.left, (s.left / UNIT) * UNIT, "whole units");
        assertEq(again.time, s.time, "time");
        assertEq(again.index, s.index, "index");
    }

    function testFuzz_resharingMovesNoStepAndNoMoney(
        uint256 index,
        uint256 left,
        uint256 time,
        uint256 before,
        uint256 shares
    ) public view {
        Stream memory s = _stream(index, left, time);
        before = _shares(before);
        shares = bound(shares, 0, (1 << 90) - 1);
        uint256 steps = s.index >> 32;
        uint256 money = s.left + (s.index & StreamLib.FRACTION) * before;
        s.reshare(before, shares);
        assertEq(s.index >> 32, steps, "steps");
        assertEq(s.left + (s.index & StreamLib.FRACTION) * shares, money, "money, exactly");
    }

    function testFuzz_joiningNeverLowersEitherRate(
        uint256 left,
        uint256 time,
        uint256 amount,
        uint256 poolLeft,
        uint256 poolAmount
    ) public view {
        Stream memory s = _stream(0, left, bound(time, 1, PERIOD));
        amount = bound(amount, 0, 1 << 107);
        poolLeft = bound(poolLeft, 0, 1 << 107);
        poolAmount = bound(poolAmount, 0, 1 << 107);
        uint256 leftBefore = s.left;
        uint256 timeBefore = s.time;
        s.join(amount, poolLeft, poolAmount, PERIOD);
        assertGe(s.left * timeBefore, leftBefore * s.time, "holders");
        assertGe((poolLeft + poolAmount) * timeBefore, poolLeft * s.time, "pool");
        assertLe(s.time, PERIOD, "at most a period");
        assertGe(s.time, timeBefore < PERIOD ? timeBefore : PERIOD, "never less time than before");
        assertEq(s.left, leftBefore + amount * UNIT, "all of it");
    }

    function testFuzz_theIndexIsAStraightLine(
        uint256 left,
        uint256 time,
        uint256 shares,
        uint256 first,
        uint256 second
    ) public {
        Stream memory s = _stream(0, left, time);
        shares = _shares(shares);
        (uint256 word, uint256 carry) = s.write(shares, true, PERIOD);
        if (StreamLib.isFrozen(word)) return;
        skip(bound(first, 0, s.time));
        Stream memory half = StreamLib.read(word, carry, shares);
        (uint256 word2, uint256 carry2) = half.write(shares, true, PERIOD);
        skip(bound(second, 0, 2 * s.time));
        assertGe(StreamLib.steps(word2), StreamLib.steps(word), "a write in between loses no accrual");
        Stream memory direct = StreamLib.read(word, carry, shares);
        Stream memory inTwo = StreamLib.read(word2, carry2, shares);
        uint256 a = direct.left + direct.index * shares;
        uint256 b = inTwo.left + inTwo.index * shares;
        assertLe(b, a, "nor does it make any");
        assertLt(a - b, UNIT, "but for less than a unit");
    }

    function testFuzz_thePoolFillsOnTheStreamsSchedule(uint256 unreleased, uint256 time, uint256 elapsed) public {
        unreleased = bound(unreleased, 0, 1 << 107);
        time = bound(time, 1, StreamLib.SECONDS);
        elapsed = bound(elapsed, 0, 2 * time);
        uint256 word = PoolWord.pack(7, unreleased);
        uint256 end = block.timestamp + time;
        skip(elapsed);
        (uint256 pool, uint256 rest) = PoolWord.unpack(word, end);
        assertEq(pool + rest, unreleased + 7, "nothing is lost");
        assertEq(pool, 7 + (elapsed < time ? (unreleased * elapsed) / time : unreleased), "in equal parts");
        (pool, rest) = PoolWord.unpack(word, 0);
        assertEq(rest, unreleased, "frozen");
    }
}

/// The packed arithmetic against a model that keeps every accrual as a fraction of 2^-60 wei.
contract IndexDifferentialTest is TokenTest {
    uint256 internal constant ONE = 1 << 60;
    uint256 internal constant HOLDERS = 4;

    address[HOLDERS] internal holders;
    uint256[HOLDERS] internal balances;
    uint256[HOLDERS] internal accrued;
    bool[HOLDERS] internal sharing;
    uint256 internal left;
    uint256 internal time;
    uint256 internal poolLeft;
    uint256 internal modelPool;

    function setUp() public override {
        super.setUp();
        holders = [alice, bob, pool, carol];
        balances = [ALICE_HAS, BOB_HAS, POOL_HAS, 0];
        sharing = [true, true, false, true];
    }

    function testFuzz_everyAccountAccruesWhatFullPrecisionSays(uint256 seed) public {
        uint256 steps = 24;
        for (uint256 i; i < steps; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _advance((seed >> 200) % 3 days);
            uint256 what = seed % 5;
            if (what == 0) _pay(1 + ((seed >> 8) % 1000 ether));
            else if (what == 1) _toggle((seed >> 8) % HOLDERS);
            else _transfer((seed >> 8) % HOLDERS, (seed >> 16) % HOLDERS, seed >> 24);
            _compare(i + 2);
        }
    }

    function _sharingSupply() private view returns (uint256 sum) {
        for (uint256 i; i < HOLDERS; ++i) if (sharing[i]) sum += balances[i];
    }

    function _advance(uint256 elapsed) private {
        skip(elapsed);
        uint256 shares = _sharingSupply();
        if (shares < SUPPLY >> 10) return;
        if (elapsed > time) elapsed = time;
        if (elapsed == 0) return;
        uint256 released = (left * elapsed) / time;
        for (uint256 i; i < HOLDERS; ++i) if (sharing[i]) accrued[i] += (released * balances[i]) / shares;
        uint256 pooled = (poolLeft * elapsed) / time;
        left -= released;
        poolLeft -= pooled;
        modelPool += pooled;
        time -= elapsed;
    }

    function _pay(uint256 amount) private {
        payEth(amount);
        uint256 toHolders = (amount * 8) / 10;
        uint256 toPool = amount - toHolders;
        uint256 newTime = 7 days;
        if (time != 0) {
            newTime = _min(newTime, (time * (left + toHolders * ONE)) / (left == 0 ? 1 : left));
            newTime = _min(newTime, (time * (poolLeft + toPool * ONE)) / (poolLeft == 0 ? 1 : poolLeft));
        }
        left += toHolders * ONE;
        poolLeft += toPool * ONE;
        time = newTime;
        _align();
    }

    /// A second more or less per payment is a matter of rounding: the model follows the contract in it. A dry stream may also
    /// begin anew, with what was left of a step: less than a GRAIN, which the model has paid already.
    function _align() private {
        (uint256 unstreamed, , uint256 endsAt, ) = token.streamOf(ETH);
        if (endsAt == 0) return;
        uint256 actual = endsAt > block.timestamp ? endsAt - block.timestamp : 0;
        if (time == 0) assertLe(unstreamed, 26 * GRAIN, "only what did not fill steps");
        else assertClose(actual, time, 24, "schedule");
        time = actual;
    }

    function _toggle(uint256 i) private {
        sharing[i] = !sharing[i];
        vm.prank(holders[i]);
        token.setSharing(sharing[i]);
        _align();
    }

    function _transfer(uint256 from, uint256 to, uint256 amount) private {
        amount = amount % 4 == 0 ? balances[from] : amount % (balances[from] + 1);
        move(holders[from], holders[to], amount);
        balances[from] -= amount;
        balances[to] += amount;
        _align();
    }

    function _compare(uint256 resizes) private view {
        for (uint256 i; i < HOLDERS; ++i) {
            assertClose(token.accruedRevenue(holders[i], ETH), accrued[i] / ONE, resizes * GRAIN, "accrued");
        }
        assertClose(poolOf(ETH), modelPool / ONE, resizes, "pool");
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
