// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {RouterFixture} from "./RouterFixture.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IRevenueRouter} from "../../src/interfaces/IRevenueRouter.sol";
import {RevenueRouter} from "../../src/revenue/RevenueRouter.sol";

/// The waterfall: who receives what of a payment.
contract WaterfallTest is RouterFixture {
    // ---------------------------------------------------------------- deployment

    function test_deployment_publishesWhatItIsMadeOf() public view {
        assertEq(router.registry(), address(registry), "registry");
        assertEq(router.protocolBps(), PROTOCOL, "protocol share");
        assertEq(router.protocolTreasury(), TREASURY, "treasury");
    }

    function test_deployment_refusesZeroAddresses() public {
        vm.expectRevert(IRevenueRouter.RevenueRouter_ZeroAddress.selector);
        new RevenueRouter(IModelRegistry(address(0)), PROTOCOL, TREASURY);
        vm.expectRevert(IRevenueRouter.RevenueRouter_ZeroAddress.selector);
        new RevenueRouter(registry, PROTOCOL, address(0));
    }

    function test_deployment_refusesAProtocolShareAbove5Percent_orOtherThanTheRegistrys() public {
        bytes4 badConfig = IRevenueRouter.RevenueRouter_BadConfig.selector;
        vm.expectRevert(abi.encodeWithSelector(badConfig, bytes32("protocolBps")));
        new RevenueRouter(registry, 501, TREASURY);
        vm.expectRevert(abi.encodeWithSelector(badConfig, bytes32("registry")));
        new RevenueRouter(registry, PROTOCOL + 1, TREASURY);
        vm.expectRevert(abi.encodeWithSelector(badConfig, bytes32("registry")));
        new RevenueRouter(registry, PROTOCOL - 1, TREASURY);
    }

    // ---------------------------------------------------------------- the split

    function test_distribute_creditsEverybody_andSaysSo() public {
        address[5] memory who = [OPERATOR, ALICE, DAVE, TREASURY, BOB];
        uint256[5] memory expected = [uint256(2_000), 1_000, 500, 200, 0];
        vm.deal(BOB, 10_000);

        vm.expectEmit(address(router));
        emit IRevenueRouter.Distributed(
            digits,
            ETH,
            OPERATOR,
            BOB,
            10_000,
            IRevenueRouter.Split({operator: 2_000, publisher: 1_000, lineage: 2_500, protocol: 200, holders: 4_300})
        );
        vm.expectEmit(address(router));
        emit IRevenueRouter.Credited(OPERATOR, ETH, 2_000);
        vm.expectEmit(address(router));
        emit IRevenueRouter.Credited(ALICE, ETH, 1_000);
        vm.expectEmit(address(router));
        emit IRevenueRouter.FamilyCredited(tune, ETH, digits, 1_500);
        vm.expectEmit(address(router));
        emit IRevenueRouter.FamilyCredited(base, ETH, digits, 500);
        vm.expectEmit(address(router));
        emit IRevenueRouter.Credited(DAVE, ETH, 500);
        vm.expectEmit(address(router));
        emit IRevenueRouter.Credited(TREASURY, ETH, 200);
        vm.prank(BOB);
        router.distribute{value: 10_000}(digits, ETH, 10_000, OPERATOR);

        for (uint256 i = 0; i < who.length; ++i) {
            assertEq(router.creditOf(who[i], ETH), expected[i], "credit");
        }
        assertEq(router.familyCreditOf(tune, ETH), 1_500, "tune");
        assertEq(router.familyCreditOf(base, ETH), 500, "base");
        assertEq(router.holdersPending(digits, ETH), 4_300, "holders");
        assertEq(address(router).balance, 10_000, "the router holds the whole");
    }

    function test_distribute_pullsErc20s_andKeepsAssetsApart() public {
        payUsdc(base, 10_000, OPERATOR);
        assertEq(router.creditOf(OPERATOR, address(usdc)), 2_000, "operator");
        assertEq(router.creditOf(GINA, address(usdc)), 1_000, "publisher");
        assertEq(router.creditOf(TREASURY, address(usdc)), 200, "protocol");
        assertEq(router.holdersPending(base, address(usdc)), 6_800, "holders");
        assertEq(router.creditOf(OPERATOR, ETH), 0, "no ETH");
        assertEq(usdc.balanceOf(address(router)), 10_000, "the router holds the whole");
    }

    function test_distribute_withoutAnOperator_givesItsShareToTheHolders() public {
        payEth(base, 10_000, address(0));
        assertEq(router.holdersPending(base, ETH), 8_800, "holders");
        assertEq(router.creditOf(address(0), ETH), 0, "nobody");
    }

    function test_distribute_whatRoundingLeavesGoesToTheHolders() public {
        // 20%, 10%, 15 + 5 + 5%, 2% of 99: 19.8, 9.9, 14.85 + 4.95 + 4.95, 1.98.
        assertSplit(router.previewSplit(digits, 99, true), [uint256(19), 9, 22, 1, 48]);
        payEth(digits, 99, OPERATOR);
        assertEq(router.familyCreditOf(tune, ETH), 14, "tune");
        assertEq(router.familyCreditOf(base, ETH), 4, "base");
        assertEq(router.creditOf(DAVE, ETH), 4, "dave");
        assertEq(router.holdersPending(digits, ETH), 48, "holders");
    }

    function test_distribute_oneWei_isTheHolders() public {
        payEth(digits, 1, OPERATOR);
        assertEq(router.holdersPending(digits, ETH), 1, "holders");
        assertEq(router.creditOf(OPERATOR, ETH), 0, "operator");
    }

    function test_distribute_nothing_changesNothing() public {
        router.distribute(digits, ETH, 0, OPERATOR);
        assertEq(router.holdersPending(digits, ETH), 0, "holders");
    }

    function test_distribute_usesTheSharesOfTheDay_andNeverThoseOfWhatFlowed() public {
        vm.prank(GINA);
        registry.schedulePublisherShare(base, 0);
        payEth(base, 10_000, OPERATOR);
        skip(DELAY);
        payEth(base, 10_000, OPERATOR);
        assertEq(router.creditOf(GINA, ETH), 1_000, "the first payment's share only");
        assertEq(router.holdersPending(base, ETH), 6_800 + 7_800, "holders");
    }

    function test_distribute_aFormerPublisherKeepsItsCredit() public {
        payEth(base, 10_000, OPERATOR);
        vm.prank(GINA);
        registry.transferPublisher(base, PETE);
        vm.prank(PETE);
        registry.acceptPublisher(base);
        payEth(base, 10_000, OPERATOR);
        assertEq(router.creditOf(GINA, ETH), 1_000, "former");
        assertEq(router.creditOf(PETE, ETH), 1_000, "present");
    }

    /// Forall families and amounts: the parts sum to the whole, and holders keep at least their floor.
    function testFuzz_split_sumsToTheInput(
        uint256 amount,
        uint16[2] memory bps,
        uint16[8] memory shares,
        uint256 count,
        bool hasOperator
    ) public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.holdersFloorBps = 2_000;
        uint256 room = 10_000 - 2_000 - PROTOCOL;
        params.operatorBps = uint16(bound(bps[0], 0, 5_000));
        room -= params.operatorBps;
        params.lineage = new IModelRegistry.LineageParty[](bound(count, 0, 8));
        for (uint256 i = 0; i < params.lineage.length; ++i) {
            uint256 most = room / 2 < 600 ? room / 2 : 600;
            params.lineage[i] = contributor(vm.addr(i + 1), uint16(bound(shares[i], 1, most)));
            room -= params.lineage[i].shareBps;
        }
        params.publisherBps = uint16(bound(bps[1], 0, room));
        uint256 familyId = register(ALICE, params);

        IRevenueRouter.Split memory split = router.previewSplit(familyId, amount, hasOperator);
        assertEq(sum(split), amount, "sum");
        assertGe(split.holders, (amount / 10_000) * 2_000, "floor");
        if (!hasOperator) assertEq(split.operator, 0, "no operator, no share");
    }

    /// Forall amounts up to 2^128 wei: what was announced is what everybody is credited.
    function testFuzz_distribute_creditsThePreview(uint128 amount, bool hasOperator) public {
        IRevenueRouter.Split memory split = router.previewSplit(digits, amount, hasOperator);
        payEth(digits, amount, hasOperator ? OPERATOR : address(0));
        assertEq(router.creditOf(OPERATOR, ETH), split.operator, "operator");
        assertEq(router.creditOf(ALICE, ETH), split.publisher, "publisher");
        assertEq(router.creditOf(TREASURY, ETH), split.protocol, "protocol");
        assertEq(router.holdersPending(digits, ETH), split.holders, "holders");
        assertEq(
            router.creditOf(DAVE, ETH) + router.familyCreditOf(tune, ETH) + router.familyCreditOf(base, ETH),
            split.lineage,
            "lineage"
        );
    }

    function test_previewSplit_reachesTheExtremes() public view {
        uint256[4] memory amounts = [uint256(0), 1, 1 << 128, type(uint256).max];
        for (uint256 i = 0; i < amounts.length; ++i) {
            assertEq(sum(router.previewSplit(digits, amounts[i], true)), amounts[i], "sum");
        }
        uint256 max = type(uint256).max;
        assertEq(router.previewSplit(digits, max, true).operator, max / 5, "a fifth of everything, to the unit");
    }

    function test_previewSplit_needsAFamily() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchFamily.selector, 9));
        router.previewSplit(9, 1, true);
    }

    // ---------------------------------------------------------------- refusals

    function test_distribute_needsAFamily() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchFamily.selector, 9));
        router.distribute(9, ETH, 0, OPERATOR);
    }

    function test_distribute_needsAnAssetOfTheFamily() public {
        uint256 ethOnly = register(ALICE, plainFamily());
        vm.expectRevert(
            abi.encodeWithSelector(IRevenueRouter.RevenueRouter_AssetNotAccepted.selector, ethOnly, address(usdc))
        );
        router.distribute(ethOnly, address(usdc), 1, OPERATOR);
    }

    function test_distribute_takesExactlyTheAnnouncedValue() public {
        bytes4 wrongValue = IRevenueRouter.RevenueRouter_WrongValue.selector;
        vm.deal(address(this), 3);
        vm.expectRevert(abi.encodeWithSelector(wrongValue, 1, 2));
        router.distribute{value: 1}(base, ETH, 2, OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(wrongValue, 3, 2));
        router.distribute{value: 3}(base, ETH, 2, OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(wrongValue, 1, 0));
        router.distribute{value: 1}(base, address(usdc), 1, OPERATOR);
    }

    function test_plainEth_isRefused() public {
        vm.deal(address(this), 1);
        (bool ok, ) = address(router).call{value: 1}("");
        assertFalse(ok, "no receive");
    }
}
