// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";
import {TokenTest} from "./TokenTest.sol";

/// How revenue comes in and streams. 80 % of it goes to holders, of whom alice has two thirds and bob one.
contract StreamingTest is TokenTest {
    function test_aPaymentReachesHoldersAndPoolOverThePeriodInEqualPartsPerSecond() public {
        payEth(10 ether);
        assertEq(token.accruedRevenue(alice, ETH), 0, "nothing at once");
        skip(3.5 days);
        assertClose(token.accruedRevenue(alice, ETH), 8 ether / uint256(3), GRAIN, "alice half way");
        assertClose(token.accruedRevenue(bob, ETH), 4 ether / uint256(3), GRAIN, "bob half way");
        assertEq(poolOf(ETH), 1 ether, "pool half way");
        skip(30 days);
        assertLe(token.accruedRevenue(alice, ETH), 16 ether / uint256(3), "alice never more");
        assertClose(token.accruedRevenue(alice, ETH), 16 ether / uint256(3), GRAIN, "alice at the end");
        assertEq(poolOf(ETH), 2 ether, "pool at the end");
        assertEq(token.accruedRevenue(pool, ETH), 0, "the pool does not share");
    }

    function test_anErc20StreamsInItsOwnUnits() public {
        payDollars(1_000e6);
        skip(7 days);
        assertClose(token.accruedRevenue(alice, address(dollar)), 533_333_333, 5, "alice");
        assertEq(poolOf(address(dollar)), 200e6, "pool");
        assertEq(token.accruedRevenue(alice, ETH), 0, "and leaves ETH alone");
    }

    function test_streamOfSaysWhatIsLeftHowFastAndUntilWhen() public {
        payEth(7 ether);
        (uint256 unstreamed, uint256 perSecond, uint256 endsAt, uint256 redeemable) = token.streamOf(ETH);
        assertClose(unstreamed, 7 ether, 1, "unstreamed");
        assertClose(perSecond, 7 ether / uint256(7 days), 1024, "per second");
        assertEq(endsAt, block.timestamp + 7 days, "ends at");
        assertEq(redeemable, 0, "pool");
    }

    function test_aSecondPaymentKeepsTheRateAndExtendsTheTime() public {
        payEth(7 ether);
        uint256 rate = rateOf(ETH);
        skip(6 days);
        payEth(1 ether);
        (, uint256 perSecond, uint256 endsAt, ) = token.streamOf(ETH);
        assertGe(perSecond, rate, "not slower");
        assertClose(perSecond, rate, rate / 80_000, "nor faster but for the second that was rounded off");
        assertClose(endsAt, block.timestamp + 2 days, 1, "two days' worth");
    }

    function test_aLargePaymentRaisesTheRateToAWholePeriod() public {
        payEth(1 ether);
        skip(1 days);
        payEth(70 ether);
        (, uint256 perSecond, uint256 endsAt, ) = token.streamOf(ETH);
        assertEq(endsAt, block.timestamp + 7 days, "a whole period");
        assertClose(perSecond, (70 ether + 6 ether / uint256(7)) / 7 days, 2048, "rate");
    }

    function test_ethThatSimplyArrivesIsFoldedInByTheNextSync() public {
        donateEth(7 ether);
        (uint256 unstreamed, uint256 perSecond, uint256 endsAt, ) = token.streamOf(ETH);
        assertClose(unstreamed, 7 ether, 1, "views already say so");
        assertGt(perSecond, 0, "with its rate");
        vm.expectEmit(address(token));
        emit IModelToken.RevenueAdded(address(0), ETH, 7 ether);
        token.sync(ETH);
        (uint256 unstreamed2, uint256 perSecond2, uint256 endsAt2, ) = token.streamOf(ETH);
        assertEq(unstreamed2, unstreamed, "same unstreamed");
        assertEq(perSecond2, perSecond, "same rate");
        assertEq(endsAt2, endsAt, "same end");
        skip(7 days);
        assertClose(token.accruedRevenue(bob, ETH), uint256(5.6 ether) / 3, GRAIN, "bob");
    }

    function test_ethThatSimplyArrivesIsFoldedInByANotificationASnapshotAClaimOrABurn() public {
        for (uint256 i; i < 4; ++i) {
            uint256 state = vm.snapshotState();
            skip(1 days);
            donateEth(7 ether);
            if (i == 0) payEth(1);
            else if (i == 1) snapshot();
            else if (i == 2) claimAll(alice);
            else burn(alice, 1);
            skip(8 days);
            uint256 accrued = token.accruedRevenue(bob, ETH);
            assertClose(accrued, uint256(5.6 ether) / 3, GRAIN, "it has streamed since");
            vm.revertToState(state);
        }
    }

    function test_anErc20ThatSimplyArrivesIsFoldedInBySync() public {
        vm.prank(payer);
        dollar.transfer(address(token), 700e6);
        assertClose(unstreamedOf(address(dollar)), 700e6, 1, "views already say so");
        token.sync(address(dollar));
        skip(7 days);
        assertClose(token.accruedRevenue(bob, address(dollar)), uint256(560e6) / 3, 5, "bob");
    }

    function test_aReceiveCostsLessThanTheStipendOfATransfer() public {
        vm.prank(payer);
        (bool ok, ) = address(token).call{value: 1 ether, gas: 0}("");
        assertTrue(ok, "the 2,300 gas that come with any value are enough");
        assertEq(address(token).balance, 1 ether, "arrived");
    }

    function test_aNotificationIsAnnounced() public {
        vm.expectEmit(address(token));
        emit IModelToken.RevenueAdded(payer, address(dollar), 5e6);
        payDollars(5e6);
    }

    function test_anEthNotificationMustBringItsAmount() public {
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_ShortNotification.selector, ETH, 2, 1));
        token.notifyRevenue{value: 1}(ETH, 2);
    }

    function test_anErc20NotificationMustNotBringEther() public {
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_UnexpectedEther.selector, 1));
        token.notifyRevenue{value: 1}(address(dollar), 2);
    }

    function test_anErc20NotificationWithoutAllowanceIsShort() public {
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IModelToken.ModelToken_ShortNotification.selector, address(dollar), 2, 0)
        );
        token.notifyRevenue(address(dollar), 2);
    }

    function test_anUnknownAssetIsRefusedEverywhere() public {
        bytes memory unknown = abi.encodeWithSelector(IModelToken.ModelToken_UnknownAsset.selector, alice);
        vm.expectRevert(unknown);
        token.notifyRevenue(alice, 1);
        vm.expectRevert(unknown);
        token.sync(alice);
        vm.expectRevert(unknown);
        token.accruedRevenue(bob, alice);
        vm.expectRevert(unknown);
        token.claimAsset(alice, bob);
        vm.expectRevert(unknown);
        token.redeemableERC20OnBurn(1, alice);
        vm.expectRevert(unknown);
        token.streamOf(alice);
        vm.expectRevert(unknown);
        token.publisherCredit(alice);
        vm.expectRevert(unknown);
        token.withdrawPublisherCredit(alice);
    }

    function test_anAmountTheBooksCannotHoldIsRefused() public {
        uint256 tooMuch = uint256(1 << 108) / 1e12 + 1;
        dollar.mint(payer, tooMuch);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_AmountTooLarge.selector, tooMuch));
        token.notifyRevenue(address(dollar), tooMuch);
    }

    function test_revenueAssetsListsEtherFirst() public view {
        address[] memory assets = token.revenueAssets();
        assertEq(assets.length, 2, "two");
        assertEq(assets[0], ETH, "ether");
        assertEq(assets[1], address(dollar), "dollar");
    }
}

