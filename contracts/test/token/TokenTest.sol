// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";
import {Test} from "../support/Test.sol";
import {TestERC20} from "../support/TestERC20.sol";

/// A token of 1,000 million whose revenue is open: alice holds 60 %, bob 30 %, a pool that does not share 10 %.
/// Revenue assets are ETH and a 6-decimals dollar; p is 80 %, the period 7 days, snapshots at least a day apart.
abstract contract TokenTest is Test {
    uint256 internal constant SUPPLY = 1e27;
    uint256 internal constant ALICE_HAS = 6e26;
    uint256 internal constant BOB_HAS = 3e26;
    uint256 internal constant POOL_HAS = 1e26;
    address internal constant ETH = address(0);
    /// The grain of an account's accrual: one step of the index times a whole supply of shares, 2^(90 - 48) normal units.
    uint256 internal constant GRAIN = 1 << 42;
    /// 2026-11-20; Hardhat starts a test at 1.
    uint256 internal constant START = 1_795_000_000;

    ModelToken internal token;
    TestERC20 internal dollar;
    address internal sale;
    address internal publisher;
    address internal payer;
    address internal pool;
    address internal alice;
    address internal bob;
    address internal carol;

    function setUp() public virtual {
        vm.warp(START);
        sale = account("sale", 1 ether);
        publisher = account("publisher", 0);
        payer = account("payer", 1e9 ether);
        pool = account("pool", 0);
        alice = account("alice", 0);
        bob = account("bob", 0);
        carol = account("carol", 0);
        dollar = new TestERC20("USD", 6);
        dollar.mint(payer, 1e18);
        token = new ModelToken(config());
        vm.prank(payer);
        dollar.approve(address(token), type(uint256).max);
        distribute();
    }

    function config() internal view virtual returns (IModelToken.Config memory c) {
        c.name = "Model";
        c.symbol = "MDL";
        c.supply = SUPPLY;
        c.claimableBps = 8_000;
        c.streamPeriod = 7 days;
        c.snapshotInterval = 1 days;
        c.distributor = sale;
        c.publisher = publisher;
        c.assets = new address[](1);
        c.assets[0] = address(dollar);
        c.nonSharing = new address[](1);
        c.nonSharing[0] = pool;
    }

    function distribute() internal virtual {
        sell(alice, ALICE_HAS);
        sell(bob, BOB_HAS);
        sell(pool, POOL_HAS);
        open();
    }

    function open() internal {
        vm.prank(sale);
        token.openRevenue(block.timestamp);
    }

    function sell(address to, uint256 amount) internal {
        vm.prank(sale);
        token.transfer(to, amount);
    }

    function move(address from, address to, uint256 amount) internal {
        vm.prank(from);
        token.transfer(to, amount);
    }

    function payEth(uint256 amount) internal {
        vm.prank(payer);
        token.notifyRevenue{value: amount}(ETH, amount);
    }

    function payDollars(uint256 amount) internal {
        vm.prank(payer);
        token.notifyRevenue(address(dollar), amount);
    }

    /// ETH that simply arrives.
    function donateEth(uint256 amount) internal {
        vm.prank(payer);
        (bool ok, ) = address(token).call{value: amount}("");
        assertTrue(ok, "donation arrives");
    }

    function snapshot() internal returns (uint256) {
        return token.snapshot();
    }

    function claimAll(address holder) internal returns (uint256 paid) {
        uint256 before = holder.balance;
        vm.prank(holder);
        token.claimAll(holder);
        return holder.balance - before;
    }

    function claim(address holder, uint256 id) internal returns (uint256 paid) {
        uint256 before = holder.balance;
        vm.prank(holder);
        token.claim(id);
        return holder.balance - before;
    }

    function burn(address holder, uint256 amount) internal returns (uint256 paid) {
        uint256 before = holder.balance;
        vm.prank(holder);
        token.burn(amount);
        return holder.balance - before;
    }

    function rateOf(address asset) internal view returns (uint256 perSecond) {
        (, perSecond, , ) = token.streamOf(asset);
    }

    function unstreamedOf(address asset) internal view returns (uint256 unstreamed) {
        (unstreamed, , , ) = token.streamOf(asset);
    }

    function poolOf(address asset) internal view returns (uint256 redeemable) {
        (, , , redeemable) = token.streamOf(asset);
    }
}
