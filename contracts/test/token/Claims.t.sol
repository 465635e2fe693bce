// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ReenteringERC20} from "../support/ReenteringERC20.sol";
import {TokenTest} from "./TokenTest.sol";

/// Claiming everything, and the ERC-7641 façade: snapshots divide time, each pays what accrued before it and after the last.
contract ClaimsTest is TokenTest {
    function test_claimAllPaysEveryAssetToTheReceiver() public {
        payEth(10 ether);
        payDollars(1_000e6);
        skip(7 days);
        uint256 eth = token.accruedRevenue(alice, ETH);
        uint256 dollars = token.accruedRevenue(alice, address(dollar));
        vm.expectEmit(address(token));
        emit IModelToken.RevenueClaimed(alice, ETH, carol, eth);
        vm.expectEmit(address(token));
        emit IModelToken.RevenueClaimed(alice, address(dollar), carol, dollars);
        vm.prank(alice);
        token.claimAll(carol);
        assertEq(carol.balance, eth, "ether");
        assertEq(dollar.balanceOf(carol), dollars, "dollars");
        assertEq(token.accruedRevenue(alice, ETH) + token.accruedRevenue(alice, address(dollar)), 0, "nothing left");
    }

    function test_claimAllWithNothingAccruedPaysNothing() public {
        assertEq(claimAll(alice), 0, "nothing");
        assertEq(claimAll(carol), 0, "nor to a stranger");
    }

    function test_claimAssetPaysOneAssetOnly() public {
        payEth(10 ether);
        payDollars(1_000e6);
        skip(7 days);
        uint256 dollars = token.accruedRevenue(alice, address(dollar));
        uint256 eth = token.accruedRevenue(alice, ETH);
        vm.prank(alice);
        token.claimAsset(address(dollar), carol);
        assertEq(dollar.balanceOf(carol), dollars, "dollars");
        assertEq(token.accruedRevenue(alice, ETH), eth, "ether stays");
        vm.prank(alice);
        token.claimAsset(ETH, carol);
        assertEq(carol.balance, eth, "ether");
    }

    function test_nobodyIsPaidAtAddressZero() public {
        vm.prank(alice);
        vm.expectRevert(IModelToken.ModelToken_ZeroAddress.selector);
        token.claimAll(address(0));
        vm.prank(alice);
        vm.expectRevert(IModelToken.ModelToken_ZeroAddress.selector);
        token.claimAsset(ETH, address(0));
        vm.prank(alice);
        vm.expectRevert(IModelToken.ModelToken_ZeroAddress.selector);
        token.burnTo(1, address(0));
    }

    function test_claimForPaysAnAccountWithoutCode() public {
        payEth(10 ether);
        skip(7 days);
        uint256 eth = token.accruedRevenue(alice, ETH);
        token.claimFor(alice);
        assertEq(alice.balance, eth, "alice, not the caller");
    }

    function test_anAccountWithCodeCanAllowClaimFor() public {
        vm.etch(alice, hex"00");
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_NotPushable.selector, alice));
        token.claimFor(alice);
        vm.expectEmit(address(token));
        emit IModelToken.ClaimForChanged(alice, true);
        vm.prank(alice);
        token.setClaimFor(true);
        token.claimFor(alice);
        vm.prank(alice);
        token.setClaimFor(false);
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_NotPushable.selector, alice));
        token.claimFor(alice);
    }

    // ------------------------------------------------------------------------------------------------------- snapshots

    function test_aSnapshotPaysWhatAccruedSinceTheOneBefore() public {
        payEth(7 ether);
        skip(1 days);
        vm.expectEmit(address(token));
        emit IModelToken.Marked(1, START + 1 days);
        assertEq(snapshot(), 1, "first id");
        skip(2 days);
        assertEq(snapshot(), 2, "second id");
        skip(1 days);
        assertEq(token.marksTaken(), 2, "two");
        uint256 first = token.claimableRevenue(alice, 1);
        uint256 second = token.claimableRevenue(alice, 2);
        assertClose(first, uint256(1.6 ether) / 3, GRAIN, "a day");
        assertClose(second, uint256(3.2 ether) / 3, GRAIN, "two days");
        assertEq(claim(alice, 2), second, "in any order");
        assertEq(claim(alice, 1), first, "each once");
        assertEq(token.claimableRevenue(alice, 1) + token.claimableRevenue(alice, 2), 0, "none twice");
        assertClose(claimAll(alice), uint256(1.6 ether) / 3, GRAIN, "the open interval");
    }

    function test_claimingASnapshotTwiceOrForNothingReverts() public {
        payEth(7 ether);
        skip(1 days);
        snapshot();
        claim(alice, 1);
        vm.prank(alice);
        vm.expectRevert(IModelToken.ModelToken_NothingToClaim.selector);
        token.claim(1);
        vm.prank(carol);
        vm.expectRevert(IModelToken.ModelToken_NothingToClaim.selector);
        token.claim(1);
    }

    function test_claimBatchSkipsEmptyIds() public {
        payEth(7 ether);
        for (uint256 i; i < 4; ++i) {
            skip(1 days);
            snapshot();
        }
        claim(alice, 2);
        uint256[] memory ids = new uint256[](5);
        (ids[0], ids[1], ids[2], ids[3], ids[4]) = (4, 2, 1, 3, 1);
        uint256 due = token.accruedRevenue(alice, ETH);
        uint256 before = alice.balance;
        vm.prank(alice);
        token.claimBatch(ids);
        assertEq(alice.balance - before, due, "the rest, once");
    }

    function test_anUnknownSnapshotIsRefusedEverywhere() public {
        skip(1 days);
        snapshot();
        uint256[2] memory unknown = [uint256(0), 2];
        for (uint256 i; i < 2; ++i) {
            bytes memory error = abi.encodeWithSelector(IModelToken.NoSuchMark.selector, unknown[i]);
            vm.expectRevert(error);
            token.claimableRevenue(alice, unknown[i]);
            vm.expectRevert(error);
            token.claimableERC20(alice, unknown[i], address(dollar));
            vm.expectRevert(error);
            token.claim(unknown[i]);
            uint256[] memory ids = new uint256[](1);
            ids[0] = unknown[i];
            vm.expectRevert(error);
            token.claimBatch(ids);
        }
    }

    function test_snapshotsAreRateLimited() public {
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_SnapshotTooSoon.selector, START + 1 days));
        token.snapshot();
        skip(1 days);
        snapshot();
        skip(1 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_SnapshotTooSoon.selector, START + 2 days));
        token.snapshot();
    }

    function test_aSnapshotStaysWhatItWasWhateverTheAccountDoesLater() public {
        payEth(7 ether);
        skip(1 days);
        snapshot();
        uint256 due = token.claimableRevenue(alice, 1);
        move(alice, bob, 1e26);
        assertEq(token.claimableRevenue(alice, 1), due, "after a transfer in the same block");
        skip(1 days);
        move(bob, alice, 5e25);
        burn(alice, 1e25);
        vm.prank(alice);
        token.setSharing(false);
        skip(1 days);
        snapshot();
        assertEq(token.claimableRevenue(alice, 1), due, "after all that");
        assertEq(claim(alice, 1), due, "paid");
    }

    function test_claimAllSettlesEverySnapshotTaken() public {
        payEth(7 ether);
        skip(1 days);
        snapshot();
        move(alice, bob, 1e18);
        skip(12 hours);
        claimAll(alice);
        assertEq(token.claimableRevenue(alice, 1), 0, "first");
        skip(12 hours);
        snapshot();
        uint256 due = token.claimableRevenue(alice, 2);
        assertClose(due, uint256(0.8 ether) / 3, GRAIN + 1 ether / 1e6, "only what came since");
        assertEq(due, token.accruedRevenue(alice, ETH), "which is all there is");
        assertEq(claim(alice, 2), due, "paid");
    }

    function test_noClaimExpires() public {
        payEth(7 ether);
        skip(1 days);
        snapshot();
        uint256 due = token.claimableRevenue(bob, 1);
        for (uint256 i; i < 300; ++i) {
            skip(1 days);
            snapshot();
            if (i % 3 == 0) move(alice, bob, 1e18);
        }
        assertEq(token.claimableRevenue(bob, 1), due, "300 snapshots later");
        assertEq(claim(bob, 1), due, "paid");
        uint256 rest = token.accruedRevenue(bob, ETH);
        assertEq(claimAll(bob), rest, "and the rest");
    }

    function test_forAnErc20TheNewestSnapshotStandsForAllBeforeIt() public {
        payDollars(700e6);
        skip(1 days);
        snapshot();
        skip(1 days);
        snapshot();
        uint256 due = token.accruedRevenue(alice, address(dollar));
        assertGt(due, 106e6, "two days");
        assertEq(token.claimableERC20(alice, 1, address(dollar)), 0, "older ids");
        assertEq(token.claimableERC20(alice, 2, address(dollar)), due, "newest");
        vm.prank(alice);
        vm.expectRevert(IModelToken.ModelToken_NothingToClaim.selector);
        token.claim(1);
        vm.prank(alice);
        token.claim(2);
        assertEq(dollar.balanceOf(alice), due, "paid with it");
    }

    function test_claimableErc20AnswersForEtherToo() public {
        payEth(7 ether);
        skip(1 days);
        snapshot();
        assertEq(token.claimableERC20(alice, 1, ETH), token.claimableRevenue(alice, 1), "same");
    }

    function testFuzz_snapshotsAndTheOpenIntervalAddUpToTheWhole(uint256 seed) public {
        for (uint256 i; i < 10; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            payEth(1 + (seed % 5 ether));
            if (seed & 1 == 0) move(alice, bob, (seed >> 8) % 1e25);
            if (seed & 2 == 0) move(bob, pool, (seed >> 16) % 1e25);
            if (seed & 4 == 0) move(pool, alice, (seed >> 24) % 1e24);
            skip(1 days + (seed % 2 days));
            snapshot();
            if (seed & 8 == 0) move(bob, alice, (seed >> 32) % 1e25);
            if (seed & 240 == 0) claimAll(alice);
        }
        uint256 whole = token.accruedRevenue(alice, ETH);
        uint256 sum;
        for (uint256 id = 10; id > 0; --id) {
            uint256 due = token.claimableRevenue(alice, id);
            if ((seed >> id) & 1 == 0 && due != 0) sum += claim(alice, id);
        }
        assertEq(sum + claimAll(alice), whole, "in any order");
        for (uint256 id = 1; id <= 10; ++id) assertEq(token.claimableRevenue(alice, id), 0, "nothing twice");
    }
}

