// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ReenteringERC20} from "../support/ReenteringERC20.sol";
import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {IOfferingFactory} from "../../src/interfaces/IOfferingFactory.sol";
import {IVestingEscrow} from "../../src/interfaces/IVestingEscrow.sol";
import {OfferingFixture} from "./support/OfferingFixture.sol";
import {Wallet} from "./support/Wallet.sol";

/// What audits found in sales of this kind, once each.
contract AttacksTest is OfferingFixture {
    function setUp() external {
        arrange();
    }

    // ---------------------------------------------------------------- taking more than one's own

    function test_over_exit_with_bought_tokens_is_limited_to_the_credit() external {
        settle();
        vm.prank(BOB);
        token.transfer(ALICE, 1e26);
        intoExitWindow();
        uint256 credit = sale.exitCreditOf(ALICE);
        exit(ALICE, credit);
        vm.prank(ALICE);
        token.approve(address(sale), 1);
        expectCredit(0, 1);
        vm.prank(ALICE);
        sale.exit(1, ALICE);
    }

    function test_over_exit_in_many_small_parts_pays_no_more_than_in_one() external {
        settle();
        sale.releaseTranche(0);
        intoExitWindow();
        uint256 whole = sale.exitValue(1e26);
        for (uint256 i = 0; i < 7; ++i) exit(ALICE, uint256(1e26) / 7);
        exit(ALICE, 1e26 - (uint256(1e26) / 7) * 7);
        assertLe(ALICE.balance, whole, "no more");
        assertClose(ALICE.balance, whole, 8, "a wei a part");
    }

    function test_exit_credit_cannot_be_passed_on() external {
        settle();
        uint256 bought = token.balanceOf(ALICE);
        vm.prank(ALICE);
        token.transfer(STRANGER, bought);
        intoExitWindow();
        vm.prank(STRANGER);
        token.approve(address(sale), bought);
        expectCredit(0, bought);
        vm.prank(STRANGER);
        sale.exit(bought, STRANGER);
    }

    function test_tokens_cannot_be_claimed_twice() external {
        settle();
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_NothingToClaim.selector, ALICE));
        sale.claimTokensFor(ALICE);
    }

    function test_a_refund_cannot_be_taken_twice() external {
        openSale();
        commit(ALICE, 300 ether);
        closeAndSettle();
        sale.refundFor(ALICE);
        bytes memory nothing = abi.encodeWithSelector(
            IFixedPriceOffering.FixedPriceOffering_NothingToRefund.selector,
            ALICE
        );
        vm.expectRevert(nothing);
        sale.refundFor(ALICE);
        vm.expectRevert(nothing);
        vm.prank(ALICE);
        sale.refundTo(BOB);
        sale.claimTokensFor(ALICE);
        assertEq(ALICE.balance, 150 ether, "once");
    }

    function test_refund_then_sell_finds_no_tokens_to_sell() external {
        openSale();
        commit(ALICE, 49 ether);
        closeAndSettle();
        sale.refundFor(ALICE);
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Refunding));
        sale.claimTokensFor(ALICE);
        vm.warp(CLOSES + 360 days);
        vm.expectRevert(IVestingEscrow.VestingEscrow_NotStarted.selector);
        escrow.release(TEAM);
        assertEq(token.balanceOf(address(sale)) + token.balanceOf(address(escrow)), 1e27, "nobody has any");
    }

    // ---------------------------------------------------------------- both sides, or neither

    function test_a_success_that_went_stale_sweeps_neither_side() external {
        openSale();
        commit(ALICE, 60 ether);
        vm.warp(CLOSES + 30 days);
        sale.settle();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Refunding));
        sale.releaseTranche(0);
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Refunding));
        sale.collectRounding();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Refunding));
        sale.settle();
        assertEq(registry.tokenOf(familyId), address(0), "no token");
        sale.refundFor(ALICE);
        assertEq(ALICE.balance, 60 ether, "the buyer has everything");
        assertEq(TREASURY.balance, 0, "the publisher nothing");
    }

    function test_a_settled_sale_never_refunds_what_was_accepted() external {
        settle();
        vm.warp(CLOSES + 365 days);
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Settled));
        sale.settle();
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_NothingToRefund.selector, ALICE));
        sale.refundFor(ALICE);
    }

    function test_unsold_tokens_are_burned_not_locked() external {
        openSale();
        commit(ALICE, 60 ether);
        closeAndSettle();
        assertEq(token.balanceOf(address(sale)), 2e26, "only what was sold is left");
        sale.claimTokensFor(ALICE);
        assertEq(token.balanceOf(address(sale)), 0, "nothing");
        assertEq(token.totalSupply(), 7e26, "no supply that nobody can reach");
    }

    function test_money_forced_into_the_sale_changes_no_ones_terms() external {
        openSale();
        commit(ALICE, 49 ether);
        vm.deal(address(sale), 1_000 ether);
        closeAndSettle();
        assertState(IFixedPriceOffering.State.Refunding, "below the soft cap");
        sale.refundFor(ALICE);
        assertEq(ALICE.balance, 49 ether, "exactly");
    }

    function test_revenue_sent_before_settlement_redeems_nothing_to_the_sale() external {
        openSale();
        commit(ALICE, 60 ether);
        vm.deal(address(token), 10 ether);
        closeAndSettle();
        assertEq(address(sale).balance, 60 ether, "burning the unsold tokens paid nothing");
        assertEq(address(token).balance, 10 ether, "it waits for the holders");
    }

    // ---------------------------------------------------------------- keeping others from leaving

    function test_no_deadlock_when_every_buyer_left() external {
        openSale();
        commit(ALICE, 60 ether);
        uncommit(ALICE, 60 ether);
        closeAndSettle();
        assertState(IFixedPriceOffering.State.Refunding, "the family may try again");
    }

    function test_no_deadlock_by_a_walk_that_others_began_wrongly() external {
        openSmallestFirst();
        commit(ALICE, 100 ether);
        commit(BOB, 100 ether);
        commit(CAROL, 100 ether);
        close();
        vm.prank(STRANGER);
        sale.settleAtLevel(1, 2);
        vm.prank(ALICE);
        sale.settleAtLevel(50 ether, 1);
        vm.prank(STRANGER);
        sale.settleAtLevel(50 ether, 2);
        vm.prank(ALICE);
        sale.settleAtLevel(50 ether, 2);
        assertState(IFixedPriceOffering.State.Settled, "Alice settled alone");
    }

    function test_no_deadlock_by_a_long_list_because_the_walk_is_paged() external {
        IOfferingFactory.OfferingParams memory params = openLmSmallestFirst();
        create(params);
        vm.warp(OPENS);
        commit(ALICE, 100 ether);
        commit(BOB, 100 ether);
        // Those who left stay listed and cost a step, no more.
        for (uint256 i = 0; i < 5; ++i) {
            commit(CAROL, 1);
            uncommit(CAROL, 1);
        }
        close();
        for (uint256 i = 0; i < 3; ++i) sale.settleAtLevel(75 ether, 1);
        assertState(IFixedPriceOffering.State.Settled, "settled");
    }

    function test_a_reverting_receiver_still_gets_its_tokens_and_keeps_its_refund() external {
        Wallet wallet = oversubscribeWithWallet();
        wallet.setMood(Wallet.Mood.Refusing);
        sale.claimTokensFor(address(wallet));
        assertEq(token.balanceOf(address(wallet)), 5e26, "tokens");
        assertEq(sale.refundOwedTo(address(wallet)), 150 ether, "owed");
        vm.expectRevert(
            abi.encodeWithSelector(
                IFixedPriceOffering.FixedPriceOffering_PaymentFailed.selector,
                address(wallet),
                150 ether
            )
        );
        sale.refundFor(address(wallet));
        wallet.act(address(sale), 0, abi.encodeCall(IFixedPriceOffering.refundTo, (CAROL)));
        assertEq(CAROL.balance, 150 ether, "paid elsewhere");
    }

    function test_a_receiver_that_burns_gas_cannot_burn_that_of_whoever_claims_for_it() external {
        Wallet wallet = oversubscribeWithWallet();
        wallet.setMood(Wallet.Mood.BurningGas);
        uint256 before = gasleft();
        sale.claimTokensFor{gas: 2_000_000}(address(wallet));
        assertLt(before - gasleft(), 300_000, "the gas for its payment is capped");
        assertEq(token.balanceOf(address(wallet)), 5e26, "tokens");
        assertEq(sale.refundOwedTo(address(wallet)), 150 ether, "owed");
    }

    function test_a_reverting_funds_recipient_hurts_only_itself() external {
        Wallet treasury = new Wallet();
        treasury.setMood(Wallet.Mood.Refusing);
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.fundsRecipient = address(treasury);
        create(params);
        vm.warp(OPENS);
        commit(ALICE, 150 ether);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(
                IFixedPriceOffering.FixedPriceOffering_PaymentFailed.selector,
                address(treasury),
                75 ether
            )
        );
        sale.releaseTranche(0);
        intoExitWindow();
        exit(ALICE, 1e26);
        assertEq(ALICE.balance, 30 ether, "exits go on, from what it did not take");
        treasury.setMood(Wallet.Mood.Accepting);
        sale.releaseTranche(0);
        assertEq(address(treasury).balance, 60 ether, "and it can still take its part");
    }

    // ---------------------------------------------------------------- allow-list

    function test_an_allow_list_entry_is_good_for_one_sale() external {
        openSmallestFirst();
        bytes32[] memory proof = listProof(address(sale), ALICE, 100 ether);
        bytes32 root = sale.terms().allowListRoot;
        closeAndSettle();
        // The next sale of the same family reuses the root: the old entries do not fit it.
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.allowListRoot = root;
        (params.sale.opensAt, params.sale.closesAt) = (CLOSES, CLOSES + 7 days);
        create(params);
        expectNotAllowed(proof);
    }

    function test_an_allow_list_entry_is_good_for_one_chain() external {
        openSmallestFirst();
        bytes32[] memory proof = listProof(address(sale), ALICE, 100 ether);
        vm.chainId(block.chainid + 1);
        expectNotAllowed(proof);
    }

    function test_an_inner_node_of_the_list_is_no_entry() external {
        openSmallestFirst();
        bytes32[] memory proof = listProof(address(sale), CAROL, 100 ether);
        bytes32[] memory shortened = new bytes32[](0);
        assertEq(proof.length, 1, "Carol stands alone above the pair");
        expectNotAllowed(shortened);
        expectNotAllowed(proof);
    }

    // ---------------------------------------------------------------- hooks

    function test_a_receiver_of_a_refund_cannot_reenter() external {
        Wallet wallet = oversubscribeWithWallet();
        wallet.callOnReceipt(address(sale), abi.encodeCall(IFixedPriceOffering.refundFor, (address(wallet))));
        sale.refundFor(address(wallet));
        assertRefused(wallet);
        assertEq(address(wallet).balance, 150 ether, "once");
        vm.expectRevert();
        sale.refundFor(address(wallet));
    }

    function test_a_receiver_of_an_uncommitment_cannot_reenter() external {
        openSale();
        commit(BOB, 10 ether);
        Wallet wallet = new Wallet();
        commit(address(wallet), 20 ether);
        bytes memory again = abi.encodeCall(IFixedPriceOffering.uncommit, (10 ether, address(wallet)));
        wallet.callOnReceipt(address(sale), again);
        wallet.act(address(sale), 0, again);
        assertRefused(wallet);
        assertEq(address(wallet).balance, 10 ether, "once");
    }

    function test_a_receiver_of_a_refund_with_its_tokens_cannot_reenter() external {
        Wallet wallet = oversubscribeWithWallet();
        wallet.callOnReceipt(address(sale), abi.encodeCall(IFixedPriceOffering.claimTokensFor, (address(wallet))));
        sale.claimTokensFor(address(wallet));
        assertRefused(wallet);
        assertEq(token.balanceOf(address(wallet)), 5e26, "once");
    }

    function test_a_receiver_of_an_exit_cannot_reenter() external {
        Wallet wallet = oversubscribeWithWallet();
        sale.claimTokensFor(address(wallet));
        intoExitWindow();
        wallet.act(address(token), 0, abi.encodeCall(token.approve, (address(sale), 5e26)));
        bytes memory leave = abi.encodeCall(IFixedPriceOffering.exit, (1e26, address(wallet)));
        wallet.callOnReceipt(address(sale), leave);
        wallet.act(address(sale), 0, leave);
        assertRefused(wallet);
        assertEq(sale.tokensExited(), 1e26, "once");
    }

    function test_a_receiver_of_a_tranche_cannot_reenter() external {
        Wallet treasury = new Wallet();
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.fundsRecipient = address(treasury);
        create(params);
        vm.warp(OPENS);
        commit(ALICE, 150 ether);
        closeAndSettle();
        treasury.callOnReceipt(address(sale), abi.encodeCall(IFixedPriceOffering.releaseTranche, (0)));
        sale.releaseTranche(0);
        assertRefused(treasury);
        assertEq(address(treasury).balance, 75 ether, "once");
    }

    function test_a_currency_with_hooks_cannot_reenter_a_commitment() external {
        ReenteringERC20 currency = new ReenteringERC20();
        openSaleIn(address(currency));
        currency.arm(address(sale), abi.encodeCall(IFixedPriceOffering.commit, (1, 0, new bytes32[](0))));
        commit(ALICE, 10e6);
        assertTrue(currency.called(), "it tried");
        assertFalse(currency.callSucceeded(), "and was refused");
        assertEq(sale.totalCommitted(), 10e6, "counted once");
    }

    function test_a_currency_with_hooks_cannot_pose_a_gift_as_a_commitment() external {
        ReenteringERC20 currency = new ReenteringERC20();
        openSaleIn(address(currency));
        currency.mint(ALICE, 10e6);
        vm.prank(ALICE);
        currency.approve(address(sale), 10e6);
        currency.arm(address(currency), abi.encodeCall(ReenteringERC20.mint, (address(sale), 5e6)));
        vm.expectRevert(
            abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_ShortTransfer.selector, 10e6, 15e6)
        );
        vm.prank(ALICE);
        sale.commit(10e6, 0, new bytes32[](0));
    }

    function test_a_currency_with_hooks_cannot_reenter_the_factory() external {
        ReenteringERC20 currency = new ReenteringERC20();
        approveProbe(address(currency));
        currency.arm(address(factory), abi.encodeCall(IOfferingFactory.create, (openLm())));
        create(openLmIn(address(currency)));
        assertTrue(currency.called(), "it tried");
        assertEq(
            currency.callReturned(),
            abi.encodePacked(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "and was refused"
        );
    }

    // ---------------------------------------------------------------- arrangements

    /// Alice 100, Bob 50, both with their tokens.
    function settle() private {
        openSale();
        commit(ALICE, 100 ether);
        commit(BOB, 50 ether);
        closeAndSettle();
        sale.claimTokensFor(ALICE);
        sale.claimTokensFor(BOB);
    }

    /// A wallet that committed twice the cap: 150 ether go back to it.
    function oversubscribeWithWallet() private returns (Wallet wallet) {
        wallet = new Wallet();
        openSale();
        commit(address(wallet), 300 ether);
        closeAndSettle();
    }

    function assertRefused(Wallet wallet) private view {
        assertTrue(wallet.called(), "it tried");
        assertFalse(wallet.callSucceeded(), "and was refused");
    }

    function expectCredit(uint256 credit, uint256 asked) private {
        vm.expectRevert(
            abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_ExitCreditExceeded.selector, credit, asked)
        );
    }

    function expectNotAllowed(bytes32[] memory proof) private {
        vm.deal(ALICE, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_NotAllowed.selector, ALICE));
        vm.prank(ALICE);
        sale.commit{value: 1 ether}(1 ether, 100 ether, proof);
    }
}
