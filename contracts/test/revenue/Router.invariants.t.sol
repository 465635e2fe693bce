// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {NoReturnERC20} from "../support/NoReturnERC20.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {IRevenueRouter} from "../../src/interfaces/IRevenueRouter.sol";
import {ModelRegistry} from "../../src/registry/ModelRegistry.sol";
import {RevenueRouter} from "../../src/revenue/RevenueRouter.sol";
import {RecordingToken, RouterFixture} from "./RouterFixture.sol";

/// Pays, distributes, flushes and withdraws at random, and keeps its own books beside the router's.
/// Amounts are in units of the asset; `i` in `assets[i]` is an asset's place everywhere below.
contract RouterHandler is Test {
    ModelRegistry private immutable REGISTRY;
    RevenueRouter private immutable ROUTER;
    uint256 private immutable FAMILIES;

    address[] public assets;
    address[] public people;

    mapping(address asset => uint256) public paidIn;
    mapping(address asset => uint256) public withdrawn;
    mapping(address asset => uint256) public flushed;
    /// Came without a distribution: belongs to nobody.
    mapping(address asset => uint256) public donated;
    /// What each account was credited so far, less what it withdrew, by the router's own `Split`.
    mapping(address account => mapping(address asset => uint256)) public lastCredit;
    uint256 public creditsThatFell;
    uint256 public splitsThatDidNotSum;
    uint256 public floorsBroken;
    uint256 public calls;

    constructor(ModelRegistry registry_, RevenueRouter router_, address[] memory assets_, address[] memory people_) {
        (REGISTRY, ROUTER, FAMILIES) = (registry_, router_, registry_.familyCount());
        (assets, people) = (assets_, people_);
    }

    // ---------------------------------------------------------------- actions

    function pay(uint256 family, uint256 asset, uint256 amount, uint256 operator, bool served) external {
        address a = assets[asset % assets.length];
        // Small amounts are where rounding lives.
        amount = amount % 3 == 0 ? bound(amount, 0, 20_000) : bound(amount, 0, 1 << 128);
        uint256 familyId = _family(family);
        if (a == address(0)) {
            vm.deal(address(this), amount);
        } else {
            TestERC20(a).mint(address(this), amount);
            NoReturnERC20(a).approve(address(ROUTER), amount);
        }
        _checkSplit(familyId, amount, served);
        ROUTER.distribute{value: a == address(0) ? amount : 0}(
            familyId,
            a,
            amount,
            served ? _person(operator) : address(0)
        );
        paidIn[a] += amount;
        _checkCredits(address(0), address(0));
    }

    function distributeFamilyCredit(uint256 family, uint256 asset) external {
        (uint256 familyId, address a) = (_family(family), assets[asset % assets.length]);
        uint256 amount = ROUTER.familyCreditOf(familyId, a);
        if (amount == 0) return;
        _checkSplit(familyId, amount, false);
        ROUTER.distributeFamilyCredit(familyId, a);
        _checkCredits(address(0), address(0));
    }

    function flush(uint256 family, uint256 asset) external {
        (uint256 familyId, address a) = (_family(family), assets[asset % assets.length]);
        uint256 amount = ROUTER.holdersPending(familyId, a);
        if (amount == 0 || REGISTRY.tokenOf(familyId) == address(0)) return;
        ROUTER.flush(familyId, a);
        flushed[a] += amount;
        _checkCredits(address(0), address(0));
    }

    function bindToken(uint256 family) external {
        uint256 familyId = _family(family);
        if (REGISTRY.tokenOf(familyId) != address(0)) return;
        address token = address(new RecordingToken());
        vm.prank(REGISTRY.offeringFactory());
        REGISTRY.bindToken(familyId, token);
    }

    function withdraw(uint256 person, uint256 asset, uint256 to, bool byItself) external {
        (address account, address a) = (_person(person), assets[asset % assets.length]);
        uint256 amount = ROUTER.creditOf(account, a);
        if (amount == 0) return;
        if (byItself) {
            vm.prank(account);
            ROUTER.withdraw(a, _person(to));
        } else {
            ROUTER.withdrawFor(account, a);
        }
        withdrawn[a] += amount;
        assertEq(ROUTER.creditOf(account, a), 0, "all of it");
        _checkCredits(account, a);
    }

    function donate(uint256 asset, uint256 amount) external {
        address a = assets[asset % assets.length];
        amount = bound(amount, 0, 1e18);
        // ETH is forced in, as a self-destruct or a block reward would.
        if (a == address(0)) vm.deal(address(ROUTER), address(ROUTER).balance + amount);
        else TestERC20(a).mint(address(ROUTER), amount);
        donated[a] += amount;
        _checkCredits(address(0), address(0));
    }

    function scheduleShare(uint256 family, uint256 publisherBps, uint256 wait) external {
        uint256 familyId = _family(family);
        vm.prank(REGISTRY.publisherOf(familyId));
        // Within what the tightest family of the tree has room for.
        REGISTRY.schedulePublisherShare(familyId, uint16(bound(publisherBps, 0, 2_000)));
        skip(bound(wait, 0, 4 days));
    }

    function transferPublisher(uint256 family, uint256 to) external {
        (uint256 familyId, address next) = (_family(family), _person(to));
        vm.prank(REGISTRY.publisherOf(familyId));
        REGISTRY.transferPublisher(familyId, next);
        vm.prank(next);
        REGISTRY.acceptPublisher(familyId);
        _checkCredits(address(0), address(0));
    }

    // ---------------------------------------------------------------- books

    function owed(address asset) external view returns (uint256 total) {
        for (uint256 i = 0; i < people.length; ++i) {
            total += ROUTER.creditOf(people[i], asset);
        }
        for (uint256 familyId = 1; familyId <= FAMILIES; ++familyId) {
            total += ROUTER.familyCreditOf(familyId, asset) + ROUTER.holdersPending(familyId, asset);
        }
    }

    function _checkSplit(uint256 familyId, uint256 amount, bool served) private {
        ++calls;
        IRevenueRouter.Split memory split = ROUTER.previewSplit(familyId, amount, served);
        uint256 sum = split.operator + split.publisher + split.lineage + split.protocol + split.holders;
        if (sum != amount) ++splitsThatDidNotSum;
        if (split.holders < (amount / 10_000) * REGISTRY.waterfall(familyId).holdersFloorBps) ++floorsBroken;
    }

    /// Every credit but the one just withdrawn is what it was, or more.
    function _checkCredits(address withdrawer, address asset) private {
        for (uint256 i = 0; i < people.length; ++i) {
            for (uint256 j = 0; j < assets.length; ++j) {
                (address p, address a) = (people[i], assets[j]);
                uint256 credit = ROUTER.creditOf(p, a);
                if (credit < lastCredit[p][a] && !(p == withdrawer && a == asset)) ++creditsThatFell;
                lastCredit[p][a] = credit;
            }
        }
    }

    function _family(uint256 seed) private view returns (uint256) {
        return 1 + (seed % FAMILIES);
    }

    function _person(uint256 seed) private view returns (address) {
        return people[seed % people.length];
    }
}

