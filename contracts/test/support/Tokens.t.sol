// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "./Test.sol";
import {TestERC20} from "./TestERC20.sol";
import {FeeERC20} from "./FeeERC20.sol";
import {NoReturnERC20} from "./NoReturnERC20.sol";
import {ReenteringERC20} from "./ReenteringERC20.sol";

/// The test tokens misbehave exactly as announced.
contract TokensTest is Test {
    address internal bob = vm.addr(2);

    function test_TestERC20_hasItsDecimals_andItsBlockListStopsTransfers() public {
        TestERC20 token = new TestERC20("USDC", 6);
        token.mint(address(this), 5);
        assertEq(token.decimals(), 6, "decimals");
        token.setBlocked(bob, true);
        vm.expectRevert(abi.encodeWithSelector(TestERC20.Blocked.selector, bob));
        token.transfer(bob, 1);
        token.setBlocked(bob, false);
        assertTrue(token.transfer(bob, 1), "transfer");
        assertEq(token.balanceOf(bob), 1, "received");
    }

    function test_FeeERC20_burnsItsFee() public {
        FeeERC20 token = new FeeERC20(100);
        token.mint(address(this), 1_000);
        assertTrue(token.transfer(bob, 1_000), "transfer");
        assertEq(token.balanceOf(bob), 990, "received");
        assertEq(token.totalSupply(), 990, "supply");
    }

    function test_NoReturnERC20_returnsNothing_andRefusesToChangeAnAllowance() public {
        NoReturnERC20 token = new NoReturnERC20();
        token.mint(address(this), 5);
        (bool ok, bytes memory returned) = address(token).call(abi.encodeCall(token.transfer, (bob, 2)));
        assertTrue(ok && returned.length == 0, "no return data");
        assertEq(token.balanceOf(bob), 2, "received");
        token.approve(bob, 1);
        vm.expectRevert(abi.encodeWithSelector(NoReturnERC20.AllowanceNotZero.selector, 1));
        token.approve(bob, 2);
    }

    function test_ReenteringERC20_callsOnceInsideATransfer() public {
        ReenteringERC20 token = new ReenteringERC20();
        token.mint(address(this), 5);
        token.arm(address(token), abi.encodeCall(token.mint, (bob, 7)));
        assertTrue(token.transfer(bob, 1) && token.transfer(bob, 1), "transfers");
        assertTrue(token.called() && token.callSucceeded(), "called");
        assertEq(token.balanceOf(bob), 9, "minted once");
    }
}
