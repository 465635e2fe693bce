// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {FeeERC20} from "../support/FeeERC20.sol";
import {NoReturnERC20} from "../support/NoReturnERC20.sol";
import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {OfferingFixture} from "./support/OfferingFixture.sol";
import {RebasingERC20} from "./support/RebasingERC20.sol";

/// ERC-20s that misbehave after the probe at creation found nothing.
contract CurrenciesTest is OfferingFixture {
    function setUp() external {
        arrange();
    }

    // ---------------------------------------------------------------- silent, as USDT

    function test_a_currency_that_returns_nothing_works_throughout() external {
        NoReturnERC20 currency = new NoReturnERC20();
        openSaleIn(address(currency));
        commit(ALICE, 300_000e6);
        uncommit(ALICE, 1e6);
        commit(ALICE, 1e6);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        sale.releaseTranche(0);
        intoExitWindow();
        exit(ALICE, 1e26);
        assertEq(currency.balanceOf(TREASURY), 75_000e6, "half of the proceeds");
        assertEq(currency.balanceOf(ALICE), 150_000e6 + 1e6 - 1e6 + 1e6 + 15_000e6, "refund, uncommitment and exit");
    }

    // ---------------------------------------------------------------- fees that begin later

    function test_a_fee_that_begins_during_the_sale_stops_commitments_not_refunds() external {
        FeeERC20 currency = new FeeERC20(0);
        openSaleIn(address(currency));
        commit(ALICE, 100e6);
        currency.setFee(100);
        currency.mint(BOB, 100e6);
        vm.prank(BOB);
        currency.approve(address(sale), 100e6);
        vm.expectRevert(
            abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_ShortTransfer.selector, 100e6, 99e6)
        );
        vm.prank(BOB);
        sale.commit(100e6, 0, new bytes32[](0));
        closeAndSettle();
        sale.refundFor(ALICE);
        assertEq(currency.balanceOf(ALICE), 99e6, "all of it left the sale; the token kept its fee");
        assertEq(currency.balanceOf(address(sale)), 0, "nothing stays");
    }

    // ---------------------------------------------------------------- an issuer's block list

    function test_a_blocked_buyer_still_gets_tokens_and_names_another_receiver() external {
        openSaleIn(address(usdc));
        commit(ALICE, 300_000e6);
        closeAndSettle();
        usdc.setBlocked(ALICE, true);
        sale.claimTokensFor(ALICE);
        assertEq(token.balanceOf(ALICE), 5e26, "tokens");
        vm.expectRevert(
            abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_PaymentFailed.selector, ALICE, 150_000e6)
        );
        sale.refundFor(ALICE);
        vm.prank(ALICE);
        sale.refundTo(BOB);
        assertEq(usdc.balanceOf(BOB), 150_000e6, "refund");
    }

    function test_a_blocked_sale_still_hands_out_tokens() external {
        openSaleIn(address(usdc));
        commit(ALICE, 300_000e6);
        close();
        usdc.setBlocked(address(sale), true);
        sale.settle();
        sale.claimTokensFor(ALICE);
        assertEq(token.balanceOf(ALICE), 5e26, "tokens");
        assertEq(sale.refundOwedTo(ALICE), 150_000e6, "owed");
        usdc.setBlocked(address(sale), false);
        sale.refundFor(ALICE);
        assertEq(usdc.balanceOf(ALICE), 150_000e6, "paid once it moves again");
    }

    // ---------------------------------------------------------------- rebasing

    /// The sale cannot hand out money that is not there. It can refuse to call that a success, and treat everyone alike.
    function test_a_shortfall_at_settlement_refunds_everybody_the_same_fraction() external {
        RebasingERC20 currency = commitRebasing();
        close();
        currency.rebase(9_000);
        sale.settle();
        assertState(IFixedPriceOffering.State.Refunding, "not a success");
        sale.refundFor(ALICE);
        sale.refundFor(BOB);
        sale.refundFor(CAROL);
        assertClose(currency.balanceOf(ALICE), 36_000e6, 2, "nine tenths");
        assertClose(currency.balanceOf(BOB), 36_000e6, 2, "the first gained nothing over the second");
        assertClose(currency.balanceOf(CAROL), 18_000e6, 2, "nor over the last");
        assertLe(currency.balanceOf(address(sale)), 3, "nothing stays");
    }

    function test_a_shortfall_that_grows_between_refunds_still_strands_nobody() external {
        RebasingERC20 currency = commitRebasing();
        close();
        currency.rebase(9_000);
        sale.settle();
        sale.refundFor(ALICE);
        currency.rebase(5_000);
        sale.refundFor(BOB);
        sale.refundFor(CAROL);
        assertClose(currency.balanceOf(BOB), 18_000e6, 2, "half of nine tenths");
        assertClose(currency.balanceOf(CAROL), 9_000e6, 2, "half of nine tenths");
    }

    function test_a_shortfall_during_the_sale_gives_those_who_run_no_advantage() external {
        RebasingERC20 currency = commitRebasing();
        currency.rebase(9_000);
        uncommit(ALICE, 40_000e6);
        assertClose(currency.balanceOf(ALICE), 36_000e6, 2, "nine tenths");
        closeAndSettle();
        sale.refundFor(BOB);
        assertClose(currency.balanceOf(BOB), 36_000e6, 2, "nine tenths");
    }

    function test_a_shortfall_also_ends_a_smallest_first_sale_without_a_level() external {
        RebasingERC20 currency = new RebasingERC20();
        approveProbe(address(currency));
        create(smallestFirstIn(address(currency)));
        vm.warp(OPENS);
        commit(ALICE, 100_000e6);
        commit(BOB, 100_000e6);
        close();
        sale.settleAtLevel(75_000e6, 1);
        currency.rebase(9_000);
        uint256 before = vm.snapshotState();
        sale.settle();
        assertState(IFixedPriceOffering.State.Refunding, "refunding");
        vm.revertToState(before);
        sale.settleAtLevel(75_000e6, 1);
        assertState(IFixedPriceOffering.State.Refunding, "refunding, by the end of the walk too");
    }

    function test_a_refund_of_nothing_stays_owed() external {
        RebasingERC20 currency = commitRebasing();
        close();
        currency.rebase(0);
        sale.settle();
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_NothingToRefund.selector, ALICE));
        sale.refundFor(ALICE);
        assertEq(sale.refundOwedTo(ALICE), 40_000e6, "owed");
    }

    function test_a_surplus_changes_nothing() external {
        RebasingERC20 currency = commitRebasing();
        currency.rebase(20_000);
        closeAndSettle();
        assertState(IFixedPriceOffering.State.Settled, "settled");
        assertEq(sale.raised(), 100_000e6, "raised what was committed");
    }

    /// Alice 40,000, Bob 40,000, Carol 20,000.
    function commitRebasing() private returns (RebasingERC20 currency) {
        currency = new RebasingERC20();
        openSaleIn(address(currency));
        commit(ALICE, 40_000e6);
        commit(BOB, 40_000e6);
        commit(CAROL, 20_000e6);
    }
}