/// Before the distributor opens revenue, and until the time it names, money queues.
contract OpeningTest is TokenTest {
    function distribute() internal override {
        sell(alice, ALICE_HAS);
        sell(bob, BOB_HAS);
    }

    function test_onlyTheDistributorOpensAndOnlyOnce() public {
        assertEq(token.revenueOpensAt(), type(uint40).max, "never yet");
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_NotDistributor.selector, address(this)));
        token.openRevenue(block.timestamp);
        vm.expectEmit(address(token));
        emit IModelToken.RevenueOpening(START + 1 days);
        vm.prank(sale);
        token.openRevenue(START + 1 days);
        assertEq(token.revenueOpensAt(), START + 1 days, "set");
        vm.prank(sale);
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_RevenueAlreadyOpen.selector, START + 1 days));
        token.openRevenue(START);
    }

    function test_anOpeningTimeMustFitItsField() public {
        vm.prank(sale);
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("opensAt")));
        token.openRevenue(type(uint40).max);
    }

    function test_moneyQueuesUntilTheOpeningTimeAndThenStreamsAWholePeriod() public {
        payEth(7 ether);
        skip(30 days);
        assertEq(token.accruedRevenue(alice, ETH), 0, "closed");
        vm.prank(sale);
        token.openRevenue(block.timestamp + 1 days);
        skip(1 days - 1);
        token.sync(ETH);
        payEth(7 ether);
        (uint256 unstreamed, uint256 perSecond, uint256 endsAt, uint256 redeemable) = token.streamOf(ETH);
        assertEq(unstreamed, 14 ether, "all of it waits");
        assertEq(perSecond + endsAt + redeemable, 0, "frozen");
        skip(1);
        assertClose(rateOf(ETH), uint256(14 ether) / 7 days, 1024, "views resume it");
        token.sync(ETH);
        skip(3.5 days);
        assertClose(token.accruedRevenue(alice, ETH), (uint256(5.6 ether) * 2) / 3, GRAIN, "half of it");
        assertEq(poolOf(ETH), 1.4 ether, "pool half");
    }

    function test_theFirstClaimAfterTheOpeningResumesTheStream() public {
        payEth(7 ether);
        vm.prank(sale);
        token.openRevenue(block.timestamp + 1 days);
        skip(2 days);
        assertEq(claimAll(alice), 0, "nothing yet");
        skip(7 days);
        assertGt(claimAll(alice), 3.73 ether, "all of it");
    }

    function test_aPurchaseAfterTheOpeningTimeResumesTheStream() public {
        payEth(7 ether);
        vm.prank(sale);
        token.openRevenue(block.timestamp + 1 days);
        skip(2 days);
        sell(bob, 1e26);
        skip(7 days);
        assertGt(claimAll(alice), 3.3 ether, "all of it");
        assertEq(poolOf(ETH), 1.4 ether, "pool too");
    }

    function test_openingAtOnceResumesWhatQueued() public {
        payEth(7 ether);
        payDollars(7e6);
        open();
        skip(7 days);
        assertGt(token.accruedRevenue(alice, ETH), 3.73 ether, "ether");
        assertGt(token.accruedRevenue(alice, address(dollar)), 3_733_328, "dollars");
    }

    function test_unsoldTokensBurnedBeforeTheOpeningRedeemExactlyZero() public {
        payEth(100 ether);
        payDollars(100e6);
        skip(10 days);
        uint256 unsold = token.balanceOf(sale);
        assertEq(token.redeemableOnBurn(unsold), 0, "the view says so");
        assertEq(burn(sale, unsold), 0, "ether");
        assertEq(dollar.balanceOf(sale), 0, "dollars");
        open();
        skip(7 days);
        assertEq(poolOf(ETH), 20 ether, "all of the pool is left for holders");
    }

    function test_snapshotsAndTransfersWorkBeforeTheOpening() public {
        payEth(1 ether);
        skip(1 days);
        uint256 id = snapshot();
        move(alice, bob, 1e26);
        assertEq(token.claimableRevenue(alice, id), 0, "nothing accrued");
    }
}
