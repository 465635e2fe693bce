// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {RegistryFixture} from "./RegistryFixture.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";

/// Prices move slowly: announced, delayed, and at most doubled or halved once per period.
contract PricesTest is RegistryFixture {
    uint256 internal versionId;

    function setUp() public override {
        super.setUp();
        versionId = publishAt(1_000);
    }

    function announce(uint256 amount) private returns (uint256 effectiveAt) {
        vm.prank(ALICE);
        registry.schedulePrice(versionId, ETH, amount);
        (, , effectiveAt) = registry.priceSchedule(versionId, ETH);
    }

    function refuse(uint256 amount, uint256 least, uint256 most) private {
        vm.prank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.ModelRegistry_PriceOutOfBounds.selector, amount, least, most)
        );
        registry.schedulePrice(versionId, ETH, amount);
    }

    function test_schedulePrice_takesEffectAfterTheDelay() public {
        uint256 effectiveAt = block.timestamp + DELAY;
        vm.expectEmit(address(registry));
        emit IModelRegistry.PriceScheduled(versionId, ETH, 1_500, effectiveAt);
        assertEq(announce(1_500), effectiveAt, "announced for");

        vm.warp(effectiveAt - 1);
        (uint256 current, uint256 next, ) = registry.priceSchedule(versionId, ETH);
        assertEq(current, 1_000, "current before");
        assertEq(next, 1_500, "next before");
        assertEq(registry.priceOf(versionId, ETH), 1_000, "a second before");

        vm.warp(effectiveAt);
        assertEq(registry.priceOf(versionId, ETH), 1_500, "at its time");
        (current, next, effectiveAt) = registry.priceSchedule(versionId, ETH);
        assertEq(current, 1_500, "current after");
        assertEq(next + effectiveAt, 0, "nothing announced");
    }

    function test_schedulePrice_isThePublishersAlone() public {
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NotPublisher.selector, 1, BOB));
        registry.schedulePrice(versionId, ETH, 1_500);
    }

    function test_schedulePrice_needsAnAssetOfTheFamily() public {
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_BadAsset.selector, address(usdc)));
        registry.schedulePrice(versionId, address(usdc), 1_500);
    }

    function test_schedulePrice_atMostDoublesOrHalves() public {
        refuse(2_001, 500, 2_000);
        refuse(499, 500, 2_000);
        announce(2_000);
        announce(500);
    }

    function test_schedulePrice_roundsAgainstThePublisher() public {
        versionId = publishAt(5);
        refuse(2, 3, 10);
        announce(3);
        versionId = publishAt(1);
        refuse(0, 1, 2);
        announce(1);
    }

    function test_schedulePrice_staysWithinWhatAPriceMayBe() public {
        versionId = publishAt(MAX_PRICE);
        refuse(MAX_PRICE + 1, MAX_PRICE / 2 + 1, MAX_PRICE);
        announce(MAX_PRICE);
        versionId = publishAt(MAX_PRICE / 2);
        refuse(MAX_PRICE, (MAX_PRICE / 2 + 1) / 2, MAX_PRICE - 1);
    }

    function test_schedulePrice_theFirstInAnAsset_isDelayedButHasNoBound() public {
        IModelRegistry.FamilyParams memory family = plainFamily();
        family.assets = one(address(usdc));
        versionId = publish(ALICE, plainVersion(register(ALICE, family)));
        refuse(0, 1, MAX_PRICE);
        vm.prank(ALICE);
        registry.schedulePrice(versionId, address(usdc), 7);
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.ModelRegistry_NotSold.selector, versionId, address(usdc))
        );
        registry.priceOf(versionId, address(usdc));
        skip(DELAY);
        assertEq(registry.priceOf(versionId, address(usdc)), 7, "sold");
    }

    function test_schedulePrice_waitsAPeriodAfterTheLastChange() public {
        uint256 changedAt = announce(2_000);
        vm.warp(changedAt);
        assertEq(announce(4_000), changedAt + PERIOD, "a period after the change");
        vm.warp(changedAt + PERIOD - 1);
        assertEq(registry.priceOf(versionId, ETH), 2_000, "still the first");
        vm.warp(changedAt + PERIOD);
        assertEq(registry.priceOf(versionId, ETH), 4_000, "now the second");
    }

    function test_schedulePrice_afterAQuietPeriod_onlyTheDelayCounts() public {
        vm.warp(announce(2_000) + PERIOD);
        assertEq(announce(4_000), block.timestamp + DELAY, "the delay");
    }

    function test_schedulePrice_quietPeriodsDoNotAddUp() public {
        skip(52 weeks);
        refuse(2_001, 500, 2_000);
    }

    function test_schedulePrice_replacesWhatIsPending_withoutComingSooner() public {
        vm.warp(announce(2_000));
        uint256 pendingAt = announce(4_000);
        skip(1 days);
        assertEq(announce(3_000), pendingAt, "not sooner than what it replaces");
        vm.warp(pendingAt - 1);
        assertEq(announce(1_000), pendingAt - 1 + DELAY, "nor sooner than the delay");
        vm.warp(pendingAt - 1 + DELAY);
        assertEq(registry.priceOf(versionId, ETH), 1_000, "the last announcement");
    }

    /// A pending announcement gives no licence: the bound is that of the price in force.
    function test_schedulePrice_isBoundedByThePriceInForce_notByWhatIsAnnounced() public {
        announce(2_000);
        refuse(4_000, 500, 2_000);
    }

    /// Forall announcements at any times: of two moments at most a period apart, neither price exceeds twice the other.
    /// The price is looked at up to four days apart, and mostly announced anew each time.
    function testFuzz_priceWithinAPeriod_neverMoreThanDoublesOrHalves(uint256 start, uint256 seed) public {
        versionId = publishAt(bound(start, 1, MAX_PRICE));
        uint256 steps = 24;
        uint256[] memory times = new uint256[](steps);
        uint256[] memory inForce = new uint256[](steps);
        for (uint256 i = 0; i < steps; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            // Often exactly the moment at which something changes, else anywhere within four days.
            (, , uint256 effectiveAt) = registry.priceSchedule(versionId, ETH);
            if (effectiveAt != 0 && seed % 3 == 0) vm.warp(effectiveAt);
            else skip(1 + ((seed >> 8) % 4 days));
            uint256 price = registry.priceOf(versionId, ETH);
            (times[i], inForce[i]) = (block.timestamp, price);
            for (uint256 j = 0; j < i; ++j) {
                if (block.timestamp - times[j] > PERIOD) continue;
                assertLe(price, 2 * inForce[j], "more than doubled");
                assertGe(2 * price, inForce[j], "less than half");
            }
            if (seed % 5 == 0) continue;
            uint256 least = (price + 1) / 2;
            uint256 most = 2 * price < MAX_PRICE ? 2 * price : MAX_PRICE;
            // Extremes are the interesting announcements.
            uint256 amount = bound(seed, least, most);
            if (seed % 4 == 0) amount = least;
            if (seed % 4 == 1) amount = most;
            announce(amount);
        }
    }

    /// The bound has its price: who always announces the most doubles exactly once per period.
    function test_greedyPublisher_doublesOncePerPeriod() public {
        uint256 start = block.timestamp;
        while (block.timestamp < start + 5 * PERIOD) {
            (uint256 current, , uint256 effectiveAt) = registry.priceSchedule(versionId, ETH);
            if (effectiveAt == 0) announce(2 * current);
            skip(6 hours);
        }
        // The first after the delay, then one per period: five in five periods.
        assertEq(registry.priceOf(versionId, ETH), 32_000, "price after five periods");
    }
}
