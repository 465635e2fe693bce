// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";
import {FeeERC20} from "../support/FeeERC20.sol";
import {NoReturnERC20} from "../support/NoReturnERC20.sol";
import {ReenteringERC20} from "../support/ReenteringERC20.sol";
import {FlashBorrower, Forcer, HostileErc20, RebasingErc20, Receiver} from "./Adversaries.sol";
import {TokenTest} from "./TokenTest.sol";

/// What somebody with money, patience or a contract can try, one test each, and what it gets them.
contract AttackTest is TokenTest {
    function test_flashSnapshot_earnsZero() public {
        FlashBorrower borrower = new FlashBorrower(token);
        borrower.share();
        vm.prank(alice);
        token.approve(address(borrower), type(uint256).max);
        payEth(100 ether);
        skip(1 days);
        uint256 due = token.accruedRevenue(alice, ETH);
        donateEth(100 ether);
        borrower.borrow(alice, ALICE_HAS, abi.encodeCall(token.snapshot, ()));
        assertEq(token.claimableRevenue(address(borrower), 1), 0, "nothing at the snapshot");
        assertEq(token.claimableRevenue(alice, 1), due, "the lender has it all");
        vm.expectRevert(IModelToken.ModelToken_NothingToClaim.selector);
        borrower.claim(1);
        skip(30 days);
        borrower.claimAll();
        assertEq(address(borrower).balance, 0, "nor ever after");
    }

    function test_flashNotification_earnsZero() public {
        FlashBorrower borrower = new FlashBorrower(token);
        borrower.share();
        vm.prank(alice);
        token.approve(address(borrower), type(uint256).max);
        donateEth(100 ether);
        borrower.borrow(alice, ALICE_HAS, abi.encodeCall(token.sync, (ETH)));
        assertEq(token.accruedRevenue(address(borrower), ETH), 0, "no time, no revenue");
    }

    function test_justInTimeBuyAroundANotification_earnsItsSecondsAndNoMore() public {
        move(alice, carol, ALICE_HAS);
        payEth(100 ether);
        assertEq(token.accruedRevenue(carol, ETH), 0, "nothing in the block itself");
        skip(12);
        move(carol, alice, ALICE_HAS);
        uint256 seconds12 = (uint256(80 ether) * 12 * 2) / 3 / 7 days;
        assertLe(token.accruedRevenue(carol, ETH), seconds12, "twelve seconds");
        skip(30 days);
        assertLe(claimAll(carol), seconds12, "for good");
    }

    function test_dustNotificationsForAYear_slowNothing() public {
        payEth(700 ether);
        uint256 state = vm.snapshotState();
        skip(3 days);
        uint256 expected = token.accruedRevenue(alice, ETH);
        vm.revertToState(state);
        (, , uint256 endsAt, ) = token.streamOf(ETH);
        for (uint256 i; i < 72; ++i) {
            skip(1 hours);
            payEth(1);
        }
        assertGe(token.accruedRevenue(alice, ETH) + GRAIN, expected, "three days of dust");
        (, , uint256 end, ) = token.streamOf(ETH);
        assertEq(end, endsAt, "the end stays");
        for (uint256 i; i < 362 * 2; ++i) {
            skip(12 hours);
            payEth(1);
        }
        assertClose(token.accruedRevenue(alice, ETH), (uint256(560 ether) * 2) / 3, GRAIN, "all was paid");
    }

    function test_donationInflation_onlyGivesMoneyAway() public {
        payEth(1);
        skip(7 days);
        vm.prank(payer);
        token.notifyRevenue{value: 1e6 ether}(ETH, 1e6 ether);
        skip(7 days);
        uint256 due = token.accruedRevenue(bob, ETH);
        assertClose(due, uint256(8e5 ether) / 3, GRAIN, "bob has his third");
        assertEq(claimAll(bob), due, "and is paid");
        payEth(1 ether);
        skip(7 days);
        assertClose(claimAll(bob), uint256(0.8 ether) / 3, GRAIN, "small payments still count");
    }

    function test_forcedEther_isRevenueLikeAnyOther() public {
        vm.prank(payer);
        new Forcer{value: 7 ether}(payable(address(token)));
        assertEq(token.accruedRevenue(alice, ETH), 0, "not at once");
        token.sync(ETH);
        skip(7 days);
        assertClose(token.accruedRevenue(alice, ETH), (uint256(5.6 ether) * 2) / 3, GRAIN, "streamed");
    }

    function test_zeroSharePeriod_nobodyTakesWhatQueued() public {
        move(alice, pool, ALICE_HAS);
        move(bob, pool, BOB_HAS);
        payEth(70 ether);
        skip(100 days);
        move(pool, carol, 1);
        skip(1 days);
        assertEq(token.accruedRevenue(carol, ETH), 0, "one wei of shares is below the floor");
        move(pool, alice, ALICE_HAS);
        assertEq(token.accruedRevenue(alice, ETH) + token.accruedRevenue(carol, ETH), 0, "no back pay");
        skip(7 days);
        assertClose(token.accruedRevenue(alice, ETH), 56 ether, GRAIN, "it streams from now on");
        assertEq(token.accruedRevenue(carol, ETH), 0, "one wei's part");
    }

    function test_selfTransfer_changesNothing() public {
        payEth(7 ether);
        skip(1 days);
        uint256 due = token.accruedRevenue(alice, ETH);
        move(alice, alice, ALICE_HAS);
        assertEq(token.accruedRevenue(alice, ETH), due, "accrued");
        assertEq(token.balanceOf(alice), ALICE_HAS, "balance");
        vm.prank(alice);
        vm.expectRevert();
        token.transfer(alice, ALICE_HAS + 1);
    }

    function test_transferToTheTokenItself_losesTheTokensAndNoRevenue() public {
        payEth(7 ether);
        move(alice, address(token), ALICE_HAS);
        assertEq(token.sharingSupply(), BOB_HAS, "they do not share");
        skip(7 days);
        assertClose(token.accruedRevenue(bob, ETH), 5.6 ether, GRAIN, "bob has it all");
        assertEq(token.accruedRevenue(address(token), ETH), 0, "the token has none");
        token.claimFor(bob);
    }

    function testFuzz_transferFromParity(uint256 amount, uint256 time, bool toPool) public {
        payEth(7 ether);
        payDollars(7e6);
        skip(bound(time, 0, 8 days));
        amount = bound(amount, 0, ALICE_HAS);
        address to = toPool ? pool : bob;
        uint256 state = vm.snapshotState();
        move(alice, to, amount);
        skip(1 days);
        uint256 a = token.accruedRevenue(alice, ETH);
        uint256 b = token.accruedRevenue(to, ETH);
        uint256 d = token.accruedRevenue(alice, address(dollar));
        uint256 sharing = token.sharingSupply();
        vm.revertToState(state);
        vm.prank(alice);
        token.approve(carol, amount);
        vm.prank(carol);
        token.transferFrom(alice, to, amount);
        skip(1 days);
        assertEq(token.accruedRevenue(alice, ETH), a, "sender");
        assertEq(token.accruedRevenue(to, ETH), b, "receiver");
        assertEq(token.accruedRevenue(alice, address(dollar)), d, "dollars");
        assertEq(token.sharingSupply(), sharing, "sharing supply");
    }

    function test_revertingReceiver_hurtsOnlyItself() public {
        Receiver receiver = new Receiver(token);
        receiver.act(abi.encodeCall(token.setSharing, (true)));
        move(alice, address(receiver), 1e26);
        receiver.setRefuses(true);
        payEth(7 ether);
        skip(7 days);
        uint256 due = token.accruedRevenue(address(receiver), ETH);
        bytes memory failed = abi.encodeWithSelector(
            IModelToken.ModelToken_PaymentFailed.selector,
            address(receiver),
            due
        );
        vm.expectRevert(failed);
        receiver.act(abi.encodeCall(token.claimAll, (address(receiver))));
        assertGt(claimAll(bob), 0, "others are paid");
        receiver.act(abi.encodeCall(token.claimAll, (carol)));
        assertEq(carol.balance, due, "and so is it, elsewhere");
    }

    function test_reentrantReceiver_getsNothingTwice() public {
        Receiver receiver = new Receiver(token);
        receiver.act(abi.encodeCall(token.setSharing, (true)));
        move(alice, address(receiver), 1e26);
        uint256[] memory ids = new uint256[](1);
        ids[0] = 1;
        bytes[9] memory attempts = [
            abi.encodeCall(token.claimAll, (address(receiver))),
            abi.encodeCall(token.claimAsset, (ETH, address(receiver))),
            abi.encodeCall(token.claimFor, (bob)),
            abi.encodeCall(token.claim, (1)),
            abi.encodeCall(token.claimBatch, (ids)),
            abi.encodeCall(token.burn, (1e18)),
            abi.encodeCall(token.snapshot, ()),
            abi.encodeCall(token.sync, (ETH)),
            abi.encodeCall(token.notifyRevenue, (ETH, 0))
        ];
        for (uint256 i; i < attempts.length; ++i) {
            payEth(7 ether);
            skip(7 days);
            receiver.setInside(attempts[i]);
            uint256 due = token.accruedRevenue(address(receiver), ETH);
            uint256 before = address(receiver).balance;
            receiver.act(abi.encodeCall(token.claimAll, (address(receiver))));
            assertEq(address(receiver).balance - before, due, "paid once");
            assertEq(receiver.calls(), i + 1, "it was called");
            assertEq(receiver.successes(), 0, "but could not come back");
            assertEq(
                receiver.lastAnswer(),
                abi.encodeWithSelector(IModelToken.ModelToken_Reentered.selector),
                "because of the guard"
            );
        }
    }

    function test_reentrantReceiver_mayMoveItsTokensMeanwhile() public {
        Receiver receiver = new Receiver(token);
        receiver.act(abi.encodeCall(token.setSharing, (true)));
        move(alice, address(receiver), 1e26);
        payEth(7 ether);
        payDollars(7e6);
        skip(3 days);
        uint256 dollars = token.accruedRevenue(address(receiver), address(dollar));
        receiver.setInside(abi.encodeCall(token.transfer, (pool, 1e26)));
        receiver.act(abi.encodeCall(token.claimAll, (address(receiver))));
        assertEq(receiver.successes(), 1, "moved");
        assertEq(dollar.balanceOf(address(receiver)), dollars, "and was paid the rest to the unit");
        assertEq(token.accruedRevenue(address(receiver), ETH), 0, "nothing left");
    }

    // ----------------------------------------------------------------------------------------------- assets that misbehave

    function _tokenWith(address asset) private returns (ModelToken fresh) {
        IModelToken.Config memory c = config();
        c.assets[0] = asset;
        fresh = new ModelToken(c);
        token = fresh;
        distribute();
    }

    function test_reentrantAsset_asErc777_getsNothingTwice() public {
        ReenteringERC20 asset = new ReenteringERC20();
        _tokenWith(address(asset));
        asset.mint(payer, 100e18);
        vm.prank(payer);
        asset.approve(address(token), type(uint256).max);
        bytes memory reentered = abi.encodeWithSelector(IModelToken.ModelToken_Reentered.selector);

        asset.arm(address(token), abi.encodeCall(token.sync, (address(asset))));
        vm.prank(payer);
        token.notifyRevenue(address(asset), 70e18);
        assertEq(asset.callReturned(), reentered, "inside the pull of a notification");
        assertClose(unstreamedOf(address(asset)), 70e18, 1, "counted once");

        skip(7 days);
        uint256 due = token.accruedRevenue(bob, address(asset));
        asset.arm(address(token), abi.encodeCall(token.claimFor, (bob)));
        vm.prank(bob);
        token.claimAll(bob);
        assertTrue(asset.called(), "inside a payout");
        assertEq(asset.callReturned(), reentered, "refused");
        assertEq(asset.balanceOf(bob), due, "paid once");

        asset.arm(address(token), abi.encodeCall(token.sync, (address(asset))));
        vm.prank(pool);
        token.burn(POOL_HAS);
        assertEq(asset.callReturned(), reentered, "inside a redemption");
        assertEq(asset.balanceOf(pool), 1.4e18, "redeemed once");
    }

    function test_feeOnTransferAsset_isRefusedWithBothFigures() public {
        FeeERC20 asset = new FeeERC20(100);
        _tokenWith(address(asset));
        asset.mint(payer, 1e18);
        vm.prank(payer);
        asset.approve(address(token), type(uint256).max);
        vm.prank(payer);
        vm.expectRevert(
            abi.encodeWithSelector(IModelToken.ModelToken_ShortNotification.selector, address(asset), 1000, 990)
        );
        token.notifyRevenue(address(asset), 1000);
        vm.prank(payer);
        asset.transfer(address(token), 1000);
        token.sync(address(asset));
        assertEq(unstreamedOf(address(asset)), 990, "what simply arrives counts for what arrived");
    }

    function test_rebasingAsset_upIsRevenueAndDownHurtsOnlyThatAsset() public {
        RebasingErc20 asset = new RebasingErc20();
        _tokenWith(address(asset));
        asset.mint(payer, 1000e18);
        vm.prank(payer);
        asset.approve(address(token), type(uint256).max);
        vm.prank(payer);
        token.notifyRevenue(address(asset), 70e18);
        payEth(7 ether);
        skip(7 days);

        asset.rebase(200);
        assertClose(unstreamedOf(address(asset)), 70e18, GRAIN, "the gain streams");
        asset.rebase(50);
        assertClose(unstreamedOf(address(asset)), 0, GRAIN, "a loss is not streamed");
        uint256 owedToAlice = token.accruedRevenue(alice, address(asset));
        uint256 eth = token.accruedRevenue(alice, ETH);
        assertEq(claimAll(alice), eth, "ether is paid in full");
        assertEq(asset.balanceOf(alice), 0, "37 of 35 that are left cannot be paid");
        assertEq(token.accruedRevenue(alice, address(asset)), owedToAlice, "and stay owed");

        vm.prank(payer);
        token.notifyRevenue(address(asset), 40e18);
        vm.prank(alice);
        token.claimAsset(address(asset), alice);
        assertEq(asset.balanceOf(alice), owedToAlice, "a payment fills the gap first");
        assertClose(unstreamedOf(address(asset)), 5e18, GRAIN, "and only what is over streams");
    }

    function test_noReturnAsset_worksAsTetherDoes() public {
        NoReturnERC20 asset = new NoReturnERC20();
        _tokenWith(address(asset));
        asset.mint(payer, 700e6);
        vm.prank(payer);
        asset.approve(address(token), type(uint256).max);
        vm.prank(payer);
        token.notifyRevenue(address(asset), 700e6);
        skip(7 days);
        uint256 due = token.accruedRevenue(bob, address(asset));
        vm.prank(bob);
        token.claimAll(bob);
        assertEq(asset.balanceOf(bob), due, "claimed");
        vm.prank(pool);
        token.burn(POOL_HAS);
        assertEq(asset.balanceOf(pool), 14e6, "redeemed");
    }

    function test_hostileAsset_delaysOnlyItself() public {
        HostileErc20 asset = new HostileErc20();
        _tokenWith(address(asset));
        asset.mint(payer, 1000e18);
        vm.prank(payer);
        asset.approve(address(token), type(uint256).max);
        vm.prank(payer);
        token.notifyRevenue(address(asset), 70e18);
        for (uint256 mood = 1; mood <= uint256(HostileErc20.Mood.SaysMaximum); ++mood) {
            payEth(7 ether);
            skip(7 days);
            asset.setMood(HostileErc20.Mood(mood));
            token.snapshot();
            uint256 eth = token.accruedRevenue(bob, ETH);
            vm.prank(bob);
            token.claimAll{gas: 1_500_000}(bob);
            assertEq(bob.balance, eth, "claims pay ether");
            uint256 redeemed = token.redeemableOnBurn(1e24);
            uint256 before = pool.balance;
            vm.prank(pool);
            token.burn{gas: 1_500_000}(1e24);
            assertEq(pool.balance - before, redeemed, "burns pay ether");
            token.sync{gas: 1_500_000}(address(asset));
            vm.prank(bob);
            token.transfer(bob, 1);
            move(bob, alice, 1e18);
            asset.setMood(HostileErc20.Mood.Fair);
            bob.balance == 0 ? skip(0) : vm.deal(bob, 0);
        }
        vm.prank(alice);
        token.claimAsset(address(asset), alice);
        assertGt(asset.balanceOf(alice), 37e18, "it pays when it is fair again");
    }

    function testFuzz_hostileBalance_isBelievedOnlyAsFarAsTheBooksGo(uint256 balance) public {
        balance = bound(balance, 1 << 69, type(uint256).max);
        vm.mockCall(address(dollar), abi.encodeCall(dollar.balanceOf, (address(token))), abi.encode(balance));
        token.sync(address(dollar));
        assertClose(unstreamedOf(address(dollar)), ((1 << 108) - 1) / uint256(1e12), 1, "2^108 in 18 decimals");
        skip(7 days);
        assertEq(rateOf(address(dollar)) + poolOf(address(dollar)), 0, "which no index can hold: it waits");
        move(alice, pool, 1e26);
        claimAll(alice);
    }

    // ------------------------------------------------------------------------------------------------------ long or often

    function test_lifetimeOverflow_freezesTheStreamInsteadOfTransfers() public {
        vm.deal(payer, 1e32);
        uint256 limit = 1 << 100;
        for (uint256 i; i < 20; ++i) {
            payEth(limit / 8);
            skip(7 days);
            move(alice, bob, 1e18);
            move(bob, pool, 1e18);
            move(pool, alice, 1e18);
            claimAll(bob);
        }
        (uint256 unstreamed, uint256 perSecond, , ) = token.streamOf(ETH);
        assertEq(perSecond, 0, "the index is full");
        assertGt(unstreamed, limit, "the rest waits");
        uint256 due = token.accruedRevenue(alice, ETH);
        assertGt(due, limit / 4, "what accrued is there");
        assertEq(claimAll(alice), due, "and is paid");
        burn(alice, token.balanceOf(alice));
        burn(bob, token.balanceOf(bob));
        burn(pool, token.balanceOf(pool));
        claimAll(alice);
        claimAll(bob);
        token.withdrawPublisherCredit(ETH);
        assertLe(address(token).balance, 200, "nothing is stranded");
    }

    function test_burnSandwich_redeemsNothingOfThePaymentInBetween() public {
        uint256 state = vm.snapshotState();
        assertEq(burn(alice, ALICE_HAS), 0, "without it");
        vm.revertToState(state);
        payEth(1000 ether);
        assertEq(token.redeemableOnBurn(ALICE_HAS), 0, "it streams");
        donateEth(1000 ether);
        assertEq(burn(alice, ALICE_HAS), 0, "so does a donation");
    }

    function test_markSpam_costsTheSpammerOnly() public {
        payEth(700 ether);
        for (uint256 i; i < 200; ++i) {
            skip(1 days);
            vm.prank(carol);
            token.snapshot();
        }
        uint256 due = token.accruedRevenue(alice, ETH);
        uint256 gas = gasleft();
        uint256 paid = claimAll(alice);
        assertLt(gas - gasleft(), 120_000, "claimAll does not walk them");
        assertEq(paid, due, "all of it");
        gas = gasleft();
        move(bob, alice, 1e18);
        assertLt(gas - gasleft(), 120_000, "nor does a transfer");
    }

    function testFuzz_optOutAndOptInGames_gainNothing(uint256 seed) public {
        payEth(700 ether);
        uint256 others;
        uint256 played;
        for (uint256 i; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            vm.prank(alice);
            token.setSharing(seed & 1 == 0);
            if (seed & 6 == 0) {
                move(alice, carol, 1e25);
                move(carol, alice, 1e25);
            }
            uint256 before = token.accruedRevenue(alice, ETH);
            bool sharing = token.isSharing(alice);
            uint256 time = (seed >> 8) % 6 hours;
            skip(time);
            uint256 gained = token.accruedRevenue(alice, ETH) - before;
            if (!sharing) assertEq(gained, 0, "nothing while out");
            played += gained;
            if (sharing) others += (uint256(560 ether) * time * 2) / 3 / 7 days;
        }
        assertLe(played, others + 24 * GRAIN, "its part of the time it was in, and no more");
        assertLe(token.accruedRevenue(alice, ETH) + token.accruedRevenue(bob, ETH), 560 ether, "solvent");
    }

    function test_claimForIntoAPool_isRefused() public {
        Receiver amm = new Receiver(token);
        move(alice, address(amm), 1e26);
        payEth(7 ether);
        skip(7 days);
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_NotPushable.selector, address(amm)));
        token.claimFor(address(amm));
        amm.act(abi.encodeCall(token.setSharing, (true)));
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_NotPushable.selector, address(amm)));
        token.claimFor(address(amm));
        amm.act(abi.encodeCall(token.setClaimFor, (true)));
        token.claimFor(address(amm));
    }

    /// Every change of the sharing supply divides the stream anew; doing it every block must not slow a small one.
    function test_resizeSpam_doesNotSlowASmallStream() public {
        payEth(0.01 ether);
        uint256 state = vm.snapshotState();
        skip(3.5 days);
        uint256 expected = token.accruedRevenue(alice, ETH);
        vm.revertToState(state);
        for (uint256 i; i < 3.5 days / 12; ++i) {
            skip(12);
            if (i % 2 == 0) move(bob, pool, 1);
            else move(pool, bob, 1);
        }
        assertClose(token.accruedRevenue(alice, ETH), expected, GRAIN, "same pace");
    }

    function test_sharesJustAboveTheFloor_streamAndPay() public {
        uint256 floor = SUPPLY >> 10;
        move(alice, pool, ALICE_HAS);
        move(bob, pool, BOB_HAS - floor - 1);
        payEth(7 ether);
        skip(7 days);
        assertClose(claimAll(bob), 5.6 ether, GRAIN, "all of the holders' part");
    }
}
