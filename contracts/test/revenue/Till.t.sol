// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {ReenteringERC20} from "../support/ReenteringERC20.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IRevenueRouter} from "../../src/interfaces/IRevenueRouter.sol";
import {ITill} from "../../src/interfaces/ITill.sol";
import {Till} from "../../src/revenue/Till.sol";
import {RouterFixture} from "./RouterFixture.sol";

contract TillTest is RouterFixture {
    Till private till;
    ReenteringERC20 private reentering;

    function setUp() public override {
        reentering = new ReenteringERC20();
        super.setUp();
        till = new Till(router, base);
    }

    function acceptedErc20s() internal view override returns (address[] memory) {
        return two(address(usdc), address(reentering));
    }

    function assertSplit(address asset, uint256 amount) private view {
        assertEq(router.creditOf(GINA, asset), amount / 10, "publisher");
        assertEq(router.creditOf(TREASURY, asset), amount / 50, "protocol");
        assertEq(router.holdersPending(base, asset), amount - amount / 10 - amount / 50, "holders");
    }

    function test_it_takes_ETH_on_2300_gas_and_anyone_empties_it_into_the_waterfall() public {
        // What `transfer` and `send` of old contracts pass on.
        (bool sent, ) = address(till).call{value: 1 ether, gas: 2_300}("");
        assertTrue(sent, "sent");
        vm.expectEmit(address(till));
        emit ITill.Emptied(ETH, 1 ether);
        vm.prank(BOB);
        assertEq(till.empty(ETH), 1 ether, "amount");
        assertEq(address(till).balance, 0, "empty");
        assertSplit(ETH, 1 ether);
    }

    function test_it_takes_ERC20s_of_the_family() public {
        usdc.mint(address(till), 1_000e6);
        assertEq(till.empty(address(usdc)), 1_000e6, "amount");
        assertSplit(address(usdc), 1_000e6);
    }

    function test_an_empty_till_has_nothing_to_give() public {
        vm.expectRevert(abi.encodeWithSelector(ITill.Till_Empty.selector, ETH));
        till.empty(ETH);
        vm.expectRevert(abi.encodeWithSelector(ITill.Till_Empty.selector, address(usdc)));
        till.empty(address(usdc));
    }

    function test_an_ERC20_that_the_family_does_not_accept_stays() public {
        TestERC20 other = new TestERC20("OTHER", 18);
        other.mint(address(till), 1);
        bytes4 refusal = IRevenueRouter.RevenueRouter_AssetNotAccepted.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, base, address(other)));
        till.empty(address(other));
        assertEq(other.balanceOf(address(till)), 1, "stays");
    }

    function test_an_ERC20_that_reenters_empties_it_once() public {
        reentering.mint(address(till), 5 ether);
        reentering.arm(address(till), abi.encodeCall(till.empty, (ETH)));
        vm.deal(address(till), 1 ether);
        till.empty(address(reentering));
        assertTrue(reentering.called(), "it came back");
        assertFalse(reentering.callSucceeded(), "and the router was shut");
        assertSplit(address(reentering), 5 ether);
        assertEq(address(till).balance, 1 ether, "ETH is still here");
    }

    function testFuzz_nothing_is_lost(uint96 amount) public {
        vm.assume(amount > 0);
        vm.deal(address(till), amount);
        till.empty(ETH);
        assertEq(address(router).balance, amount, "router");
        assertEq(
            router.creditOf(GINA, ETH) + router.creditOf(TREASURY, ETH) + router.holdersPending(base, ETH),
            amount,
            "parts"
        );
    }

    function test_it_is_of_a_router_and_a_family_that_exist() public {
        vm.expectRevert(ITill.Till_ZeroAddress.selector);
        new Till(IRevenueRouter(address(0)), base);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchFamily.selector, 99));
        new Till(router, 99);
    }
}
