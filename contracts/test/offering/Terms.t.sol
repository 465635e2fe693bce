// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {CrowdFixture} from "./support/CrowdFixture.sol";

/// Properties of the outcome, for any commitments under either rule.
contract TermsTest is CrowdFixture {
    function setUp() external {
        arrange();
    }

    IFixedPriceOffering.Oversubscription private constant PRO_RATA = IFixedPriceOffering.Oversubscription.ProRata;
    IFixedPriceOffering.Oversubscription private constant SMALLEST = IFixedPriceOffering.Oversubscription.SmallestFirst;

    function testFuzz_the_same_commitment_gets_the_same_terms(uint256[6] calldata seeds, bool smallest) external {
        openCrowdSale(smallest ? SMALLEST : PRO_RATA, ETH);
        commitAll(seeds);
        // The last commits the same as the first, later.
        uint256 first = sale.commitmentOf(crowd[0]);
        uint256 last = sale.commitmentOf(crowd[5]);
        if (last > first) uncommit(crowd[5], last - first);
        if (last < first) commitListed(crowd[5], first - last);
        close();
        settleSomehow();
        IFixedPriceOffering.Outcome memory a = sale.outcomeOf(crowd[0]);
        IFixedPriceOffering.Outcome memory b = sale.outcomeOf(crowd[5]);
        assertEq(abi.encode(a), abi.encode(b), "terms");
    }

    function testFuzz_more_committed_never_gets_less(uint256[6] calldata seeds, bool smallest) external {
        openCrowdSale(smallest ? SMALLEST : PRO_RATA, ETH);
        commitAll(seeds);
        close();
        settleSomehow();
        for (uint256 i = 1; i < CROWD; ++i) {
            IFixedPriceOffering.Outcome memory a = sale.outcomeOf(crowd[i - 1]);
            IFixedPriceOffering.Outcome memory b = sale.outcomeOf(crowd[i]);
            if (a.committed > b.committed) (a, b) = (b, a);
            assertLe(a.accepted, b.accepted, "accepted");
            assertLe(a.refund, b.refund, "refund");
            assertLe(a.tokens, b.tokens, "tokens");
        }
    }

    function testFuzz_pro_rata_parts_sum_to_the_cap_less_a_unit_a_buyer(uint256[6] calldata seeds) external {
        openCrowdSale(PRO_RATA, ETH);
        commitAll(seeds);
        close();
        settleSomehow();
        uint256 total = sale.totalCommitted();
        uint256 sum = sumOfAccepted();
        if (total < 50 ether) return assertEq(sum, 0, "below the soft cap");
        if (total <= HARD_CAP) return assertEq(sum, total, "everything");
        assertLe(sum, HARD_CAP, "never more");
        assertGe(sum, HARD_CAP - (CROWD - 1), "at most a unit less for each buyer but one");
        assertLe(sale.raised(), sum, "what is counted as raised is there");
        assertGe(sale.raised() + CROWD - 1, sum, "and misses at most as much");
    }

    function testFuzz_the_level_is_the_one_that_sorting_finds(uint256[6] calldata seeds, uint256 steps) external {
        openCrowdSale(SMALLEST, ETH);
        commitAll(seeds);
        close();
        if (sale.totalCommitted() <= HARD_CAP) return;
        uint256 level = levelBySorting(HARD_CAP);
        steps = bound(steps, 1, CROWD);
        for (uint256 i = 0; i < CROWD; i += steps) sale.settleAtLevel(level, steps);
        uint256 sum = 0;
        for (uint256 i = 0; i < CROWD; ++i) {
            IFixedPriceOffering.Outcome memory outcome = sale.outcomeOf(crowd[i]);
            assertEq(outcome.accepted, outcome.committed < level ? outcome.committed : level, "accepted");
            sum += outcome.accepted;
        }
        assertEq(sale.raised(), sum, "raised exactly what was accepted");
        assertLt(HARD_CAP - sum, CROWD, "less than a unit a buyer is left");
    }

    function testFuzz_no_other_level_settles(uint256[6] calldata seeds, uint256 level) external {
        openCrowdSale(SMALLEST, ETH);
        commitAll(seeds);
        close();
        if (sale.totalCommitted() <= HARD_CAP) return;
        uint256 right = levelBySorting(HARD_CAP);
        level =
            level % 4 == 0
                ? right + 1
                : level % 4 == 1
                    ? right - 1
                    : bound(level, 0, 2 * HARD_CAP);
        if (level == right) return;
        vm.expectRevert();
        sale.settleAtLevel(level, CROWD);
    }

    function testFuzz_everything_that_came_in_goes_out(
        uint256[6] calldata seeds,
        bool smallest,
        uint256 seed
    ) external {
        openCrowdSale(smallest ? SMALLEST : PRO_RATA, ETH);
        commitAll(seeds);
        close();
        settleSomehow();
        bool settled = sale.state() == IFixedPriceOffering.State.Settled;
        for (uint256 i = 0; i < CROWD; ++i) {
            if (settled) sale.claimTokensFor(crowd[i]);
            else sale.refundFor(crowd[i]);
        }
        if (settled) {
            intoExitWindow();
            address leaver = crowd[seed % CROWD];
            uint256 held = token.balanceOf(leaver);
            if (held != 0) exit(leaver, bound(seed, 1, held));
            vm.warp(CLOSES + 60 days);
            if (seed % 2 == 0) collectRoundingIfAny();
            for (uint256 i = 0; i < 3; ++i) sale.releaseTranche(i);
            collectRoundingIfAny();
            assertEq(token.balanceOf(address(sale)), 0, "no token stays");
        }
        assertEq(address(sale).balance, 0, "no wei stays");
    }

    function testFuzz_exits_in_any_order_pay_the_same_rate(
        uint256[6] calldata seeds,
        uint256[6] calldata parts
    ) external {
        openCrowdSale(PRO_RATA, ETH);
        commitAll(seeds);
        commitListed(crowd[0], 50 ether);
        close();
        settleSomehow();
        for (uint256 i = 0; i < CROWD; ++i) sale.claimTokensFor(crowd[i]);
        sale.releaseTranche(0);
        intoExitWindow();
        (uint256 unreleased, uint256 sold) = (sale.unreleased(), sale.tokensSold());
        for (uint256 i = 0; i < CROWD; ++i) {
            address leaver = crowd[(i + (parts[0] % CROWD)) % CROWD];
            uint256 before = leaver.balance;
            uint256 held = token.balanceOf(leaver);
            if (held == 0) continue;
            uint256 tokens = bound(parts[i], 1, held);
            exit(leaver, tokens);
            uint256 atTheFirstRate = (unreleased * tokens) / sold;
            // Each exit rounds down in favour of those who stay; a share of a few wei is all that can gather.
            assertClose(leaver.balance - before, atTheFirstRate, CROWD, "rate");
        }
    }

    function commitAll(uint256[6] calldata seeds) private {
        for (uint256 i = 0; i < CROWD; ++i) {
            // A third of the crowd commits next to nothing, where rounding is all there is.
            uint256 most = seeds[i] % 3 == 0 ? 20 : 100 ether;
            commitListed(crowd[i], bound(seeds[i] / 3, 1, most));
        }
    }

    function collectRoundingIfAny() private {
        if (sumOfAccepted() == sale.raised() && token.balanceOf(address(sale)) == 0) return;
        sale.collectRounding();
    }
}
