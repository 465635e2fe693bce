// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {RegistryFixture} from "./RegistryFixture.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";

/// Versions: one immutable file each, with commitments, bounds, and prices that hold at once.
contract VersionsTest is RegistryFixture {
    uint256 internal familyId;

    function setUp() public override {
        super.setUp();
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.assets = one(address(usdc));
        familyId = register(ALICE, params);
    }

    function refuse(IModelRegistry.VersionParams memory params, bytes memory reason) private {
        vm.prank(ALICE);
        vm.expectRevert(reason);
        registry.publishVersion(params);
    }

    function test_publishVersion_recordsWhatWasGiven() public {
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.modelRoot = keccak256("model");
        params.weightsRoot = keccak256("weights");
        params.metadataHash = keccak256("metadata");
        params.io = IModelRegistry.IOBounds(1, 2, 3, 4, 0);
        params.prices = prices(ETH, 1e15);

        vm.expectEmit(address(registry));
        emit IModelRegistry.VersionPublished(
            familyId,
            1,
            params.fileHash,
            params.modelRoot,
            params.weightsRoot,
            0,
            "ipfs://digits"
        );
        vm.expectEmit(address(registry));
        emit IModelRegistry.PriceScheduled(1, ETH, 1e15, block.timestamp);
        uint256 versionId = publish(ALICE, params);

        assertEq(versionId, 1, "ids start at 1");
        assertEq(registry.versionCount(), 1, "count");
        assertEq(registry.familyOf(versionId), familyId, "family");
        assertEq(abi.encode(registry.ioBounds(versionId)), abi.encode(params.io), "bounds");
        IModelRegistry.Version memory expected = IModelRegistry.Version({
            familyId: familyId,
            fileHash: params.fileHash,
            modelRoot: params.modelRoot,
            weightsRoot: params.weightsRoot,
            metadataHash: params.metadataHash,
            publishedBy: ALICE,
            publishedAt: uint40(block.timestamp),
            io: params.io,
            metadataURI: params.metadataURI,
            licence: params.licence
        });
        assertEq(abi.encode(registry.version(versionId)), abi.encode(expected), "version");
    }

    function test_publishVersion_isThePublishersAlone() public {
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NotPublisher.selector, familyId, BOB));
        registry.publishVersion(params);
    }

    function test_publishVersion_needsAFamily() public {
        refuse(plainVersion(9), abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchFamily.selector, 9));
    }

    function test_publishVersion_needsAFileHashAndALicence() public {
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.fileHash = 0;
        refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_EmptyField.selector, bytes32("fileHash")));
        params = plainVersion(familyId);
        params.licence = "";
        refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_EmptyField.selector, bytes32("licence")));
    }

    function test_publishVersion_boundsItsStrings() public {
        bytes4 tooLong = IModelRegistry.ModelRegistry_TooLong.selector;
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.licence = text(65);
        refuse(params, abi.encodeWithSelector(tooLong, bytes32("licence"), 65, 64));
        params.licence = text(64);
        params.metadataURI = text(513);
        refuse(params, abi.encodeWithSelector(tooLong, bytes32("metadataURI"), 513, 512));
        params.metadataURI = text(512);
        publish(ALICE, params);
    }

    function test_publishVersion_boundsAreOrderedAndLeaveRoom() public {
        bytes4 badBounds = IModelRegistry.ModelRegistry_BadBounds.selector;
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.io = IModelRegistry.IOBounds(2, 1, 0, 1, 0);
        refuse(params, abi.encodeWithSelector(badBounds, 2, 1));
        params.io = IModelRegistry.IOBounds(0, 0, 0, 1, 0);
        refuse(params, abi.encodeWithSelector(badBounds, 0, 0));
        params.io = IModelRegistry.IOBounds(0, 1, 4, 3, 0);
        refuse(params, abi.encodeWithSelector(badBounds, 4, 3));
        params.io = IModelRegistry.IOBounds(0, 1, 0, 0, 0);
        refuse(params, abi.encodeWithSelector(badBounds, 0, 0));
        params.io = IModelRegistry.IOBounds(0, 1, 0, 1, 0);
        publish(ALICE, params);
    }

    function test_publishVersion_aTextVersionReadsAPromptAndWritesWhatItsContextHasLeft() public {
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.io = IModelRegistry.IOBounds(1, 63, 0, 63, 64);
        uint256 versionId = publish(ALICE, params);
        assertEq(abi.encode(registry.ioBounds(versionId)), abi.encode(params.io), "bounds");
        params.io = IModelRegistry.IOBounds(1, 65_534, 0, 1, 65_535);
        publish(ALICE, params);
    }

    function test_publishVersion_otherBoundsOfATextVersionAreRefused() public {
        IModelRegistry.IOBounds[7] memory wrong = [
            IModelRegistry.IOBounds(0, 63, 0, 63, 64),
            IModelRegistry.IOBounds(2, 63, 0, 63, 64),
            IModelRegistry.IOBounds(1, 62, 0, 63, 64),
            IModelRegistry.IOBounds(1, 64, 0, 63, 64),
            IModelRegistry.IOBounds(1, 63, 1, 63, 64),
            IModelRegistry.IOBounds(1, 63, 0, 64, 64),
            IModelRegistry.IOBounds(1, 65_535, 0, 1, 65_536)
        ];
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        for (uint256 i = 0; i < wrong.length; ++i) {
            params.io = wrong[i];
            refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_BadContext.selector, wrong[i].context));
        }
        params.io = IModelRegistry.IOBounds(1, type(uint32).max, 0, 1, 1);
        refuse(params, abi.encodeWithSelector(IModelRegistry.ModelRegistry_BadContext.selector, 1));
    }

    /// What makes one more than that: test/oracle/Tiers.t.sol.
    function test_aVersionThatNobodyServesIsUnverified() public {
        assertTrue(registry.tierOf(publish(ALICE, plainVersion(familyId))) == IModelRegistry.Tier.Unverified, "tier");
    }

    function test_aVersionSaysWhoPublishedIt() public {
        assertEq(registry.version(publish(ALICE, plainVersion(familyId))).publishedBy, ALICE, "publisher");
    }

    // ---------------------------------------------------------------- duplicates

    function test_duplicateOf_namesTheEarliestVersionWithTheSameWeights() public {
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.weightsRoot = keccak256("weights");
        uint256 first = publish(ALICE, params);

        uint256 copiers = register(BOB, plainFamily());
        params.familyId = copiers;
        vm.expectEmit(address(registry));
        emit IModelRegistry.VersionPublished(
            copiers,
            first + 1,
            params.fileHash,
            params.modelRoot,
            params.weightsRoot,
            first,
            params.metadataURI
        );
        uint256 copy = publish(BOB, params);
        uint256 copyOfCopy = publish(BOB, params);

        assertEq(registry.duplicateOf(first), 0, "the first");
        assertEq(registry.duplicateOf(copy), first, "the copy");
        assertEq(registry.duplicateOf(copyOfCopy), first, "the copy of the copy");
    }

    function test_duplicateOf_isSilentWithoutAWeightsRoot() public {
        publish(ALICE, plainVersion(familyId));
        assertEq(registry.duplicateOf(publish(ALICE, plainVersion(familyId))), 0, "no root, no duplicate");
    }

    // ---------------------------------------------------------------- prices at publication

    function test_prices_holdAtOnce_inEachAsset() public {
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.prices = new IModelRegistry.Price[](2);
        params.prices[0] = IModelRegistry.Price(ETH, 1);
        params.prices[1] = IModelRegistry.Price(address(usdc), MAX_PRICE);
        uint256 versionId = publish(ALICE, params);
        assertEq(registry.priceOf(versionId, ETH), 1, "ETH");
        assertEq(registry.priceOf(versionId, address(usdc)), MAX_PRICE, "USDC");
    }

    function test_prices_areAboveZero_andFit() public {
        bytes4 outOfBounds = IModelRegistry.ModelRegistry_PriceOutOfBounds.selector;
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.prices = prices(ETH, 0);
        refuse(params, abi.encodeWithSelector(outOfBounds, 0, 1, MAX_PRICE));
        params.prices = prices(ETH, MAX_PRICE + 1);
        refuse(params, abi.encodeWithSelector(outOfBounds, MAX_PRICE + 1, 1, MAX_PRICE));
    }

    function test_prices_areInAssetsOfTheFamily_oneEach() public {
        bytes4 badAsset = IModelRegistry.ModelRegistry_BadAsset.selector;
        IModelRegistry.VersionParams memory params = plainVersion(familyId);
        params.prices = prices(address(this), 1);
        refuse(params, abi.encodeWithSelector(badAsset, address(this)));
        params.prices = new IModelRegistry.Price[](2);
        params.prices[0] = IModelRegistry.Price(ETH, 1);
        params.prices[1] = IModelRegistry.Price(ETH, 2);
        refuse(params, abi.encodeWithSelector(badAsset, ETH));
    }

    function test_priceOf_refusesWhatIsNotSold() public {
        uint256 versionId = publish(ALICE, plainVersion(familyId));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NotSold.selector, versionId, ETH));
        registry.priceOf(versionId, ETH);
        (uint256 current, uint256 next, uint256 effectiveAt) = registry.priceSchedule(versionId, ETH);
        assertEq(current + next + effectiveAt, 0, "no schedule");
    }

    // ---------------------------------------------------------------- unknown ids

    function test_unknownVersion_isRefusedEverywhere() public {
        bytes[] memory calls = new bytes[](8);
        calls[0] = abi.encodeCall(registry.version, (7));
        calls[1] = abi.encodeCall(registry.familyOf, (7));
        calls[2] = abi.encodeCall(registry.ioBounds, (7));
        calls[3] = abi.encodeCall(registry.priceOf, (7, ETH));
        calls[4] = abi.encodeCall(registry.priceSchedule, (7, ETH));
        calls[5] = abi.encodeCall(registry.tierOf, (7));
        calls[6] = abi.encodeCall(registry.duplicateOf, (7));
        calls[7] = abi.encodeCall(registry.schedulePrice, (7, ETH, 1));
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool ok, bytes memory reason) = address(registry).call(calls[i]);
            assertFalse(ok, "refused");
            assertEq(reason, abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchVersion.selector, 7), "reason");
        }
    }
}
