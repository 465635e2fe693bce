// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {TokenTest} from "./TokenTest.sol";

/// Burning redeems a part of the pool, by the whole supply. The last token gone, the rest is the publisher's.
contract RedemptionTest is TokenTest {
    function test_burningRedeemsAPartOfThePoolByTheWholeSupply() public {
        payEth(10 ether);
        payDollars(1_000e6);
        skip(7 days);
        assertEq(token.redeemableOnBurn(3e26), 0.6 ether, "ether");
        assertEq(token.redeemableERC20OnBurn(3e26, address(dollar)), 60e6, "dollars");
        assertEq(token.redeemableERC20OnBurn(3e26, ETH), 0.6 ether, "ether by its address");
        vm.expectEmit(address(token));
        emit IERC20.Transfer(bob, address(0), 3e26);
        vm.expectEmit(address(token));
        emit IModelToken.Redeemed(bob, ETH, bob, 3e26, 0.6 ether);
        vm.expectEmit(address(token));
        emit IModelToken.Redeemed(bob, address(dollar), bob, 3e26, 60e6);
        assertEq(burn(bob, 3e26), 0.6 ether, "paid");
        assertEq(dollar.balanceOf(bob), 60e6, "paid in dollars");
        assertEq(token.totalSupply(), 7e26, "supply");
        assertEq(token.sharingSupply(), 6e26, "sharing supply");
        assertEq(poolOf(ETH), 1.4 ether, "pool");
    }

    function test_burnToPaysAnotherAccount() public {
        payEth(10 ether);
        skip(7 days);
        vm.prank(bob);
        token.burnTo(3e26, carol);
        assertEq(carol.balance, 0.6 ether, "carol");
        assertEq(bob.balance, 0, "not bob");
    }

    function test_anAccountThatDoesNotShareRedeemsToo() public {
        payEth(10 ether);
        skip(7 days);
        assertEq(burn(pool, POOL_HAS), 0.2 ether, "a tenth");
        assertEq(token.sharingSupply(), 9e26, "the sharing supply is as before");
    }

    function test_burningKeepsWhatAccrued() public {
        payEth(10 ether);
        skip(1 days);
        uint256 due = token.accruedRevenue(bob, ETH);
        burn(bob, BOB_HAS);
        assertEq(token.accruedRevenue(bob, ETH), due, "to the wei");
        skip(6 days);
        assertEq(token.accruedRevenue(bob, ETH), due, "and no more");
        assertEq(claimAll(bob), due, "payable");
    }

    function test_burningNothingChangesNothing() public {
        payEth(10 ether);
        skip(1 days);
        assertEq(burn(bob, 0) + burn(carol, 0), 0, "nothing redeemed");
        assertEq(token.totalSupply(), SUPPLY, "supply");
    }

    function testFuzz_burningBeyondTheBalanceReverts(uint256 amount) public {
        amount = bound(amount, BOB_HAS + 1, type(uint256).max);
        vm.prank(bob);
        vm.expectRevert(
            abi.encodeWithSelector(IModelToken.ModelToken_InsufficientBalance.selector, bob, BOB_HAS, amount)
        );
        token.burn(amount);
    }

    function testFuzz_burningFirstOrClaimingFirstPaysTheSame(uint256 amount, uint256 time) public {
        payEth(10 ether);
        skip(bound(time, 0, 8 days));
        amount = bound(amount, 0, ALICE_HAS);
        uint256 state = vm.snapshotState();
        burn(alice, amount);
        claimAll(alice);
        uint256 burnFirst = alice.balance;
        vm.revertToState(state);
        claimAll(alice);
        burn(alice, amount);
        assertEq(alice.balance, burnFirst, "same total");
    }

    function test_whenNoTokenIsLeftTheRestIsThePublishers() public {
        payEth(10 ether);
        payDollars(1_000e6);
        skip(3.5 days);
        assertEq(token.publisherCredit(ETH), 0, "not while a token exists");
        vm.expectRevert(IModelToken.ModelToken_NothingToClaim.selector);
        token.withdrawPublisherCredit(ETH);
        burn(alice, ALICE_HAS);
        burn(bob, BOB_HAS);
        burn(pool, POOL_HAS);
        assertEq(token.redeemableOnBurn(1), 0, "nothing redeems nothing");
        assertClose(token.publisherCredit(ETH), 5 ether, GRAIN, "the unstreamed half");
        claimAll(alice);
        donateEth(1 ether);
        payEth(1 ether);
        uint256 credit = token.publisherCredit(ETH);
        assertClose(credit, 7 ether, GRAIN, "and what came later");
        vm.expectEmit(address(token));
        emit IModelToken.PublisherPaid(ETH, credit);
        token.withdrawPublisherCredit(ETH);
        assertEq(publisher.balance, credit, "paid");
        token.withdrawPublisherCredit(address(dollar));
        assertClose(dollar.balanceOf(publisher), 500e6, 5, "dollars");
        claimAll(bob);
        assertLe(address(token).balance, 10, "nothing is stranded");
        vm.expectRevert(IModelToken.ModelToken_NothingToClaim.selector);
        token.withdrawPublisherCredit(ETH);
    }

    function test_aPublisherThatCannotBePaidLosesNothing() public {
        payEth(10 ether);
        payDollars(10e6);
        burn(alice, ALICE_HAS);
        burn(bob, BOB_HAS);
        burn(pool, POOL_HAS);
        vm.etch(publisher, hex"fe");
        vm.expectRevert(
            abi.encodeWithSelector(IModelToken.ModelToken_PaymentFailed.selector, publisher, token.publisherCredit(ETH))
        );
        token.withdrawPublisherCredit(ETH);
        vm.etch(publisher, "");
        dollar.setBlocked(publisher, true);
        vm.expectRevert(
            abi.encodeWithSelector(
                IModelToken.ModelToken_PaymentFailed.selector,
                publisher,
                token.publisherCredit(address(dollar))
            )
        );
        token.withdrawPublisherCredit(address(dollar));
        dollar.setBlocked(publisher, false);
        token.withdrawPublisherCredit(ETH);
        token.withdrawPublisherCredit(address(dollar));
        assertClose(publisher.balance, 10 ether, 1, "ether");
        assertClose(dollar.balanceOf(publisher), 10e6, 1, "dollars");
    }
}
