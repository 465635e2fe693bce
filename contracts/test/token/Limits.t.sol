// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";
import {StreamLib} from "../../src/token/libraries/Stream.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {TokenTest} from "./TokenTest.sol";

/// The ends of every range a token can be created with.
contract LimitsTest is TokenTest {
    /// `_streams[0]` of RevenueBooks.
    bytes32 internal constant ETH_STREAM_SLOT = bytes32(uint256(1));

    function _create(IModelToken.Config memory c) private {
        token = new ModelToken(c);
        for (uint256 i; i < c.assets.length; ++i) {
            vm.prank(payer);
            TestERC20(c.assets[i]).approve(address(token), type(uint256).max);
        }
    }

    function testFuzz_anySupplyHasTheSameRoomAndGrain(uint256 supply, uint256 amount) public {
        IModelToken.Config memory c = config();
        c.supply = bound(supply, 1, token.MAX_SUPPLY());
        amount = bound(amount, 1, 1e27);
        vm.deal(payer, amount);
        _create(c);
        sell(alice, c.supply);
        open();
        payEth(amount);
        skip(7 days);
        uint256 accrued = token.accruedRevenue(alice, ETH);
        assertLe(accrued, (amount * 8) / 10, "never more");
        assertClose(accrued, (amount * 8) / 10, GRAIN, "one grain at most below");
        uint256 redeemable = token.redeemableOnBurn(c.supply);
        assertEq(redeemable, amount - (amount * 8) / 10, "the pool to the wei");
        assertEq(claimAll(alice) + burn(alice, c.supply), accrued + redeemable, "paid");
        if (token.publisherCredit(ETH) != 0) token.withdrawPublisherCredit(ETH);
        assertLe(address(token).balance, 5, "nothing is stranded");
    }

    function testFuzz_anyShareOfTheHoldersSumsWithThePoolToTheWhole(uint256 bps, uint256 amount) public {
        IModelToken.Config memory c = config();
        c.claimableBps = uint16(bound(bps, 0, 10_000));
        amount = bound(amount, 1, 1e6 ether);
        _create(c);
        sell(alice, SUPPLY);
        open();
        payEth(amount);
        skip(3 days);
        payEth(amount);
        skip(7 days);
        uint256 toHolders = 2 * ((amount * c.claimableBps) / 10_000);
        assertClose(token.accruedRevenue(alice, ETH), toHolders, GRAIN, "holders");
        assertEq(poolOf(ETH), 2 * amount - toHolders, "pool");
    }

    function testFuzz_anyPeriodStreamsInItsTime(uint256 period) public {
        IModelToken.Config memory c = config();
        period = bound(period, 1, StreamLib.SECONDS);
        c.streamPeriod = uint32(period);
        _create(c);
        sell(alice, SUPPLY);
        open();
        payEth(100 ether);
        skip(period / 2);
        assertClose(token.accruedRevenue(alice, ETH), (80 ether * (period / 2)) / period, GRAIN, "half");
        skip(period);
        assertClose(token.accruedRevenue(alice, ETH), 80 ether, GRAIN, "all");
        assertEq(poolOf(ETH), 20 ether, "pool");
    }

    function test_fourErc20sOfAnyDecimalsStreamBesideEther() public {
        IModelToken.Config memory c = config();
        uint8[4] memory decimals = [0, 6, 8, 18];
        c.assets = new address[](4);
        for (uint256 i; i < 4; ++i) {
            TestERC20 asset = new TestERC20("REV", decimals[i]);
            asset.mint(payer, 1e30);
            c.assets[i] = address(asset);
        }
        _create(c);
        sell(alice, ALICE_HAS);
        sell(bob, SUPPLY - ALICE_HAS);
        open();
        assertEq(token.revenueAssets().length, 5, "five in all");
        payEth(10 ether);
        for (uint256 i; i < 4; ++i) {
            vm.prank(payer);
            token.notifyRevenue(c.assets[i], 1000 * 10 ** decimals[i]);
        }
        skip(3 days);
        move(alice, bob, 1e26);
        move(bob, alice, 1e26);
        skip(4 days);
        claimAll(alice);
        claimAll(bob);
        for (uint256 i; i < 4; ++i) {
            TestERC20 asset = TestERC20(c.assets[i]);
            uint256 unit = 10 ** decimals[i];
            uint256 both = asset.balanceOf(alice) + asset.balanceOf(bob);
            assertLe(both, 800 * unit, "never more");
            assertClose(both, 800 * unit, 2 + unit / 100_000, "the holders' part");
            assertEq(poolOf(address(asset)), 200 * unit, "the pool's");
        }
    }

    function test_theLastSnapshotIdIsRefusedAndClaimAllGoesOn() public {
        payEth(7 ether);
        bytes32 word = vm.load(address(token), ETH_STREAM_SLOT);
        vm.store(address(token), ETH_STREAM_SLOT, word | bytes32(uint256(0xffff) << StreamLib.ASIDE_SHIFT));
        assertEq(token.marksTaken(), 0xffff - 1, "all but none");
        skip(7 days);
        vm.expectRevert(IModelToken.ModelToken_TooManySnapshots.selector);
        token.snapshot();
        assertClose(claimAll(alice), (uint256(5.6 ether) * 2) / 3, GRAIN, "claimAll pays");
        move(alice, bob, 1e18);
    }
}
