// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {IOfferingFactory} from "../../src/interfaces/IOfferingFactory.sol";
import {OfferingFixture} from "./support/OfferingFixture.sol";
import {Wallet} from "./support/Wallet.sol";

/// How a closed sale ends, and what each buyer is sent.
contract SettleTest is OfferingFixture {
    function setUp() external {
        arrange();
    }

    // ---------------------------------------------------------------- settle

    function test_settle_reverts_before_the_close_and_after_the_end() external {
        openSale();
        commit(ALICE, 60 ether);
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Open));
        sale.settle();
        closeAndSettle();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Settled));
        sale.settle();
    }

    function test_settle_at_exactly_the_soft_cap_succeeds() external {
        openSale();
        commit(ALICE, 50 ether);
        closeAndSettle();
        assertState(IFixedPriceOffering.State.Settled, "settled");
        assertEq(sale.settledAt(), CLOSES, "now");
        assertEq(escrow.startedAt(), CLOSES, "vesting starts");
        assertEq(factory.openOfferingOf(familyId), address(0), "no longer open");
    }

    function test_settle_announces_what_was_raised_sold_and_burned() external {
        openSale();
        commit(ALICE, 60 ether);
        close();
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.Settled(60 ether, 2e26, 3e26, 0);
        sale.settle();
    }

    function test_settle_below_the_soft_cap_announces_refunds() external {
        openSale();
        commit(ALICE, 50 ether - 1);
        close();
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.RefundsOpened(50 ether - 1);
        sale.settle();
        assertEq(sale.settledAt(), 0, "not settled");
        assertEq(escrow.startedAt(), 0, "nothing vests");
    }

    function test_settle_at_exactly_the_hard_cap_accepts_everything() external {
        openSmallestFirst();
        commit(ALICE, 70 ether);
        commit(BOB, 80 ether);
        closeAndSettle();
        assertEq(sale.raised(), 150 ether, "raised");
        assertEq(sale.outcomeOf(BOB).refund, 0, "nothing back");
    }

    function test_settle_counts_pro_rata_proceeds_at_the_bound_of_their_rounding() external {
        openSale();
        commit(ALICE, 100 ether);
        commit(BOB, 100 ether);
        commit(CAROL, 100 ether + 1);
        closeAndSettle();
        assertEq(sale.raised(), 150 ether - 2, "three buyers: two wei less");
        assertEq(sale.tokensSold(), 5e26, "all sold");
    }

    function test_settle_does_not_count_those_who_left_in_the_bound() external {
        openSale();
        commit(CAROL, 1 ether);
        uncommit(CAROL, 1 ether);
        commit(ALICE, 200 ether);
        closeAndSettle();
        assertEq(sale.raised(), 150 ether, "one buyer: exact");
    }

    /// A cap of fewer units than buyers, which only a currency without decimals could have.
    function test_settle_with_more_buyers_than_units_counts_nothing_as_raised_yet() external {
        IOfferingFactory.OfferingParams memory params = openLmIn(address(usdc));
        params.allocation.offered = 1e18;
        params.allocation.liquidity = 1e27 - 2e26 - 1e18;
        (params.sale.softCap, params.sale.hardCap) = (1, 1);
        approveProbe(address(usdc));
        create(params);
        vm.warp(OPENS);
        commit(ALICE, 1);
        commit(BOB, 1);
        commit(CAROL, 1);
        closeAndSettle();
        assertEq(sale.raised(), 0, "nothing is certain");
        sale.claimTokensFor(ALICE);
        sale.claimTokensFor(BOB);
        sale.claimTokensFor(CAROL);
        assertEq(usdc.balanceOf(ALICE), 1, "nothing accepted, all back");
        sale.collectRounding();
        assertEq(token.totalSupply(), 1e27 - 1e18, "what nobody got is burned");
        vm.warp(sale.settledAt() + 60 days);
        for (uint256 i = 0; i < 3; ++i) sale.releaseTranche(i);
        assertEq(usdc.balanceOf(TREASURY), 0, "nothing for the publisher");
    }

    function test_settle_refunds_when_nobody_settled_within_30_days() external {
        openSale();
        commit(ALICE, 60 ether);
        vm.warp(CLOSES + 30 days - 1);
        assertEq(sale.outcomeOf(ALICE).accepted, 60 ether, "still a success");
        vm.warp(CLOSES + 30 days);
        assertEq(sale.outcomeOf(ALICE).refund, 60 ether, "now a refund");
        sale.settle();
        assertState(IFixedPriceOffering.State.Refunding, "refunding");
        sale.refundFor(ALICE);
        assertEq(ALICE.balance, 60 ether, "all back");
    }

    // ---------------------------------------------------------------- settleAtLevel

    function test_settle_smallest_first_over_the_cap_reverts_without_a_level() external {
        oversubscribeSmallestFirst();
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_LevelRequired.selector);
        sale.settle();
    }

    function test_settleAtLevel_takes_the_greatest_level_that_fits() external {
        oversubscribeSmallestFirst();
        uint256[3] memory wrong = [uint256(0), 65 ether - 1, 65 ether + 1];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 accepted = wrong[i] == 0 ? 0 : 20 ether + 2 * wrong[i];
            vm.expectRevert(wrongLevel(wrong[i], accepted));
            sale.settleAtLevel(wrong[i], 3);
        }
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.Settled(150 ether, 5e26, 0, 65 ether);
        sale.settleAtLevel(65 ether, 3);
    }

    function test_settleAtLevel_leaves_what_the_level_cannot_share_with_the_buyers() external {
        openSmallestFirst();
        commit(ALICE, 20 ether);
        commit(BOB, 80 ether);
        commit(CAROL, 80 ether);
        commit(ALICE, 1);
        close();
        // 130 ether - 1 for two: one wei cannot be shared.
        sale.settleAtLevel(65 ether - 1, 3);
        assertEq(sale.raised(), 150 ether - 1, "raised what was accepted");
        assertEq(sale.outcomeOf(BOB).accepted, 65 ether - 1, "Bob");
        assertEq(sale.outcomeOf(CAROL).accepted, 65 ether - 1, "Carol the same");
        assertEq(token.totalSupply(), 1e27 - (5e26 - sale.tokensSold()), "the unsold part is burned");
    }

    function test_settleAtLevel_walks_in_pages() external {
        oversubscribeSmallestFirst();
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.LevelAdvanced(address(this), 65 ether, 2);
        sale.settleAtLevel(65 ether, 2);
        assertState(IFixedPriceOffering.State.Closed, "not yet");
        (uint256 level, uint256 visited, uint256 accepted) = sale.walkOf(address(this));
        assertEq(level, 65 ether, "level");
        assertEq(visited, 2, "visited");
        assertEq(accepted, 85 ether, "accepted");
        sale.settleAtLevel(65 ether, type(uint256).max);
        assertState(IFixedPriceOffering.State.Settled, "settled");
    }

    function test_settleAtLevel_keeps_a_walk_for_each_proposer() external {
        oversubscribeSmallestFirst();
        sale.settleAtLevel(65 ether, 1);
        vm.prank(STRANGER);
        sale.settleAtLevel(1 ether, 2);
        (, uint256 visited, ) = sale.walkOf(address(this));
        assertEq(visited, 1, "undisturbed");
        sale.settleAtLevel(65 ether, 2);
        assertState(IFixedPriceOffering.State.Settled, "settled");
    }

    function test_settleAtLevel_with_another_level_starts_again() external {
        oversubscribeSmallestFirst();
        sale.settleAtLevel(1 ether, 2);
        sale.settleAtLevel(65 ether, 1);
        (uint256 level, uint256 visited, uint256 accepted) = sale.walkOf(address(this));
        assertEq(level, 65 ether, "level");
        assertEq(visited, 1, "from the start");
        assertEq(accepted, 20 ether, "nothing carried over");
    }

    function test_settleAtLevel_stops_a_walk_as_soon_as_it_is_over_the_cap() external {
        oversubscribeSmallestFirst();
        sale.settleAtLevel(140 ether, 2);
        vm.expectRevert(wrongLevel(140 ether, 200 ether));
        sale.settleAtLevel(140 ether, 1);
        vm.expectRevert(wrongLevel(150 ether + 1, 0));
        sale.settleAtLevel(150 ether + 1, 1);
    }

    function test_settleAtLevel_skips_those_who_left() external {
        openSmallestFirst();
        commit(ALICE, 20 ether);
        commit(BOB, 100 ether);
        commit(CAROL, 100 ether);
        uncommit(ALICE, 20 ether);
        close();
        sale.settleAtLevel(75 ether, 3);
        assertEq(sale.raised(), 150 ether, "raised");
    }

    function test_settleAtLevel_reverts_on_no_steps() external {
        oversubscribeSmallestFirst();
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_ZeroAmount.selector);
        sale.settleAtLevel(65 ether, 0);
    }

    function test_settleAtLevel_reverts_where_no_level_is_needed() external {
        openSale();
        commit(ALICE, 200 ether);
        close();
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_LevelNotNeeded.selector);
        sale.settleAtLevel(150 ether, 1);
    }

    function test_settleAtLevel_reverts_where_everything_fits() external {
        openSmallestFirst();
        commit(ALICE, 60 ether);
        close();
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_LevelNotNeeded.selector);
        sale.settleAtLevel(60 ether, 1);
    }

    function test_settleAtLevel_reverts_outside_closed() external {
        openSmallestFirst();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Open));
        sale.settleAtLevel(1, 1);
    }

    function test_settleAtLevel_finished_too_late_refunds() external {
        oversubscribeSmallestFirst();
        sale.settleAtLevel(65 ether, 2);
        vm.warp(CLOSES + 30 days);
        sale.settleAtLevel(65 ether, 1);
        assertState(IFixedPriceOffering.State.Refunding, "refunding");
    }

    // ---------------------------------------------------------------- claimTokensFor

    function test_claimTokensFor_sends_tokens_and_refund_whoever_calls() external {
        openSale();
        commit(ALICE, 300 ether);
        closeAndSettle();
        assertEq(sale.claimableTokensOf(ALICE), 5e26, "claimable");
        assertEq(sale.refundOwedTo(ALICE), 150 ether, "owed");
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.TokensClaimed(ALICE, 5e26);
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.Refunded(ALICE, ALICE, 150 ether);
        vm.prank(STRANGER);
        sale.claimTokensFor(ALICE);
        assertEq(token.balanceOf(ALICE), 5e26, "tokens");
        assertEq(ALICE.balance, 150 ether, "refund");
        assertEq(sale.claimableTokensOf(ALICE), 0, "no more claimable");
        assertEq(sale.refundOwedTo(ALICE), 0, "no more owed");
    }

    function test_claimTokensFor_makes_a_contract_share() external {
        openSale();
        Wallet wallet = new Wallet();
        commit(address(wallet), 60 ether);
        closeAndSettle();
        sale.claimTokensFor(address(wallet));
        assertTrue(token.isSharing(address(wallet)), "shares");
    }

    function test_claimTokensFor_after_the_refund_was_taken_sends_tokens_only() external {
        openSale();
        commit(ALICE, 300 ether);
        closeAndSettle();
        vm.prank(ALICE);
        sale.refundTo(CAROL);
        sale.claimTokensFor(ALICE);
        assertEq(CAROL.balance, 150 ether, "refund, once");
        assertEq(ALICE.balance, 0, "not twice");
        assertEq(token.balanceOf(ALICE), 5e26, "tokens");
    }

    function test_claimTokensFor_reverts_for_strangers_and_before_success() external {
        openSale();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Open));
        sale.claimTokensFor(ALICE);
        commit(ALICE, 60 ether);
        closeAndSettle();
        vm.expectRevert(
            abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_NothingToClaim.selector, STRANGER)
        );
        sale.claimTokensFor(STRANGER);
    }

    function test_claimTokensFor_reverts_while_refunding() external {
        openSale();
        commit(ALICE, 1 ether);
        closeAndSettle();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Refunding));
        sale.claimTokensFor(ALICE);
    }

    // ---------------------------------------------------------------- refunds

    function test_refundFor_announces_and_pays_everything_below_the_soft_cap() external {
        openSale();
        commit(ALICE, 1 ether);
        closeAndSettle();
        assertEq(sale.refundOwedTo(ALICE), 1 ether, "owed");
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.Refunded(ALICE, ALICE, 1 ether);
        vm.prank(STRANGER);
        sale.refundFor(ALICE);
        assertEq(ALICE.balance, 1 ether, "paid");
    }

    function test_refundFor_pays_the_unaccepted_part_after_success() external {
        openSale();
        commit(ALICE, 300 ether);
        closeAndSettle();
        sale.refundFor(ALICE);
        assertEq(ALICE.balance, 150 ether, "paid");
    }

    function test_refunds_revert_before_the_end() external {
        openSale();
        commit(ALICE, 1 ether);
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Open));
        sale.refundFor(ALICE);
        close();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Closed));
        sale.refundFor(ALICE);
    }

    function test_refunds_revert_where_nothing_is_owed() external {
        openSale();
        commit(ALICE, 60 ether);
        closeAndSettle();
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_NothingToRefund.selector, ALICE));
        sale.refundFor(ALICE);
    }

    function test_refundTo_reverts_to_nobody() external {
        openSale();
        commit(ALICE, 1 ether);
        closeAndSettle();
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_ZeroAddress.selector);
        vm.prank(ALICE);
        sale.refundTo(address(0));
    }

    /// 20, 80 and 100 ether for 150: the level is 65.
    function oversubscribeSmallestFirst() private {
        openSmallestFirst();
        commit(ALICE, 20 ether);
        commit(BOB, 80 ether);
        commit(CAROL, 100 ether);
        close();
    }

    function wrongLevel(uint256 level, uint256 accepted) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IFixedPriceOffering.FixedPriceOffering_WrongLevel.selector,
                level,
                accepted,
                150 ether
            );
    }
}