/// What a payout does when the other side does not cooperate.
contract PayoutTest is TokenTest {
    function test_aBlockedDollarStaysOwedAndDoesNotStopEther() public {
        payEth(7 ether);
        payDollars(700e6);
        skip(7 days);
        uint256 eth = token.accruedRevenue(alice, ETH);
        uint256 dollars = token.accruedRevenue(alice, address(dollar));
        dollar.setBlocked(alice, true);
        vm.expectEmit(address(token));
        emit IModelToken.PayoutFailed(alice, address(dollar), dollars);
        assertEq(claimAll(alice), eth, "ether is paid");
        assertEq(token.accruedRevenue(alice, address(dollar)), dollars, "dollars stay owed, to the unit");
        vm.prank(alice);
        token.claimAsset(address(dollar), carol);
        assertEq(dollar.balanceOf(carol), dollars, "another receiver gets them");
    }

    function test_aRedemptionThatCannotBePaidInDollarsStaysOwed() public {
        payEth(7 ether);
        payDollars(700e6);
        skip(7 days);
        uint256 eth = token.redeemableOnBurn(POOL_HAS);
        uint256 dollars = token.redeemableERC20OnBurn(POOL_HAS, address(dollar));
        assertEq(dollars, 14e6, "a tenth of the pool");
        dollar.setBlocked(pool, true);
        assertEq(burn(pool, POOL_HAS), eth, "ether is redeemed");
        assertEq(token.accruedRevenue(pool, address(dollar)), dollars, "dollars are owed");
        vm.prank(pool);
        token.claimAsset(address(dollar), carol);
        assertEq(dollar.balanceOf(carol), dollars, "paid later");
    }

    function test_anEtherPayoutThatFailsReverts() public {
        payEth(7 ether);
        skip(7 days);
        uint256 due = token.accruedRevenue(alice, ETH);
        bytes memory failed = abi.encodeWithSelector(
            IModelToken.ModelToken_PaymentFailed.selector,
            address(dollar),
            due
        );
        vm.prank(alice);
        vm.expectRevert(failed);
        token.claimAll(address(dollar));
        vm.prank(alice);
        vm.expectRevert(failed);
        token.claimAsset(ETH, address(dollar));
        uint256 redeemable = token.redeemableOnBurn(1e26);
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IModelToken.ModelToken_PaymentFailed.selector, address(dollar), redeemable)
        );
        token.burnTo(1e26, address(dollar));
        assertEq(claimAll(alice), due, "nothing was lost");
    }
}
