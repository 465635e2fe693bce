// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";
import {Test} from "../support/Test.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {Receiver} from "./Adversaries.sol";

/// The invariants of README.md. (The runner only knows handlers that are in a test file themselves.) One campaign checks those about the whole state after every step; those about a single step
/// are asserted by the handler that makes it, and only named here.
contract TokenInvariantsTest is Test {
    address internal constant ETH = address(0);

    TokenHandler internal handler;
    ModelToken internal token;
    TestERC20 internal dollar;

    struct Selectors {
        address addr;
        bytes4[] selectors;
    }

    function setUp() public {
        vm.deal(address(this), 1e9 ether);
        handler = new TokenHandler{value: 1e9 ether}();
        token = handler.token();
        dollar = handler.dollar();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (Selectors[] memory targets) {
        bytes4[14] memory steps = [
            handler.transfer.selector,
            handler.notifyEth.selector,
            handler.notifyDollars.selector,
            handler.donate.selector,
            handler.wait_.selector,
            handler.mark.selector,
            handler.claim.selector,
            handler.claimAll.selector,
            handler.claimBlocked.selector,
            handler.burn.selector,
            handler.setSharing.selector,
            handler.rearm.selector,
            handler.flashLoan.selector,
            handler.claimOrderDoesNotMatter.selector
        ];
        targets = new Selectors[](1);
        targets[0].addr = address(handler);
        targets[0].selectors = new bytes4[](steps.length + 1);
        for (uint256 i; i < steps.length; ++i) targets[0].selectors[i] = steps[i];
        targets[0].selectors[steps.length] = handler.burningFirstOrClaimingFirstPaysTheSameTotal.selector;
    }

    function invariant_afterEveryStep() public view {
        solvent(ETH, address(token).balance);
        solvent(address(dollar), dollar.balanceOf(address(token)));
        sharesConserved();
    }

    /// *Solvent*: the balance covers all that accrued, all that is unstreamed and the redemption pool, per asset.
    function solvent(address asset, uint256 held) internal view {
        (uint256 unstreamed, , , uint256 pool) = token.streamOf(asset);
        uint256 owed = unstreamed + pool;
        for (uint256 i; i < 7; ++i) owed += token.accruedRevenue(handler.actors(i), asset);
        assertGe(held, owed, "insolvent");
        // Nor is anything forgotten: what nobody is owed is what rounding kept, and parts of a unit that are still whole inside.
        if (asset == ETH) assertLe(held, owed + 2 * handler.writes() + 100, "unaccounted ether");
        else assertLe(held, owed + 12, "unaccounted dollars");
    }

    /// *Shares conserved*: balances sum to the supply, and those of sharing accounts to the sharing supply.
    function sharesConserved() internal view {
        uint256 total;
        uint256 sharing;
        for (uint256 i; i < 7; ++i) {
            address account = handler.actors(i);
            uint256 balance = token.balanceOf(account);
            total += balance;
            if (token.isSharing(account)) sharing += balance;
        }
        assertEq(total, token.totalSupply(), "supply");
        assertEq(sharing, token.sharingSupply(), "sharing supply");
    }

    /// *Nothing stranded at zero supply*: everyone leaves, and at most 2 wei per write of a stream and 1 per account stay, and
    /// less than one dollar unit per account, pool and credit.
    function afterInvariant() public {
        (uint256 eth, uint256 dollars) = handler.everyoneLeaves();
        assertLe(eth, 2 * handler.writes() + 100, "stranded ether");
        assertLe(dollars, 12, "stranded dollars");
    }
}

/// Everything anybody can do to a ModelToken, with the properties of single steps asserted where the step is made.
/// Seven accounts: a whale, three holders, a pool that does not share, the sale, and a contract that calls back when it is
/// paid. Without the whale the sharing supply is around the floor of 1/1,024, so streams freeze and resume.
contract TokenHandler is Test {
    address internal constant ETH = address(0);
    uint256 internal constant ACTORS = 7;

    ModelToken public token;
    TestERC20 public dollar;
    address public publisher;
    address[ACTORS] public actors;
    Receiver private CALLER;
    address private SALE;

    /// Writes of a stream so far, at least: each may keep less than one unit of 1e-18.
    uint256 public writes;

    /// What `watched` saw before the step.
    struct Seen {
        address account;
        uint256 eth;
        uint256 dollars;
        uint256 mark;
        uint256 marked;
    }

    address private _claimer;

    constructor() payable {
        vm.warp(1_795_000_000);
        dollar = new TestERC20("USD", 6);
        dollar.mint(address(this), 1e24);
        SALE = address(0x5A1E5A1E);
        publisher = address(0xB0B0B0B0);
        for (uint256 i; i < 5; ++i) actors[i] = address(uint160(0xAC70_0000 + i));

        IModelToken.Config memory c;
        (c.name, c.symbol, c.supply, c.claimableBps) = ("Model", "MDL", 1e27, 6_000);
        (c.streamPeriod, c.snapshotInterval) = (7 days, 1 days);
        (c.distributor, c.publisher) = (SALE, publisher);
        c.assets = new address[](1);
        c.assets[0] = address(dollar);
        c.nonSharing = new address[](1);
        c.nonSharing[0] = actors[4];
        token = new ModelToken(c);
        CALLER = new Receiver(token);
        actors[5] = address(CALLER);
        actors[6] = SALE;
        dollar.approve(address(token), type(uint256).max);

        vm.startPrank(SALE);
        token.transfer(actors[0], 99e25);
        for (uint256 i = 1; i < 6; ++i) token.transfer(actors[i], 3e23);
        token.openRevenue(block.timestamp + 1 hours);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------------------------------- properties of each step

    /// Accrued never falls except by a claim; a snapshot never changes except by a claim. Of one account, chosen by `seed`.
    modifier watched(uint256 seed) {
        Seen memory seen = _look(actors[(seed >> 16) % ACTORS], seed);
        _claimer = address(0);
        _;
        ++writes;
        if (seen.account != _claimer) _accruedNeverFallsExceptByAClaim(seen);
    }

    function _look(address account, uint256 seed) private view returns (Seen memory seen) {
        seen.account = account;
        seen.eth = token.accruedRevenue(account, ETH);
        seen.dollars = token.accruedRevenue(account, address(dollar));
        uint256 taken = token.marksTaken();
        if (taken == 0) return seen;
        seen.mark = 1 + (seed % taken);
        seen.marked = token.claimableRevenue(account, seen.mark);
    }

    function _accruedNeverFallsExceptByAClaim(Seen memory seen) private view {
        assertGe(token.accruedRevenue(seen.account, ETH), seen.eth, "accrued ether fell");
        assertGe(token.accruedRevenue(seen.account, address(dollar)), seen.dollars, "accrued dollars fell");
        if (seen.mark == 0) return;
        assertEq(token.claimableRevenue(seen.account, seen.mark), seen.marked, "a snapshot changed");
    }

    /// Adding revenue never lowers the rate and never brings the end nearer.
    function _notify(address asset, uint256 amount) private {
        // Together with money that waits to be folded in it counts as one payment, whose seconds are rounded once.
        if (amount % 2 == 0) token.sync(asset);
        (, uint256 rate, uint256 end, uint256 pool) = token.streamOf(asset);
        token.notifyRevenue{value: asset == ETH ? amount : 0}(asset, amount);
        (, uint256 newRate, uint256 newEnd, uint256 newPool) = token.streamOf(asset);
        assertEq(newPool, pool, "no time, no revenue: the pool");
        if (amount % 2 == 0 && end > block.timestamp) {
            assertGe(newRate, rate, "adding revenue lowered the rate");
            assertGe(newEnd, end, "adding revenue brought the end nearer");
        }
        writes += 2;
    }

    // ----------------------------------------------------------------------------------------------------------- steps

    function transfer(uint256 from, uint256 to, uint256 amount) external watched(amount) {
        address sender = actors[from % ACTORS];
        amount = bound(amount, 0, token.balanceOf(sender));
        vm.prank(sender);
        token.transfer(actors[to % ACTORS], amount);
    }

    function notifyEth(uint256 amount) external watched(amount) {
        _notify(ETH, amount % 5 == 0 ? amount % 1000 : amount % 50 ether);
    }

    function notifyDollars(uint256 amount) external watched(amount) {
        _notify(address(dollar), amount % 5 == 0 ? amount % 10 : amount % 1e12);
    }

    function donate(uint256 amount, bool inDollars) external watched(amount) {
        if (inDollars) {
            dollar.transfer(address(token), amount % 1e10);
            if (amount % 2 == 0) token.sync(address(dollar));
        } else {
            (bool ok, ) = address(token).call{value: amount % 5 ether}("");
            assertTrue(ok, "donation");
        }
    }

    function wait_(uint256 time) external watched(time) {
        skip(bound(time, 1, 2 days));
    }

    function mark(uint256 seed) external watched(seed) {
        try token.snapshot() {} catch {
            skip(1 days);
            token.snapshot();
        }
    }

    function claim(uint256 who, uint256 id) external watched(id) {
        uint256 taken = token.marksTaken();
        if (taken == 0) return;
        id = bound(id, 1, taken);
        address account = _claimer = actors[who % ACTORS];
        uint256 eth = token.claimableRevenue(account, id);
        uint256 dollars = token.claimableERC20(account, id, address(dollar));
        if (eth + dollars == 0) return;
        (uint256 ethBefore, uint256 dollarsBefore) = (account.balance, dollar.balanceOf(account));
        vm.prank(account);
        token.claim(id);
        assertEq(account.balance - ethBefore, eth, "claim pays the view in ether");
        assertEq(dollar.balanceOf(account) - dollarsBefore, dollars, "claim pays the view in dollars");
        assertEq(token.claimableRevenue(account, id), 0, "claimed twice");
    }

    function claimAll(uint256 who) external watched(who) {
        address account = _claimer = actors[who % ACTORS];
        uint256 eth = token.accruedRevenue(account, ETH);
        uint256 dollars = token.accruedRevenue(account, address(dollar));
        (uint256 ethBefore, uint256 dollarsBefore) = (account.balance, dollar.balanceOf(account));
        if (who % 3 == 0 && account != address(CALLER)) {
            token.claimFor(account);
        } else {
            vm.prank(account);
            token.claimAll(account);
        }
        assertEq(account.balance - ethBefore, eth, "claimAll pays the view in ether");
        assertEq(dollar.balanceOf(account) - dollarsBefore, dollars, "claimAll pays the view in dollars");
        assertEq(token.accruedRevenue(account, ETH) + token.accruedRevenue(account, address(dollar)), 0, "left over");
    }

    /// An asset that refuses: the dollars stay owed, to the unit.
    function claimBlocked(uint256 who) external watched(who) {
        address account = _claimer = actors[who % ACTORS];
        uint256 dollars = token.accruedRevenue(account, address(dollar));
        dollar.setBlocked(account, true);
        vm.prank(account);
        token.claimAll(account);
        dollar.setBlocked(account, false);
        assertEq(token.accruedRevenue(account, address(dollar)), dollars, "not owed any more");
    }

    function burn(uint256 who, uint256 amount) external watched(amount) {
        address account = actors[who % ACTORS];
        uint256 balance = token.balanceOf(account);
        amount = bound(amount, 0, amount % 16 == 0 ? balance : balance / 8);
        uint256 eth = token.redeemableOnBurn(amount);
        uint256 before = account.balance;
        vm.prank(account);
        token.burn(amount);
        assertEq(account.balance - before, eth, "burn pays the view");
    }

    function setSharing(uint256 who, bool sharing) external watched(who) {
        vm.prank(actors[who % ACTORS]);
        token.setSharing(sharing);
    }

    /// What the contract among the holders does while it is being paid.
    function rearm(uint256 which, uint256 amount) external watched(which) {
        bytes[6] memory inside = [
            bytes(""),
            abi.encodeCall(token.claimAll, (address(CALLER))),
            abi.encodeCall(token.burn, (1e18)),
            abi.encodeCall(token.snapshot, ()),
            abi.encodeCall(token.sync, (ETH)),
            abi.encodeCall(token.transfer, (actors[amount % ACTORS], amount % 1e22))
        ];
        CALLER.setInside(inside[which % 6]);
    }

    /// No time, no revenue: a round trip in one block, with a snapshot and notifications inside, earns nothing anywhere.
    function flashLoan(uint256 who, uint256 amount, uint256 inside) external watched(amount) {
        address lender = actors[who % ACTORS];
        address borrower = address(uint160(0xF1A5_0000_0000 + writes));
        amount = bound(amount, 0, token.balanceOf(lender));
        uint256 eth = token.accruedRevenue(lender, ETH);
        uint256 dollars = token.accruedRevenue(lender, address(dollar));
        vm.prank(lender);
        token.transfer(borrower, amount);
        if (inside & 1 == 0) {
            try token.snapshot() returns (uint256 id) {
                assertEq(token.claimableRevenue(borrower, id), 0, "the snapshot paid the borrower");
            } catch {}
        }
        if (inside & 2 == 0) _notify(ETH, 1 ether);
        if (inside & 4 == 0) _notify(address(dollar), 1e9);
        vm.prank(borrower);
        token.transfer(lender, amount);
        assertEq(token.accruedRevenue(borrower, ETH), 0, "the borrower has ether");
        assertEq(token.accruedRevenue(borrower, address(dollar)), 0, "the borrower has dollars");
        assertEq(token.accruedRevenue(lender, ETH), eth, "the lender lost ether");
        assertEq(token.accruedRevenue(lender, address(dollar)), dollars, "the lender lost dollars");
        writes += 2;
    }

    /// Claiming by snapshot in any order, then everything, pays what claiming everything pays.
    function claimOrderDoesNotMatter(uint256 who, uint256 chosen) external watched(who) {
        address account = actors[who % ACTORS];
        uint256 taken = token.marksTaken();
        uint256 state = vm.snapshotState();
        (uint256 eth, uint256 dollars) = _takeEverything(account);
        vm.revertToState(state);
        state = vm.snapshotState();
        for (uint256 id = taken; id > 0; --id) {
            if ((chosen >> (id & 0xff)) & 1 == 0) continue;
            uint256[] memory ids = new uint256[](1);
            ids[0] = id;
            vm.prank(account);
            token.claimBatch(ids);
        }
        (uint256 eth2, uint256 dollars2) = _takeEverything(account);
        vm.revertToState(state);
        assertEq(eth2, eth, "claim order, ether");
        assertEq(dollars2, dollars, "claim order, dollars");
    }

    function burningFirstOrClaimingFirstPaysTheSameTotal(uint256 who, uint256 amount) external watched(who) {
        address account = actors[who % ACTORS];
        amount = bound(amount, 0, token.balanceOf(account));
        CALLER.setInside("");
        uint256 state = vm.snapshotState();
        vm.prank(account);
        token.burn(amount);
        (uint256 eth, uint256 dollars) = _takeEverything(account);
        vm.revertToState(state);
        state = vm.snapshotState();
        _takeEverything(account);
        vm.prank(account);
        token.burn(amount);
        (uint256 eth2, uint256 dollars2) = (account.balance, dollar.balanceOf(account));
        vm.revertToState(state);
        assertEq(eth2, eth, "burn order, ether");
        assertEq(dollars2, dollars, "burn order, dollars");
    }

    function _takeEverything(address account) private returns (uint256 eth, uint256 dollars) {
        vm.prank(account);
        token.claimAll(account);
        return (account.balance, dollar.balanceOf(account));
    }

    // ------------------------------------------------------------------------------------------------------- the end

    /// Everyone claims and burns, the publisher takes the rest. What remains is what rounding kept.
    function everyoneLeaves() external returns (uint256 eth, uint256 dollars) {
        CALLER.setInside("");
        for (uint256 i; i < ACTORS; ++i) {
            uint256 balance = token.balanceOf(actors[i]);
            vm.startPrank(actors[i]);
            token.burn(balance);
            token.claimAll(actors[i]);
            vm.stopPrank();
        }
        assertEq(token.totalSupply(), 0, "tokens outside the test");
        if (token.publisherCredit(ETH) != 0) token.withdrawPublisherCredit(ETH);
        if (token.publisherCredit(address(dollar)) != 0) token.withdrawPublisherCredit(address(dollar));
        return (address(token).balance, dollar.balanceOf(address(token)));
    }

    receive() external payable {}
}
