// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";
import {TokenTest} from "./TokenTest.sol";

/// Who shares, who does not, and who decides.
contract SharingTest is TokenTest {
    address internal constant DEAD = address(0xdead);

    function test_nonSharingByCreationAreDistributorTokenBurnAddressAndTheList() public view {
        assertFalse(token.isSharing(sale), "distributor");
        assertFalse(token.isSharing(address(token)), "token");
        assertFalse(token.isSharing(DEAD), "burn address");
        assertFalse(token.isSharing(pool), "listed");
        assertTrue(token.isSharing(alice), "alice");
        assertTrue(token.isSharing(carol), "somebody new");
        assertFalse(token.isSharing(address(dollar)), "a contract not seen yet");
    }

    function test_creationAnnouncesWhoDoesNotShare() public {
        vm.expectEmit();
        emit IModelToken.SharingChanged(pool, false);
        new ModelToken(config());
    }

    function test_theSharingSupplyIsWhatSharingAccountsHold() public {
        assertEq(token.sharingSupply(), 9e26, "alice and bob");
        move(alice, pool, 1e26);
        assertEq(token.sharingSupply(), 8e26, "left");
        move(pool, carol, 2e26);
        assertEq(token.sharingSupply(), 1e27, "came");
        move(alice, DEAD, 1e26);
        assertEq(token.sharingSupply(), 9e26, "thrown away");
    }

    function test_revenueGoesToThoseWhoShareOnly() public {
        payEth(7 ether);
        skip(1 days);
        move(bob, pool, BOB_HAS);
        uint256 bobs = token.accruedRevenue(bob, ETH);
        uint256 alices = token.accruedRevenue(alice, ETH);
        skip(1 days);
        assertEq(token.accruedRevenue(bob, ETH), bobs, "bob has stopped");
        assertClose(token.accruedRevenue(alice, ETH) - alices, 0.8 ether, GRAIN, "alice has it all");
    }

    function test_optingOutAndInKeepsWhatAccrued() public {
        payEth(7 ether);
        payDollars(7e6);
        skip(1 days);
        uint256 due = token.accruedRevenue(alice, ETH);
        uint256 dueDollars = token.accruedRevenue(alice, address(dollar));
        vm.expectEmit(address(token));
        emit IModelToken.SharingChanged(alice, false);
        vm.prank(alice);
        token.setSharing(false);
        assertEq(token.accruedRevenue(alice, ETH), due, "kept");
        assertEq(token.accruedRevenue(alice, address(dollar)), dueDollars, "kept dollars");
        assertEq(token.sharingSupply(), BOB_HAS, "only bob");
        skip(1 days);
        assertEq(token.accruedRevenue(alice, ETH), due, "stopped");
        vm.prank(alice);
        token.setSharing(true);
        assertEq(token.accruedRevenue(alice, ETH), due, "no back pay");
        skip(1 days);
        assertClose(token.accruedRevenue(alice, ETH) - due, uint256(1.6 ether) / 3, GRAIN, "again");
        assertClose(token.accruedRevenue(bob, ETH), (uint256(0.8 ether) / 3) * 2 + 0.8 ether, GRAIN, "bob had it");
    }

    function test_sayingTheSameTwiceChangesNothing() public {
        vm.prank(alice);
        token.setSharing(true);
        assertEq(token.sharingSupply(), 9e26, "as before");
    }

    function test_anAccountWithCodeAtItsFirstReceiptStartsNonSharing() public {
        vm.etch(carol, hex"00");
        vm.expectEmit(address(token));
        emit IModelToken.SharingChanged(carol, false);
        move(alice, carol, 1e26);
        assertFalse(token.isSharing(carol), "a pool, or a bridge");
        assertEq(token.sharingSupply(), 8e26, "its tokens do not share");
        vm.prank(carol);
        token.setSharing(true);
        assertTrue(token.isSharing(carol), "opted in");
        assertEq(token.sharingSupply(), 9e26, "they do");
        move(alice, carol, 1e26);
        assertTrue(token.isSharing(carol), "and stays so");
    }

    function test_aContractMayOptInBeforeItsFirstReceipt() public {
        vm.etch(carol, hex"00");
        vm.prank(carol);
        token.setSharing(true);
        move(alice, carol, 1e26);
        assertTrue(token.isSharing(carol), "remembered");
    }

    function test_anAccountMayOptOutBeforeItsFirstReceipt() public {
        vm.prank(carol);
        token.setSharing(false);
        move(alice, carol, 1e26);
        assertFalse(token.isSharing(carol), "remembered");
        assertEq(token.sharingSupply(), 8e26, "not counted");
    }

    function test_anEip7702DelegationIsNoCode() public {
        vm.etch(carol, abi.encodePacked(hex"ef0100", address(token)));
        move(alice, carol, 1e26);
        assertTrue(token.isSharing(carol), "a person");
        payEth(7 ether);
        skip(7 days);
        vm.etch(carol, abi.encodePacked(hex"ef0100", address(0)));
        token.claimFor(carol);
        assertGt(carol.balance, 0.6 ether, "who can be paid");
    }

    function test_codeOf23BytesIsCodeAllTheSame() public {
        vm.etch(carol, abi.encodePacked(hex"ef0000", address(token)));
        move(alice, carol, 1e26);
        assertFalse(token.isSharing(carol), "not a delegation");
    }

    function test_aTransferOfNothingByOthersDoesNotDecideForAnAccount() public {
        vm.etch(carol, hex"00");
        vm.prank(bob);
        token.transferFrom(carol, bob, 0);
        move(alice, carol, 1e26);
        assertFalse(token.isSharing(carol), "still starts non-sharing");
    }

    // --------------------------------------------------------------------------------------------------- from the sale

    function test_aBuyerWithCodeStartsSharing() public {
        move(pool, sale, POOL_HAS);
        vm.etch(carol, hex"00");
        sell(carol, 1e26);
        assertTrue(token.isSharing(carol), "whatever it is");
        assertEq(token.sharingSupply(), 1e27, "counted");
    }

    function test_aBuyerMarkedNonSharingByDustStartsSharing() public {
        move(pool, sale, POOL_HAS);
        vm.etch(carol, hex"00");
        move(alice, carol, 7);
        assertFalse(token.isSharing(carol), "dusted");
        payEth(7 ether);
        skip(1 days);
        sell(carol, 1e26);
        assertTrue(token.isSharing(carol), "shares");
        assertEq(token.sharingSupply(), 1e27, "with the dust");
        assertEq(token.accruedRevenue(carol, ETH), 0, "from now on");
    }

    function test_aTransferOfNothingFromTheSaleMakesNobodyShare() public {
        vm.etch(carol, hex"00");
        move(alice, carol, 1e26);
        vm.prank(bob);
        token.transferFrom(sale, carol, 0);
        assertFalse(token.isSharing(carol), "anybody could do that to a pool");
        vm.prank(alice);
        token.setSharing(false);
        vm.prank(bob);
        token.transferFrom(sale, alice, 0);
        assertFalse(token.isSharing(alice), "or to whoever opted out");
    }

    function test_theSaleDoesNotMakeThoseExcludedAtCreationShare() public {
        move(pool, sale, POOL_HAS);
        sell(pool, 1e25);
        sell(DEAD, 1e25);
        sell(address(token), 1e25);
        sell(sale, 1e25);
        assertFalse(token.isSharing(pool), "listed");
        assertFalse(token.isSharing(DEAD), "burn address");
        assertFalse(token.isSharing(address(token)), "token");
        assertFalse(token.isSharing(sale), "itself");
        assertEq(token.sharingSupply(), 9e26, "unchanged");
    }

    // ------------------------------------------------------------------------------------------------------- the floor

    function test_belowTheFloorMoneyAndRemainingTimeFreezeAndResumeLater() public {
        payEth(7 ether);
        skip(2 days);
        uint256 released = poolOf(ETH);
        vm.prank(alice);
        token.setSharing(false);
        move(bob, pool, BOB_HAS - 1e23);
        (uint256 unstreamed, uint256 perSecond, uint256 endsAt, uint256 redeemable) = token.streamOf(ETH);
        assertClose(unstreamed, 5 ether, GRAIN, "five days' worth waits");
        assertEq(perSecond + endsAt, 0, "frozen");
        assertEq(redeemable, released, "the pool too");
        uint256 due = token.accruedRevenue(bob, ETH);
        skip(100 days);
        assertEq(token.accruedRevenue(bob, ETH), due, "nothing moves");
        move(pool, bob, 9e23);
        (, , endsAt, ) = token.streamOf(ETH);
        assertEq(endsAt, block.timestamp + 5 days, "five days to go");
        assertEq(poolOf(ETH), released, "the pool goes on from where it was");
        skip(5 days);
        assertClose(token.accruedRevenue(bob, ETH) - due, 4 ether, GRAIN, "the one left has it all");
        assertClose(poolOf(ETH), 1.4 ether, 1, "the pool has its part");
    }

    function test_whatIsPaidWhileFrozenWaitsToo() public {
        move(bob, pool, BOB_HAS);
        move(alice, pool, ALICE_HAS);
        payEth(7 ether);
        donateEth(7 ether);
        token.sync(ETH);
        skip(10 days);
        assertEq(unstreamedOf(ETH), 14 ether, "all of it");
        move(pool, alice, ALICE_HAS);
        skip(7 days);
        assertClose(token.accruedRevenue(alice, ETH), 11.2 ether, GRAIN, "a period later");
    }
}
