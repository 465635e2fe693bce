// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {IOfferingFactory} from "../../src/interfaces/IOfferingFactory.sol";
import {OfferingFixture} from "./support/OfferingFixture.sol";

/// Tranches, exits from them, and the last units that rounding leaves.
contract ProceedsTest is OfferingFixture {
    function setUp() external {
        arrange();
    }

    // ---------------------------------------------------------------- tranches

    function test_releaseTranche_pays_the_recipient_when_due_whoever_calls() external {
        settleFor150Ether();
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.TrancheReleased(0, TREASURY, 75 ether);
        vm.prank(STRANGER);
        sale.releaseTranche(0);
        assertEq(TREASURY.balance, 75 ether, "paid");
        assertEq(sale.unreleased(), 75 ether, "left");
    }

    function test_releaseTranche_reverts_before_it_is_due() external {
        settleFor150Ether();
        uint256 dueAt = CLOSES + 30 days;
        vm.warp(dueAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_TrancheNotDue.selector, 1, dueAt)
        );
        sale.releaseTranche(1);
        vm.warp(dueAt);
        sale.releaseTranche(1);
    }

    function test_releaseTranche_reverts_the_second_time() external {
        settleFor150Ether();
        sale.releaseTranche(0);
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_TrancheReleased.selector, 0));
        sale.releaseTranche(0);
    }

    function test_releaseTranche_reverts_on_one_that_does_not_exist() external {
        settleFor150Ether();
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_NoSuchTranche.selector, 3));
        sale.releaseTranche(3);
    }

    function test_releaseTranche_reverts_unless_settled() external {
        openSale();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Open));
        sale.releaseTranche(0);
    }

    function test_releaseTranche_in_any_order_pays_the_same() external {
        settleFor150Ether();
        vm.warp(CLOSES + 60 days);
        sale.releaseTranche(2);
        assertEq(TREASURY.balance, 37.5 ether, "a quarter");
        sale.releaseTranche(0);
        assertEq(TREASURY.balance, 112.5 ether, "a half");
        sale.releaseTranche(1);
        assertEq(TREASURY.balance, 150 ether, "all");
    }

    function test_releaseTranche_shares_what_exits_left_among_the_tranches_that_remain() external {
        settleFor150Ether();
        sale.releaseTranche(0);
        intoExitWindow();
        exit(ALICE, 1e26);
        assertEq(sale.unreleased(), 60 ether, "a fifth of 75 ether went back");
        vm.warp(CLOSES + 60 days);
        sale.releaseTranche(1);
        assertEq(TREASURY.balance, 105 ether, "half of what is left");
        sale.releaseTranche(2);
        assertEq(TREASURY.balance, 135 ether, "the rest");
    }

    function test_releaseTranche_after_everybody_left_pays_nothing() external {
        openSale();
        commit(ALICE, 150 ether);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        intoExitWindow();
        exit(ALICE, 5e26);
        assertEq(ALICE.balance, 150 ether, "all back");
        assertEq(sale.exitValue(0), 0, "nothing left to share");
        sale.releaseTranche(0);
        assertEq(TREASURY.balance, 0, "nothing");
    }

    // ---------------------------------------------------------------- exit windows

    function test_exitWindow_is_the_seven_days_before_the_next_tranche() external {
        settleFor150Ether();
        assertWindow(1, CLOSES + 23 days, CLOSES + 30 days);
        vm.warp(CLOSES + 30 days);
        assertWindow(2, CLOSES + 53 days, CLOSES + 60 days);
        vm.warp(CLOSES + 60 days);
        assertWindow(3, 0, 0);
    }

    function test_exit_is_open_in_its_window_only() external {
        settleFor150Ether();
        uint256[6] memory times = [uint256(23 days) - 1, 23 days, 30 days - 1, 30 days, 53 days, 60 days];
        bool[6] memory open = [false, true, true, false, true, false];
        for (uint256 i = 0; i < 6; ++i) {
            vm.warp(CLOSES + times[i]);
            assertEq(sale.exitValue(1e18) != 0 ? 1 : 0, open[i] ? 1 : 0, "value");
            if (!open[i]) vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_NoExitWindow.selector);
            vm.prank(ALICE);
            sale.exit(1e18, ALICE);
        }
    }

    function test_exit_before_any_release_gives_the_whole_price_back() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.tranches[0].delay = 7 days;
        create(params);
        vm.warp(OPENS);
        commit(ALICE, 60 ether);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        exit(ALICE, 2e26);
        assertEq(ALICE.balance, 60 ether, "the window opens at settlement");
    }

    // ---------------------------------------------------------------- exit

    function test_exit_pays_the_share_of_the_unreleased_and_burns_the_tokens() external {
        settleFor150Ether();
        sale.releaseTranche(0);
        intoExitWindow();
        uint256 supply = token.totalSupply();
        uint256 tokens = 1e26;
        assertEq(sale.exitValue(tokens), 15 ether, "a fifth of 75");
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.Exited(ALICE, ALICE, tokens, 15 ether);
        vm.prank(ALICE);
        sale.exit(tokens, ALICE);
        assertEq(ALICE.balance, 15 ether, "paid");
        assertEq(token.totalSupply(), supply - tokens, "burned");
        assertEq(sale.tokensExited(), tokens, "counted");
        assertEq(sale.unreleased(), 60 ether, "left");
    }

    function test_exit_gives_the_next_one_the_same_rate() external {
        settleFor150Ether();
        sale.releaseTranche(0);
        intoExitWindow();
        exit(ALICE, 1e26);
        exit(BOB, 1e26);
        assertEq(BOB.balance, ALICE.balance, "the same");
    }

    function test_exit_pays_the_redemption_to_the_same_address() external {
        settleFor150Ether();
        vm.warp(token.revenueOpensAt());
        vm.deal(address(this), 10 ether);
        token.notifyRevenue{value: 10 ether}(ETH, 10 ether);
        intoExitWindow();
        uint256 redemption = token.redeemableOnBurn(1e26);
        assertGt(redemption, 0, "something to redeem");
        vm.prank(ALICE);
        sale.exit(1e26, CAROL);
        assertEq(CAROL.balance, 30 ether + redemption, "a fifth of 150 ETH, and the redemption");
    }

    function test_exit_in_an_erc20() external {
        openSaleIn(address(usdc));
        commit(ALICE, 150_000e6);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        sale.releaseTranche(0);
        intoExitWindow();
        exit(ALICE, 1e26);
        assertEq(usdc.balanceOf(ALICE), 15_000e6, "a fifth of 75,000");
    }

    function test_exit_credit_is_what_the_sale_sold_to_the_caller() external {
        settleFor150Ether();
        intoExitWindow();
        uint256 bought = token.balanceOf(ALICE);
        vm.prank(BOB);
        token.transfer(ALICE, 1e18);
        vm.prank(ALICE);
        token.approve(address(sale), bought + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IFixedPriceOffering.FixedPriceOffering_ExitCreditExceeded.selector,
                bought,
                bought + 1
            )
        );
        vm.prank(ALICE);
        sale.exit(bought + 1, ALICE);
        exit(ALICE, bought);
        assertEq(sale.exitCreditOf(ALICE), 0, "used up");
    }

    function test_exit_reverts_without_the_tokens() external {
        settleFor150Ether();
        intoExitWindow();
        uint256 bought = token.balanceOf(ALICE);
        vm.prank(ALICE);
        token.transfer(CAROL, bought);
        vm.expectRevert();
        vm.prank(ALICE);
        sale.exit(1, ALICE);
    }

    function test_exit_reverts_on_nothing_to_nobody_and_unless_settled() external {
        openSale();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Open));
        sale.exit(1, ALICE);
        commit(ALICE, 60 ether);
        closeAndSettle();
        intoExitWindow();
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_ZeroAmount.selector);
        sale.exit(0, ALICE);
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_ZeroAddress.selector);
        sale.exit(1, address(0));
    }

    function test_exitValue_of_more_than_is_out_is_zero() external {
        settleFor150Ether();
        intoExitWindow();
        assertGt(sale.exitValue(5e26), 0, "all of it");
        assertEq(sale.exitValue(5e26 + 1), 0, "more than all");
    }

    // ---------------------------------------------------------------- rounding

    function test_collectRounding_gives_the_publisher_the_last_units_through_the_tranches() external {
        oversubscribeUnevenly();
        assertEq(sale.raised(), 150 ether - 2, "the bound");
        claimAll();
        uint256 accepted = sumOfAccepted();
        assertGt(accepted, sale.raised(), "the parts sum to more than the bound");
        sale.collectRounding();
        assertEq(sale.raised(), accepted, "exact");
        vm.warp(CLOSES + 60 days);
        for (uint256 i = 0; i < 3; ++i) sale.releaseTranche(i);
        assertEq(TREASURY.balance, accepted, "all of it");
        assertEq(address(sale).balance, 0, "nothing is left");
        assertEq(token.balanceOf(address(sale)), 0, "no token is left");
    }

    function test_collectRounding_after_the_last_tranche_pays_directly() external {
        oversubscribeUnevenly();
        vm.warp(CLOSES + 60 days);
        for (uint256 i = 0; i < 3; ++i) sale.releaseTranche(i);
        assertEq(TREASURY.balance, 150 ether - 2, "the bound");
        claimAll();
        sale.collectRounding();
        assertEq(TREASURY.balance, sumOfAccepted(), "all of it");
        assertEq(address(sale).balance, 0, "nothing is left");
        assertEq(sale.unreleased(), 0, "nothing to release");
    }

    function test_collectRounding_announces_what_it_found() external {
        oversubscribeUnevenly();
        claimAll();
        uint256 proceeds = sumOfAccepted() - sale.raised();
        uint256 leftover = token.balanceOf(address(sale));
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.RoundingCollected(proceeds, leftover);
        sale.collectRounding();
    }

    function test_collectRounding_reverts_until_every_buyer_has_claimed() external {
        oversubscribeUnevenly();
        sale.claimTokensFor(ALICE);
        sale.claimTokensFor(BOB);
        vm.expectRevert(
            abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_ClaimsOutstanding.selector, 2, 3)
        );
        sale.collectRounding();
    }

    function test_collectRounding_reverts_when_there_is_nothing() external {
        openSale();
        commit(ALICE, 150 ether);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_ZeroAmount.selector);
        sale.collectRounding();
    }

    function test_collectRounding_reverts_unless_settled() external {
        openSale();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Open));
        sale.collectRounding();
    }

    // ---------------------------------------------------------------- arrangements

    /// Alice 100, Bob 50; both have their tokens and let the sale pull them.
    function settleFor150Ether() private {
        openSale();
        commit(ALICE, 100 ether);
        commit(BOB, 50 ether);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        sale.claimTokensFor(BOB);
        vm.prank(ALICE);
        token.approve(address(sale), type(uint256).max);
    }

    function oversubscribeUnevenly() private {
        openSale();
        commit(ALICE, 100 ether);
        commit(BOB, 50 ether);
        commit(CAROL, 150 ether);
        closeAndSettle();
    }

    function claimAll() private {
        sale.claimTokensFor(ALICE);
        sale.claimTokensFor(BOB);
        sale.claimTokensFor(CAROL);
    }

    function sumOfAccepted() private view returns (uint256) {
        return sale.outcomeOf(ALICE).accepted + sale.outcomeOf(BOB).accepted + sale.outcomeOf(CAROL).accepted;
    }

    function assertWindow(uint256 tranche, uint256 from, uint256 to) private view {
        (uint256 actualTranche, uint256 actualFrom, uint256 actualTo) = sale.exitWindow();
        assertEq(actualTranche, tranche, "tranche");
        assertEq(actualFrom, from, "from");
        assertEq(actualTo, to, "to");
    }
}
