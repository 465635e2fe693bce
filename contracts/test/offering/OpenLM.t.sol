// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {OfferingFixture} from "./support/OfferingFixture.sol";

/// The first IMO, from creation to the last tranche.
contract OpenLMTest is OfferingFixture {
    function setUp() external {
        arrange();
    }

    function test_openLM_sells_half_the_supply_for_150_ether() external {
        openSale();
        assertEq(token.totalSupply(), 1e27, "supply");
        assertEq(token.balanceOf(address(sale)), 5e26, "half is for sale");
        assertEq(token.balanceOf(address(escrow)), 5e26, "liquidity, contributors and team wait in the escrow");
        assertFalse(token.isSharing(address(escrow)), "the escrow does not share");

        commit(ALICE, 100 ether);
        commit(BOB, 50 ether);
        closeAndSettle();
        assertEq(sale.raised(), 150 ether, "raised");
        assertEq(sale.tokensSold(), 5e26, "sold");
        assertEq(registry.tokenOf(familyId), address(token), "the token is the family's");
        assertEq(token.revenueOpensAt(), CLOSES + 1 days, "revenue waits until a day after claims open");

        sale.claimTokensFor(ALICE);
        sale.claimTokensFor(BOB);
        assertEq(token.balanceOf(ALICE), (uint256(5e26) * 2) / 3, "two thirds");
        assertEq(token.balanceOf(BOB), uint256(5e26) / 3, "one third");
        assertTrue(token.isSharing(ALICE), "a buyer shares");

        sale.releaseTranche(0);
        assertEq(TREASURY.balance, 75 ether, "half at once");
        vm.warp(CLOSES + 60 days);
        sale.releaseTranche(1);
        sale.releaseTranche(2);
        assertEq(TREASURY.balance, 150 ether, "all after 60 days");
        assertEq(address(sale).balance, 0, "nothing is left in the sale");

        vm.warp(CLOSES + 360 days);
        assertEq(escrow.release(TEAM), 1e26, "10% team");
        assertEq(escrow.release(CONTRIBUTOR), 1e26, "10% contributors");
        assertEq(escrow.release(POOL_OWNER), 3e26, "30% liquidity");
        assertEq(token.balanceOf(address(escrow)), 0, "nothing is left in the escrow");
        // One third of 5e26 is not whole: one token wei stays until rounding is collected.
        sale.collectRounding();
        assertEq(token.balanceOf(address(sale)), 0, "nothing is left to sell");
        assertEq(token.totalSupply(), 1e27 - 1, "the odd token wei is burned");
    }

    function test_openLM_oversubscribed_scales_everybody_by_the_same_factor() external {
        openSale();
        commit(ALICE, 200 ether);
        commit(BOB, 100 ether);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        sale.claimTokensFor(BOB);
        assertEq(ALICE.balance, 100 ether, "half comes back");
        assertEq(BOB.balance, 50 ether, "half comes back");
        assertEq(token.balanceOf(ALICE), (uint256(5e26) * 2) / 3, "two thirds");
        assertEq(sale.raised(), 150 ether - 1, "one wei waits until both parts are known");
        sale.collectRounding();
        assertEq(sale.raised(), 150 ether, "both parts were whole");
    }

    function test_openLM_undersubscribed_sells_for_the_same_price_and_burns_the_rest() external {
        openSale();
        commit(ALICE, 60 ether);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        assertEq(token.balanceOf(ALICE), 2e26, "60 of 150 ETH buy 2 of 5");
        assertEq(token.totalSupply(), 7e26, "the other 3 are gone");
        assertEq(ALICE.balance, 0, "nothing comes back");
    }

    function test_openLM_below_the_soft_cap_gives_everything_back() external {
        openSale();
        commit(ALICE, 30 ether);
        commit(BOB, 20 ether - 1);
        closeAndSettle();
        assertState(IFixedPriceOffering.State.Refunding, "refunding");
        sale.refundFor(ALICE);
        sale.refundFor(BOB);
        assertEq(ALICE.balance, 30 ether, "Alice");
        assertEq(BOB.balance, 20 ether - 1, "Bob");
        assertEq(registry.tokenOf(familyId), address(0), "no token");
        assertEq(factory.openOfferingOf(familyId), address(0), "the family may try again");
    }

    function test_openLM_smallest_first_fills_small_commitments_whole() external {
        openSmallestFirst();
        commit(ALICE, 20 ether);
        commit(BOB, 80 ether);
        commit(CAROL, 100 ether);
        close();
        sale.settleAtLevel(65 ether, 10);
        sale.claimTokensFor(ALICE);
        sale.claimTokensFor(BOB);
        sale.claimTokensFor(CAROL);
        assertEq(ALICE.balance, 0, "the smallest is filled whole");
        assertEq(BOB.balance, 15 ether, "down to the level");
        assertEq(CAROL.balance, 35 ether, "down to the level");
        assertEq(token.balanceOf(BOB), token.balanceOf(CAROL), "the same above the level");
        assertEq(sale.raised(), 150 ether, "raised");
    }
}
