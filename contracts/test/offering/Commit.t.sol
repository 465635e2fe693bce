// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {IOfferingFactory} from "../../src/interfaces/IOfferingFactory.sol";
import {OfferingFixture} from "./support/OfferingFixture.sol";

/// Money that comes and goes until the sale closes.
contract CommitTest is OfferingFixture {
    function setUp() external {
        arrange();
    }

    bytes32[] private none;

    // ---------------------------------------------------------------- commit

    function test_commit_keeps_the_money_and_counts_it() external {
        openSale();
        commit(ALICE, 3 ether);
        commit(BOB, 2 ether);
        commit(ALICE, 1 ether);
        assertEq(sale.commitmentOf(ALICE), 4 ether, "Alice");
        assertEq(sale.totalCommitted(), 6 ether, "total");
        assertEq(address(sale).balance, 6 ether, "held");
        assertEq(sale.buyerCount(), 2, "buyers");
        assertEq(sale.buyerAt(0), ALICE, "first");
        assertEq(sale.buyerAt(1), BOB, "second");
    }

    function test_commit_announces_the_amount_and_the_new_commitment() external {
        openSale();
        commit(ALICE, 3 ether);
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.Committed(ALICE, 1 ether, 4 ether);
        commit(ALICE, 1 ether);
    }

    function test_commit_in_an_erc20_pulls_exactly_the_amount() external {
        openSaleIn(address(usdc));
        commit(ALICE, 5e6);
        assertEq(usdc.balanceOf(address(sale)), 5e6, "held");
        assertEq(sale.commitmentOf(ALICE), 5e6, "counted");
    }

    function test_commit_reverts_before_the_opening_and_from_the_close_on() external {
        create(openLm());
        vm.deal(ALICE, 1 ether);
        vm.warp(OPENS - 1);
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Scheduled));
        vm.prank(ALICE);
        sale.commit{value: 1}(1, 0, none);
        vm.warp(CLOSES);
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Closed));
        vm.prank(ALICE);
        sale.commit{value: 1}(1, 0, none);
        vm.warp(CLOSES - 1);
        commit(ALICE, 1);
    }

    function test_commit_reverts_on_nothing() external {
        openSale();
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_ZeroAmount.selector);
        sale.commit(0, 0, none);
    }

    function test_commit_reverts_on_value_that_is_not_the_amount() external {
        openSale();
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_WrongValue.selector, 1, 2));
        sale.commit{value: 1}(2, 0, none);
    }

    function test_commit_reverts_on_value_sent_to_a_sale_in_an_erc20() external {
        openSaleIn(address(usdc));
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_WrongValue.selector, 1, 0));
        sale.commit{value: 1}(1, 0, none);
    }

    function test_commit_reverts_on_more_than_can_be_counted() external {
        openSaleIn(address(usdc));
        uint256 most = type(uint128).max;
        commit(ALICE, most);
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_AmountTooLarge.selector, 1));
        sale.commit(1, 0, none);
    }

    // ---------------------------------------------------------------- caps and the allow-list

    function test_commit_reverts_over_the_wallet_cap() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.walletCap = 10 ether;
        create(params);
        vm.warp(OPENS);
        commit(ALICE, 10 ether);
        vm.deal(ALICE, 1);
        vm.expectRevert(overCap(10 ether + 1, 10 ether));
        vm.prank(ALICE);
        sale.commit{value: 1}(1, 0, none);
        uncommit(ALICE, 1);
        commit(ALICE, 1);
    }

    function test_commit_takes_those_on_the_list_up_to_their_cap() external {
        openSmallestFirst();
        commit(ALICE, 60 ether);
        commit(ALICE, 40 ether);
        bytes32[] memory proof = listProof(address(sale), ALICE, 100 ether);
        vm.deal(ALICE, 1);
        vm.expectRevert(overCap(100 ether + 1, 100 ether));
        vm.prank(ALICE);
        sale.commit{value: 1}(1, 100 ether, proof);
    }

    function test_commit_holds_both_caps() external {
        IOfferingFactory.OfferingParams memory params = openLmSmallestFirst();
        params.sale.walletCap = 10 ether;
        create(params);
        vm.warp(OPENS);
        bytes32[] memory proof = listProof(address(sale), ALICE, 100 ether);
        vm.deal(ALICE, 11 ether);
        vm.expectRevert(overCap(11 ether, 10 ether));
        vm.prank(ALICE);
        sale.commit{value: 11 ether}(11 ether, 100 ether, proof);
    }

    function test_commit_reverts_for_those_not_on_the_list() external {
        openSmallestFirst();
        bytes32[] memory proof = listProof(address(sale), ALICE, 100 ether);
        expectNotAllowed(STRANGER, 100 ether, proof);
        expectNotAllowed(ALICE, 100 ether, none);
    }

    function test_commit_reverts_with_another_cap_than_the_listed_one() external {
        openSmallestFirst();
        expectNotAllowed(ALICE, 101 ether, listProof(address(sale), ALICE, 100 ether));
    }

    function test_allowListLeaf_is_hashed_twice_over_chain_sale_account_and_cap() external {
        create(openLm());
        bytes32 once = keccak256(abi.encode(block.chainid, address(sale), ALICE, uint256(7)));
        assertEq(sale.allowListLeaf(ALICE, 7), keccak256(bytes.concat(once)), "leaf");
    }

    // ---------------------------------------------------------------- uncommit

    function test_uncommit_pays_back_exactly() external {
        openSale();
        commit(ALICE, 3 ether);
        commit(BOB, 2 ether);
        vm.expectEmit(address(sale));
        emit IFixedPriceOffering.Uncommitted(ALICE, 1 ether, 2 ether);
        uncommit(ALICE, 1 ether);
        assertEq(ALICE.balance, 1 ether, "paid");
        assertEq(sale.commitmentOf(ALICE), 2 ether, "left");
        assertEq(sale.totalCommitted(), 4 ether, "total");
    }

    function test_uncommit_pays_whom_the_buyer_names() external {
        openSale();
        commit(ALICE, 1 ether);
        vm.prank(ALICE);
        sale.uncommit(1 ether, CAROL);
        assertEq(CAROL.balance, 1 ether, "Carol");
    }

    function test_uncommit_in_an_erc20_pays_back_exactly() external {
        openSaleIn(address(usdc));
        commit(ALICE, 3e6);
        uncommit(ALICE, 2e6);
        assertEq(usdc.balanceOf(ALICE), 2e6, "paid");
        assertEq(sale.commitmentOf(ALICE), 1e6, "left");
    }

    function test_uncommit_everything_keeps_the_buyer_listed_once() external {
        openSale();
        commit(ALICE, 1 ether);
        uncommit(ALICE, 1 ether);
        commit(ALICE, 2 ether);
        assertEq(sale.buyerCount(), 1, "listed once");
        assertEq(sale.commitmentOf(ALICE), 2 ether, "back in");
    }

    function test_uncommit_reverts_from_the_cutoff_on() external {
        openSale();
        commit(ALICE, 2 ether);
        vm.warp(CUTOFF - 1);
        uncommit(ALICE, 1 ether);
        vm.warp(CUTOFF);
        vm.expectRevert(
            abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_TooLateToUncommit.selector, CUTOFF)
        );
        uncommit(ALICE, 1 ether);
    }

    function test_uncommit_reverts_outside_the_sale() external {
        create(openLm());
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Scheduled));
        uncommit(ALICE, 1);
        close();
        vm.expectRevert(wrongState(IFixedPriceOffering.State.Closed));
        uncommit(ALICE, 1);
    }

    function test_uncommit_reverts_on_more_than_was_committed() external {
        openSale();
        commit(ALICE, 2 ether);
        commit(BOB, 2 ether);
        vm.expectRevert(
            abi.encodeWithSelector(
                IFixedPriceOffering.FixedPriceOffering_InsufficientCommitment.selector,
                2 ether,
                2 ether + 1
            )
        );
        uncommit(ALICE, 2 ether + 1);
    }

    function test_uncommit_reverts_on_nothing_and_to_nobody() external {
        openSale();
        commit(ALICE, 2 ether);
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_ZeroAmount.selector);
        uncommit(ALICE, 0);
        vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_ZeroAddress.selector);
        vm.prank(ALICE);
        sale.uncommit(1, address(0));
    }

    // ---------------------------------------------------------------- what settling now would give

    function test_outcomeOf_shows_what_settling_now_would_give() external {
        openSale();
        commit(ALICE, 30 ether);
        IFixedPriceOffering.Outcome memory outcome = sale.outcomeOf(ALICE);
        assertEq(outcome.refund, 30 ether, "below the soft cap: a refund");
        commit(BOB, 30 ether);
        outcome = sale.outcomeOf(ALICE);
        assertEq(outcome.accepted, 30 ether, "between the caps: all accepted");
        assertEq(outcome.tokens, 1e26, "at the price");
        commit(BOB, 240 ether);
        outcome = sale.outcomeOf(ALICE);
        assertEq(outcome.committed, 30 ether, "committed");
        assertEq(outcome.accepted, 15 ether, "over the hard cap: half accepted");
        assertEq(outcome.refund, 15 ether, "half back");
        assertEq(outcome.tokens, 5e25, "half the tokens");
    }

    function test_outcomeOf_is_unknown_while_a_level_is_needed() external {
        openSmallestFirst();
        commit(ALICE, 100 ether);
        commit(BOB, 100 ether);
        IFixedPriceOffering.Outcome memory outcome = sale.outcomeOf(ALICE);
        assertEq(outcome.committed, 100 ether, "committed");
        assertEq(outcome.accepted + outcome.refund + outcome.tokens, 0, "unknown");
    }

    function test_nothing_is_claimable_or_owed_before_settlement() external {
        openSale();
        commit(ALICE, 60 ether);
        assertEq(sale.claimableTokensOf(ALICE), 0, "tokens");
        assertEq(sale.refundOwedTo(ALICE), 0, "refund");
        assertEq(sale.exitCreditOf(ALICE), 0, "credit");
        assertEq(sale.exitValue(1), 0, "exit");
        (uint256 tranche, uint256 from, uint256 to) = sale.exitWindow();
        assertEq(tranche, 3, "no tranche");
        assertEq(from + to, 0, "no window");
    }

    function overCap(uint256 total, uint256 cap) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_OverWalletCap.selector, total, cap);
    }

    function expectNotAllowed(address buyer, uint256 cap, bytes32[] memory proof) private {
        vm.deal(buyer, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_NotAllowed.selector, buyer));
        vm.prank(buyer);
        sale.commit{value: 1 ether}(1 ether, cap, proof);
    }
}
