// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {RegistryFixture} from "./RegistryFixture.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {ModelRegistry} from "../../src/registry/ModelRegistry.sol";

/// Families: what is fixed at registration, and what the publisher may change.
contract FamiliesTest is RegistryFixture {
    // ---------------------------------------------------------------- deployment

    function deployBroken(IModelRegistry.Parameters memory parameters, address factory, bytes32 reason) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_BadConfig.selector, reason));
        new ModelRegistry(parameters, factory, OPERATORS);
    }

    function test_deployment_refusesParametersThatPromiseNothing() public {
        IModelRegistry.Parameters memory p = production();
        p.priceDelay = 0;
        deployBroken(p, FACTORY, "priceDelay");
        p = production();
        p.priceBoundPeriod = 0;
        deployBroken(p, FACTORY, "priceBoundPeriod");
        p = production();
        p.maxOperatorBps = 10_001;
        deployBroken(p, FACTORY, "maxOperatorBps");
        p = production();
        p.maxLineageBps = 10_001;
        deployBroken(p, FACTORY, "maxLineageBps");
        p = production();
        (p.minHoldersBps, p.protocolBps) = (9_900, 101);
        deployBroken(p, FACTORY, "minHoldersBps");
        p = production();
        p.attestingOperators = 0;
        deployBroken(p, FACTORY, "attestingOperators");
        deployBroken(production(), address(0), "offeringFactory");
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.ModelRegistry_BadConfig.selector, bytes32("operatorRegistry"))
        );
        new ModelRegistry(production(), FACTORY, address(0));
    }

    function test_deployment_publishesItsParameters_andTheFactoryNeedsNoCode() public view {
        assertEq(abi.encode(registry.parameters()), abi.encode(production()), "parameters");
        assertEq(registry.offeringFactory(), FACTORY, "factory");
        assertEq(registry.operatorRegistry(), OPERATORS, "operators");
        assertEq(FACTORY.code.length, 0, "factory code");
    }

    // ---------------------------------------------------------------- registration

    function test_registerFamily_recordsWhatWasGiven() public {
        uint256 base = register(BOB, plainFamily());
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.lineage = parties(parent(base, 700), contributor(CAROL, 300));

        vm.expectEmit(address(registry));
        emit IModelRegistry.FamilyRegistered(2, ALICE, "digits", IModelRegistry.Waterfall(2_000, 1_000, 1_000, 5_000));
        vm.expectEmit(address(registry));
        emit IModelRegistry.LineageRecorded(2, base, address(0), 700);
        vm.expectEmit(address(registry));
        emit IModelRegistry.LineageRecorded(2, 0, CAROL, 300);
        uint256 familyId = register(ALICE, params);

        assertEq(familyId, 2, "ids start at 1");
        assertEq(registry.familyCount(), 2, "count");
        assertEq(registry.publisherOf(familyId), ALICE, "publisher");
        assertEq(registry.tokenOf(familyId), address(0), "token");
        assertEq(
            abi.encode(registry.family(familyId)),
            abi.encode(IModelRegistry.Family(ALICE, address(0), address(0), uint40(block.timestamp), "digits")),
            "family"
        );
        assertEq(
            abi.encode(registry.waterfall(familyId)),
            abi.encode(IModelRegistry.Waterfall(2_000, 1_000, 1_000, 5_000)),
            "waterfall"
        );
        assertEq(abi.encode(registry.lineage(familyId)), abi.encode(params.lineage), "lineage");
    }

    function test_registerFamily_acceptsEthFirst_thenItsErc20s() public {
        TestERC20 dai = new TestERC20("DAI", 18);
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.assets = two(address(usdc), address(dai));
        uint256 familyId = register(ALICE, params);

        address[] memory assets = registry.assetsOf(familyId);
        assertEq(assets.length, 3, "count");
        assertEq(assets[0], ETH, "first");
        assertEq(assets[1], address(usdc), "second");
        assertEq(assets[2], address(dai), "third");
        assertTrue(registry.acceptsAsset(familyId, ETH), "ETH");
        assertTrue(registry.acceptsAsset(familyId, address(dai)), "DAI");
        assertFalse(registry.acceptsAsset(familyId, address(this)), "stranger");
    }

    function refuse(IModelRegistry.FamilyParams memory params, bytes memory reason) private {
        vm.prank(ALICE);
        vm.expectRevert(reason);
        registry.registerFamily(params);
    }

    function test_registerFamily_needsAName_ofAtMost64Bytes() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.name = "";
        refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_EmptyField.selector, bytes32("name")));
        params.name = text(65);
        refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_TooLong.selector, bytes32("name"), 65, 64));
        params.name = text(64);
        register(ALICE, params);
    }

    function outOfBounds(bytes32 share, uint256 bps, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IModelRegistry.ModelRegistry_ShareOutOfBounds.selector, share, bps, limit);
    }

    function test_registerFamily_operatorShareIsBounded() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        (params.operatorBps, params.publisherBps, params.holdersFloorBps) = (5_001, 0, 2_000);
        refuse(params, outOfBounds("operator", 5_001, 5_000));
        params.operatorBps = 5_000;
        register(ALICE, params);
    }

    function test_registerFamily_holdersHaveAFloor() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.holdersFloorBps = 1_999;
        refuse(params, outOfBounds("holders", 1_999, 2_000));
        params.holdersFloorBps = 2_000;
        register(ALICE, params);
    }

    function test_registerFamily_lineageIsBoundedTogether() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.holdersFloorBps = 2_000;
        params.lineage = parties(contributor(BOB, 2_500), contributor(CAROL, 2_501));
        refuse(params, outOfBounds("lineage", 5_001, 5_000));
        params.lineage[1].shareBps = 2_500;
        params.publisherBps = 800;
        register(ALICE, params);
    }

    function test_registerFamily_sharesProtocolAndFloorFitIntoTheWhole() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.lineage = parties(contributor(BOB, 1_000));
        params.publisherBps = 1_801;
        refuse(params, outOfBounds("total", 10_001, 10_000));
        params.publisherBps = 1_800;
        register(ALICE, params);
    }

    /// Forall shares: a family is registered exactly if its floor holds.
    function testFuzz_registerFamily_leavesTheHoldersTheirFloor(
        uint16 operatorBps,
        uint16 publisherBps,
        uint16 lineageBps,
        uint16 floorBps
    ) public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.operatorBps = uint16(bound(operatorBps, 0, 5_100));
        params.publisherBps = uint16(bound(publisherBps, 0, 10_100));
        params.holdersFloorBps = uint16(bound(floorBps, 1_900, 10_100));
        params.lineage = parties(contributor(BOB, uint16(bound(lineageBps, 1, 5_100))));
        uint256 total =
            uint256(params.operatorBps) +
                params.publisherBps +
                params.holdersFloorBps +
                params.lineage[0].shareBps +
                PROTOCOL;
        bool fits =
            total <= 10_000 &&
                params.operatorBps <= 5_000 &&
                params.lineage[0].shareBps <= 5_000 &&
                params.holdersFloorBps >= 2_000;

        vm.prank(ALICE);
        try registry.registerFamily(params) {
            assertTrue(fits, "must be refused");
        } catch {
            assertFalse(fits, "must be registered");
        }
    }

    // ---------------------------------------------------------------- lineage

    function badParty(uint256 index) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IModelRegistry.ModelRegistry_BadParty.selector, index);
    }

    function test_lineage_hasAtMost8Parties() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.lineage = new IModelRegistry.LineageParty[](9);
        for (uint256 i = 0; i < 9; ++i) {
            params.lineage[i] = contributor(vm.addr(i + 1), 10);
        }
        refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_TooManyParties.selector, 9, 8));
        IModelRegistry.LineageParty[] memory eight = new IModelRegistry.LineageParty[](8);
        for (uint256 i = 0; i < 8; ++i) {
            eight[i] = params.lineage[i];
        }
        params.lineage = eight;
        assertEq(registry.lineage(register(ALICE, params)).length, 8, "parties");
    }

    function test_lineage_aPartyIsEitherAParentOrAContributor() public {
        uint256 base = register(BOB, plainFamily());
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.lineage = parties(parent(base, 100), IModelRegistry.LineageParty(base, CAROL, 100));
        refuse(params, badParty(1));
        params.lineage = parties(IModelRegistry.LineageParty(0, address(0), 100));
        refuse(params, badParty(0));
    }

    function test_lineage_aPartyHasAShare() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.lineage = parties(contributor(CAROL, 0));
        refuse(params, badParty(0));
    }

    function test_lineage_noPartyAppearsTwice() public {
        uint256 base = register(BOB, plainFamily());
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.lineage = parties(contributor(CAROL, 100), contributor(CAROL, 200));
        refuse(params, badParty(1));
        params.lineage = parties(parent(base, 100), parent(base, 100));
        refuse(params, badParty(1));
    }

    function test_lineage_parentsExistBefore_soThereAreNoCycles() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.lineage = parties(parent(1, 100));
        refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchFamily.selector, 1));
        register(BOB, plainFamily());
        assertEq(register(ALICE, params), 2, "child is younger");
    }

    function test_lineage_parentsAcceptEveryAssetOfTheChild() public {
        TestERC20 dai = new TestERC20("DAI", 18);
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.assets = one(address(usdc));
        uint256 base = register(BOB, params);

        params.lineage = parties(parent(base, 100));
        params.assets = two(address(usdc), address(dai));
        refuse(
            params,
            abi.encodeWithSelector(IModelRegistry.ModelRegistry_ParentRefusesAsset.selector, base, address(dai))
        );
        params.assets = one(address(usdc));
        register(ALICE, params);
    }

    // ---------------------------------------------------------------- assets

    function badAsset(address asset) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IModelRegistry.ModelRegistry_BadAsset.selector, asset);
    }

    function test_assets_areAtMostFour() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.assets = new address[](5);
        refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_TooManyAssets.selector, 5, 4));
        params.assets = new address[](4);
        for (uint256 i = 0; i < 4; ++i) {
            params.assets[i] = address(new TestERC20("T", 18));
        }
        assertEq(registry.assetsOf(register(ALICE, params)).length, 5, "ETH and four");
    }

    function test_assets_haveCode_areNotEth_andDiffer() public {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.assets = one(BOB);
        refuse(params, badAsset(BOB));
        params.assets = one(ETH);
        refuse(params, badAsset(ETH));
        params.assets = two(address(usdc), address(usdc));
        refuse(params, badAsset(address(usdc)));
    }

    // ---------------------------------------------------------------- publisher share

    function test_publisherShare_changesAfterTheDelay() public {
        uint256 familyId = register(ALICE, plainFamily());
        uint256 effectiveAt = block.timestamp + DELAY;

        vm.expectEmit(address(registry));
        emit IModelRegistry.PublisherShareScheduled(familyId, 2_800, effectiveAt);
        vm.prank(ALICE);
        registry.schedulePublisherShare(familyId, 2_800);

        (uint256 current, uint256 next, uint256 at) = registry.publisherShareSchedule(familyId);
        assertEq(current, 1_000, "current");
        assertEq(next, 2_800, "next");
        assertEq(at, effectiveAt, "at");
        vm.warp(effectiveAt - 1);
        assertEq(registry.waterfall(familyId).publisherBps, 1_000, "a second before");
        vm.warp(effectiveAt);
        assertEq(registry.waterfall(familyId).publisherBps, 2_800, "at its time");
        (current, next, at) = registry.publisherShareSchedule(familyId);
        assertEq(current, 2_800, "current after");
        assertEq(next, 0, "nothing announced");
        assertEq(at, 0, "no time");
    }

    function test_publisherShare_neverReachesIntoTheFloor() public {
        uint256 familyId = register(ALICE, plainFamily());
        vm.prank(ALICE);
        vm.expectRevert(outOfBounds("total", 10_001, 10_000));
        registry.schedulePublisherShare(familyId, 2_801);
    }

    function test_publisherShare_lastAnnouncementCounts_withADelayOfItsOwn() public {
        uint256 familyId = register(ALICE, plainFamily());
        vm.prank(ALICE);
        registry.schedulePublisherShare(familyId, 2_000);
        skip(DELAY - 1);
        vm.prank(ALICE);
        registry.schedulePublisherShare(familyId, 0);
        skip(1);
        assertEq(registry.waterfall(familyId).publisherBps, 1_000, "the first was replaced");
        skip(DELAY - 1);
        assertEq(registry.waterfall(familyId).publisherBps, 0, "the second holds");
    }

    function test_publisherShare_isThePublishersToChange() public {
        uint256 familyId = register(ALICE, plainFamily());
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NotPublisher.selector, familyId, BOB));
        registry.schedulePublisherShare(familyId, 0);
    }

    // ---------------------------------------------------------------- publisher

    function test_transferPublisher_takesTwoSteps() public {
        uint256 familyId = register(ALICE, plainFamily());
        vm.expectEmit(address(registry));
        emit IModelRegistry.PublisherTransferStarted(familyId, ALICE, BOB);
        vm.prank(ALICE);
        registry.transferPublisher(familyId, BOB);
        assertEq(registry.publisherOf(familyId), ALICE, "not yet");
        assertEq(registry.family(familyId).pendingPublisher, BOB, "offered");

        vm.expectEmit(address(registry));
        emit IModelRegistry.PublisherTransferred(familyId, ALICE, BOB);
        vm.prank(BOB);
        registry.acceptPublisher(familyId);
        assertEq(registry.publisherOf(familyId), BOB, "accepted");
        assertEq(registry.family(familyId).pendingPublisher, address(0), "no offer left");

        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NotPublisher.selector, familyId, ALICE));
        registry.transferPublisher(familyId, ALICE);
    }

    function test_acceptPublisher_needsAnOfferToTheCaller_thatWasNotTakenBack() public {
        uint256 familyId = register(ALICE, plainFamily());
        vm.prank(ALICE);
        registry.transferPublisher(familyId, BOB);
        bytes4 refused = IModelRegistry.ModelRegistry_NotPendingPublisher.selector;
        vm.prank(CAROL);
        vm.expectRevert(abi.encodeWithSelector(refused, familyId, CAROL));
        registry.acceptPublisher(familyId);

        vm.prank(ALICE);
        registry.transferPublisher(familyId, address(0));
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(refused, familyId, BOB));
        registry.acceptPublisher(familyId);
    }

    // ---------------------------------------------------------------- token

    function test_bindToken_isTheFactorysAlone_andOnce() public {
        uint256 familyId = register(ALICE, plainFamily());
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NotOfferingFactory.selector, ALICE));
        registry.bindToken(familyId, BOB);

        vm.expectEmit(address(registry));
        emit IModelRegistry.TokenBound(familyId, BOB);
        bind(familyId, BOB);
        assertEq(registry.tokenOf(familyId), BOB, "bound");

        vm.prank(FACTORY);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_TokenAlreadyBound.selector, familyId, BOB));
        registry.bindToken(familyId, CAROL);
    }

    function test_bindToken_needsAFamilyAndAToken() public {
        vm.prank(FACTORY);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchFamily.selector, 1));
        registry.bindToken(1, BOB);
        register(ALICE, plainFamily());
        vm.prank(FACTORY);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_EmptyField.selector, bytes32("token")));
        registry.bindToken(1, address(0));
    }

    // ---------------------------------------------------------------- unknown ids

    function test_unknownFamily_isRefusedEverywhere() public {
        bytes[] memory calls = new bytes[](10);
        calls[0] = abi.encodeCall(registry.family, (7));
        calls[1] = abi.encodeCall(registry.waterfall, (7));
        calls[2] = abi.encodeCall(registry.lineage, (7));
        calls[3] = abi.encodeCall(registry.assetsOf, (7));
        calls[4] = abi.encodeCall(registry.acceptsAsset, (7, ETH));
        calls[5] = abi.encodeCall(registry.publisherOf, (7));
        calls[6] = abi.encodeCall(registry.tokenOf, (7));
        calls[7] = abi.encodeCall(registry.publisherShareSchedule, (7));
        calls[8] = abi.encodeCall(registry.acceptPublisher, (7));
        calls[9] = abi.encodeCall(registry.schedulePublisherShare, (7, 0));
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool ok, bytes memory reason) = address(registry).call(calls[i]);
            assertFalse(ok, "refused");
            assertEq(reason, abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchFamily.selector, 7), "reason");
        }
    }
}
