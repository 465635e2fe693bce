// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {RegistryFixture} from "../registry/RegistryFixture.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IRevenueRouter} from "../../src/interfaces/IRevenueRouter.sol";
import {RevenueRouter} from "../../src/revenue/RevenueRouter.sol";

/// Stands where a family's token stands: takes what is notified and remembers it.
contract RecordingToken {
    mapping(address asset => uint256) public notified;

    error WrongValue(uint256 sent, uint256 expected);

    function notifyRevenue(address asset, uint256 amount) external payable {
        uint256 expected = asset == address(0) ? amount : 0;
        if (msg.value != expected) revert WrongValue(msg.value, expected);
        if (asset != address(0)) {
            (bool ok, ) = asset.call(abi.encodeCall(IERC20.transferFrom, (msg.sender, address(this), amount)));
            require(ok, "pull");
        }
        notified[asset] += amount;
    }
}

/// Three generations: Gina's base, Pete's tune of it, Alice's digits made from both.
///
///            operator  publisher  lineage                              protocol  holders at least
///     base      20%       10%     -                                       2%         50%
///     tune      20%       10%     base 10%, Carol 5%                      2%         30%
///     digits    20%       10%     tune 15%, base 5%, Dave 5%              2%         30%
abstract contract RouterFixture is RegistryFixture {
    address internal immutable GINA = vm.addr(0x91A);
    address internal immutable PETE = vm.addr(0x9E7E);
    address internal immutable OPERATOR = vm.addr(0x09);

    RevenueRouter internal router;
    uint256 internal base;
    uint256 internal tune;
    uint256 internal digits;

    function setUp() public virtual override {
        super.setUp();
        router = new RevenueRouter(registry, PROTOCOL, TREASURY);
        registerTree(acceptedErc20s());
    }

    /// ERC-20s that all three families accept.
    function acceptedErc20s() internal virtual returns (address[] memory) {
        return one(address(usdc));
    }

    function registerTree(address[] memory erc20s) private {
        IModelRegistry.FamilyParams memory params = plainFamily();
        params.assets = erc20s;
        base = register(GINA, params);

        params.holdersFloorBps = 3_000;
        params.lineage = parties(parent(base, 1_000), contributor(CAROL, 500));
        tune = register(PETE, params);

        params.lineage = new IModelRegistry.LineageParty[](3);
        params.lineage[0] = parent(tune, 1_500);
        params.lineage[1] = parent(base, 500);
        params.lineage[2] = contributor(DAVE, 500);
        digits = register(ALICE, params);
    }

    function payEth(uint256 familyId, uint256 amount, address operator) internal {
        vm.deal(BOB, amount);
        vm.prank(BOB);
        router.distribute{value: amount}(familyId, ETH, amount, operator);
    }

    function payUsdc(uint256 familyId, uint256 amount, address operator) internal {
        usdc.mint(BOB, amount);
        vm.prank(BOB);
        usdc.approve(address(router), amount);
        vm.prank(BOB);
        router.distribute(familyId, address(usdc), amount, operator);
    }

    function sum(IRevenueRouter.Split memory split) internal pure returns (uint256) {
        return split.operator + split.publisher + split.lineage + split.protocol + split.holders;
    }

    function assertSplit(IRevenueRouter.Split memory actual, uint256[5] memory expected) internal pure {
        assertEq(actual.operator, expected[0], "operator");
        assertEq(actual.publisher, expected[1], "publisher");
        assertEq(actual.lineage, expected[2], "lineage");
        assertEq(actual.protocol, expected[3], "protocol");
        assertEq(actual.holders, expected[4], "holders");
    }
}