/// What holds after any sequence of payments, distributions, flushes, withdrawals and publisher changes, for ETH, a usual
/// ERC-20 and one that returns nothing.
contract RouterInvariants is RouterFixture {
    RouterHandler private handler;
    NoReturnERC20 private silent;

    function acceptedErc20s() internal override returns (address[] memory) {
        silent = new NoReturnERC20();
        return two(address(usdc), address(silent));
    }

    function setUp() public override {
        super.setUp();
        address[] memory people = new address[](8);
        (people[0], people[1], people[2], people[3]) = (ALICE, BOB, CAROL, DAVE);
        (people[4], people[5], people[6], people[7]) = (GINA, PETE, OPERATOR, TREASURY);
        handler = new RouterHandler(registry, router, registry.assetsOf(digits), people);
    }

    function targetContracts() public view returns (address[] memory) {
        return one(address(handler));
    }

    function balanceOf(address asset) private view returns (uint256) {
        return asset == ETH ? address(router).balance : TestERC20(asset).balanceOf(address(router));
    }

    function invariant_afterEveryStep() public view {
        partsSumToTheWhole();
        routerSolventPerAsset();
        nothingIsLostOrMade();
        creditsOnlyFallByWithdrawal();
    }

    /// Parts sum to the whole, and the holders' part never falls below their floor.
    function partsSumToTheWhole() private view {
        assertEq(handler.splitsThatDidNotSum(), 0, "splits that did not sum");
        assertEq(handler.floorsBroken(), 0, "floors broken");
    }

    /// Router solvent per asset: it holds exactly what it owes and what nobody distributed.
    function routerSolventPerAsset() private view {
        for (uint256 i = 0; i < 3; ++i) {
            address asset = handler.assets(i);
            assertEq(balanceOf(asset), handler.owed(asset) + handler.donated(asset), "balance");
        }
    }

    /// All that was ever paid in is still owed, was withdrawn, or was passed to the holders.
    function nothingIsLostOrMade() private view {
        for (uint256 i = 0; i < 3; ++i) {
            address asset = handler.assets(i);
            uint256 accounted = handler.owed(asset) + handler.withdrawn(asset) + handler.flushed(asset);
            assertEq(accounted, handler.paidIn(asset), "paid in");
        }
    }

    function creditsOnlyFallByWithdrawal() private view {
        assertEq(handler.creditsThatFell(), 0, "credits that fell");
    }
}
