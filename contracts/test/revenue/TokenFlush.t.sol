// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {RouterFixture} from "./RouterFixture.sol";
import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";

/// The end of the waterfall, with the real token: the holders' part becomes their stream.
contract TokenFlushTest is RouterFixture {
    uint32 private constant STREAM = 7 days;
    /// What an account's accrual is cut to, at most: see the token's own tests.
    uint256 private constant GRAIN = 1 << 42;

    ModelToken private token;

    /// The base family's token; Carol holds all of it and its revenue is open.
    function setUp() public override {
        super.setUp();
        IModelToken.Config memory config;
        (config.name, config.symbol, config.supply) = ("Base", "BASE", 1e24);
        (config.claimableBps, config.streamPeriod, config.snapshotInterval) = (8_000, STREAM, 1 days);
        (config.distributor, config.publisher) = (address(this), GINA);
        config.assets = one(address(usdc));
        token = new ModelToken(config);
        token.transfer(CAROL, 1e24);
        token.openRevenue(block.timestamp);
        bind(base, address(token));
    }

    function test_flush_streamsEthToTheHolders() public {
        payEth(base, 100 ether, OPERATOR);
        router.flush(base, ETH);
        assertEq(address(token).balance, 68 ether, "passed on");
        assertEq(token.accruedRevenue(CAROL, ETH), 0, "no time, no revenue");
        skip(STREAM);
        // 80% of the holders' 68 ether; the rest is the redemption pool.
        assertClose(token.accruedRevenue(CAROL, ETH), 54.4 ether, GRAIN, "streamed");
    }

    function test_flush_streamsErc20sToTheHolders() public {
        payUsdc(base, 100e6, OPERATOR);
        router.flush(base, address(usdc));
        assertEq(usdc.balanceOf(address(token)), 68e6, "passed on");
        assertEq(usdc.allowance(address(router), address(token)), 0, "nothing stays approved");
        skip(STREAM);
        assertClose(token.accruedRevenue(CAROL, address(usdc)), 54.4e6, 1, "streamed");
    }

    function test_flush_bringsAGrandchildsFeesToTheHoldersOfTheBase() public {
        payEth(digits, 100 ether, OPERATOR);
        router.distributeFamilyCredit(tune, ETH);
        router.distributeFamilyCredit(base, ETH);
        router.flush(base, ETH);
        // 5% of the fee directly and 10% of tune's 15%; of these 6.5 ether 88%, as no operator served.
        assertEq(address(token).balance, 5.72 ether, "passed on");
    }
}
