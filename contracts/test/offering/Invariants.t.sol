// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {Test} from "../support/Test.sol";
import {CrowdFixture} from "./support/CrowdFixture.sol";

/// What a crowd, strangers and time may do to a sale, in any order; each act only where it is allowed, so that none may
/// revert. Counts what went in and out from the outside. Every run picks one of four sales: in ETH or an ERC-20, pro rata
/// or smallest first.
contract SaleHandler is CrowdFixture {
    IFixedPriceOffering[4] private _sales;
    mapping(IFixedPriceOffering sale => mapping(address buyer => bytes32[])) private _proofs;
    bool private _picked;

    address public currency;
    uint256 public acts;
    uint256 public paidIn;
    uint256 public donated;
    uint256 public roundingBurned;
    uint256 public proceedsPaid;
    mapping(address buyer => uint256) public refundsPaid;
    mapping(address buyer => uint256) public tokensPaid;
    mapping(address buyer => uint256) public exitsPaid;
    mapping(address buyer => bool) public claimed;
    mapping(uint256 index => bool) public trancheReleased;

    constructor() {
        arrange();
        for (uint256 i = 0; i < 4; ++i) {
            if (i != 0) familyId = registerFamily();
            createCrowdSale(IFixedPriceOffering.Oversubscription(i / 2), i % 2 == 0 ? ETH : address(usdc));
            _sales[i] = sale;
            for (uint256 j = 0; j < CROWD; ++j) {
                _proofs[sale][crowd[j]] = listProof(address(sale), crowd[j], LIST_CAP);
                vm.startPrank(crowd[j]);
                usdc.approve(address(sale), type(uint256).max);
                token.approve(address(sale), type(uint256).max);
                vm.stopPrank();
            }
        }
        vm.warp(OPENS);
        sale = _sales[0];
    }

    /// Before the first act of a run, its seed picks the sale.
    modifier act(uint256 seed) {
        if (!_picked) {
            _picked = true;
            sale = _sales[seed % 4];
            token = IModelToken(sale.token());
            currency = sale.terms().currency;
        }
        ++acts;
        _;
    }

    function theSale() external view returns (IFixedPriceOffering) {
        return sale;
    }

    function buyers() external view returns (address[] memory) {
        return crowd;
    }

    function settlingLevel() external view returns (uint256) {
        return sale.totalCommitted() > HARD_CAP ? levelBySorting(HARD_CAP) : 0;
    }

    // ---------------------------------------------------------------- acts

    function commitSome(uint256 who, uint256 amount) external act(who) {
        if (!isIn(IFixedPriceOffering.State.Open)) return;
        amount = amount % 5 == 0 ? bound(amount / 5, 1, 9) : bound(amount / 5, 1, 60 ether);
        pay(buyer(who), amount);
        paidIn += amount;
    }

    /// The same as somebody else, so that equal commitments happen.
    function commitAsAnother(uint256 who, uint256 other) external act(who) {
        if (!isIn(IFixedPriceOffering.State.Open)) return;
        uint256 mine = sale.commitmentOf(buyer(who));
        uint256 theirs = sale.commitmentOf(buyer(other));
        if (theirs <= mine) return;
        pay(buyer(who), theirs - mine);
        paidIn += theirs - mine;
    }

    function uncommitSome(uint256 who, uint256 amount) external act(who) {
        uint256 committed = sale.commitmentOf(buyer(who));
        if (!isIn(IFixedPriceOffering.State.Open) || block.timestamp >= CUTOFF || committed == 0) return;
        amount = amount % 3 == 0 ? committed : bound(amount / 3, 1, committed);
        uncommit(buyer(who), amount);
        paidIn -= amount;
    }

    function wait(uint256 time) external act(time) {
        skip(bound(time, 1 hours, isIn(IFixedPriceOffering.State.Settled) ? 12 days : 3 days));
    }

    function settleSale(uint256 steps) external act(steps) {
        if (!isIn(IFixedPriceOffering.State.Closed)) return;
        bool refunds = block.timestamp >= CLOSES + 30 days;
        bool smallest = sale.terms().oversubscription == IFixedPriceOffering.Oversubscription.SmallestFirst;
        if (refunds || !smallest || sale.totalCommitted() <= HARD_CAP) return sale.settle();
        sale.settleAtLevel(levelBySorting(HARD_CAP), bound(steps, 1, CROWD));
    }

    function claim(uint256 who) external act(who) {
        address to = buyer(who);
        bool claimable = isIn(IFixedPriceOffering.State.Settled) && sale.commitmentOf(to) != 0 && !claimed[to];
        if (!claimable) return;
        uint256 before = balance(currency, to);
        uint256 tokensBefore = token.balanceOf(to);
        sale.claimTokensFor(to);
        claimed[to] = true;
        refundsPaid[to] += balance(currency, to) - before;
        tokensPaid[to] += token.balanceOf(to) - tokensBefore;
    }

    function refund(uint256 who) external act(who) {
        address to = buyer(who);
        if (sale.refundOwedTo(to) == 0) return;
        uint256 before = balance(currency, to);
        if (who % 2 == 0) {
            sale.refundFor(to);
        } else {
            vm.prank(to);
            sale.refundTo(to);
        }
        refundsPaid[to] += balance(currency, to) - before;
    }

    function releaseTranche(uint256 index) external act(index) {
        index = index % 3;
        if (!isIn(IFixedPriceOffering.State.Settled) || trancheReleased[index]) return;
        if (block.timestamp < sale.settledAt() + sale.terms().tranches[index].delay) return;
        trancheReleased[index] = true;
        uint256 before = balance(currency, TREASURY);
        sale.releaseTranche(index);
        proceedsPaid += balance(currency, TREASURY) - before;
    }

    function exitSome(uint256 who, uint256 tokens) external act(who) {
        address leaver = buyer(who);
        uint256 held = token.balanceOf(leaver);
        uint256 most = sale.exitCreditOf(leaver) < held ? sale.exitCreditOf(leaver) : held;
        (, uint256 from, uint256 to) = sale.exitWindow();
        if (most == 0 || to == 0 || block.timestamp < from) return;
        uint256 before = balance(currency, leaver);
        vm.prank(leaver);
        sale.exit(bound(tokens, 1, most), leaver);
        exitsPaid[leaver] += balance(currency, leaver) - before;
    }

    function sell(uint256 who, uint256 other, uint256 tokens) external act(who) {
        uint256 held = token.balanceOf(buyer(who));
        if (held == 0) return;
        vm.prank(buyer(who));
        token.transfer(buyer(other), bound(tokens, 1, held));
    }

    function collectRounding(uint256 seed) external act(seed) {
        if (!isIn(IFixedPriceOffering.State.Settled)) return;
        for (uint256 i = 0; i < CROWD; ++i) {
            if (sale.commitmentOf(crowd[i]) != 0 && !claimed[crowd[i]]) return;
        }
        uint256 leftover = token.balanceOf(address(sale));
        if (leftover == 0 && sale.raised() == sumOfAccepted()) return;
        roundingBurned += leftover;
        uint256 before = balance(currency, TREASURY);
        sale.collectRounding();
        proceedsPaid += balance(currency, TREASURY) - before;
    }

    function donate(uint256 amount) external act(amount) {
        amount = bound(amount, 1, 10 ether);
        fund(currency, address(sale), amount);
        donated += amount;
    }

    // ---------------------------------------------------------------- helpers

    function buyer(uint256 who) private view returns (address) {
        return crowd[who % CROWD];
    }

    function pay(address from, uint256 amount) private {
        fund(currency, from, amount);
        vm.prank(from);
        sale.commit{value: currency == ETH ? amount : 0}(amount, LIST_CAP, _proofs[sale][from]);
    }

    function isIn(IFixedPriceOffering.State wanted) private view returns (bool) {
        return sale.state() == wanted;
    }
}

/// What holds at every moment of every sale, whatever anyone does.
contract SaleInvariants is Test {
    SaleHandler private handler;
    address[] private buyers;

    function setUp() external {
        handler = new SaleHandler();
        buyers = handler.buyers();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_afterEveryStep() external {
        tokens_sold_never_exceed_those_offered();
        deposits_are_raised_and_refunds_and_open();
        the_same_commitment_has_the_same_terms();
        nobody_holds_tokens_and_a_refund_for_them();
        every_participant_can_leave_without_help();
    }

    function tokens_sold_never_exceed_those_offered() private view {
        IFixedPriceOffering sale = handler.theSale();
        assertLe(sale.tokensSold(), sale.offered(), "sold");
        uint256 given = 0;
        for (uint256 i = 0; i < buyers.length; ++i) {
            given += handler.tokensPaid(buyers[i]) + sale.claimableTokensOf(buyers[i]);
        }
        assertLe(given, sale.tokensSold(), "given and still to be given");
    }

    function deposits_are_raised_and_refunds_and_open() private view {
        IFixedPriceOffering sale = handler.theSale();
        uint256 held = balanceOf(address(sale)) - handler.donated();
        assertEq(sale.totalCommitted(), handler.paidIn(), "what was committed");
        IFixedPriceOffering.State state = sale.state();
        if (state != IFixedPriceOffering.State.Settled && state != IFixedPriceOffering.State.Refunding) {
            return assertEq(held, handler.paidIn(), "open");
        }
        uint256 accepted = 0;
        uint256 owed = 0;
        uint256 refunded = 0;
        uint256 exited = 0;
        for (uint256 i = 0; i < buyers.length; ++i) {
            IFixedPriceOffering.Outcome memory outcome = sale.outcomeOf(buyers[i]);
            assertEq(outcome.accepted + outcome.refund, outcome.committed, "nothing of a commitment is lost");
            accepted += outcome.accepted;
            owed += sale.refundOwedTo(buyers[i]);
            refunded += handler.refundsPaid(buyers[i]);
            exited += handler.exitsPaid(buyers[i]);
        }
        assertEq(handler.paidIn(), accepted + refunded + owed, "deposits = raised + refunds");
        assertLe(sale.raised(), accepted, "raised is there");
        assertLt(accepted - sale.raised(), buyers.length, "and less than a unit a buyer more");
        assertEq(sale.raised(), sale.unreleased() + exited + handler.proceedsPaid(), "proceeds");
        assertEq(held, owed + sale.unreleased() + (accepted - sale.raised()), "held");
    }

    function the_same_commitment_has_the_same_terms() private view {
        IFixedPriceOffering sale = handler.theSale();
        for (uint256 i = 1; i < buyers.length; ++i) {
            IFixedPriceOffering.Outcome memory mine = sale.outcomeOf(buyers[i]);
            for (uint256 j = 0; j < i; ++j) {
                if (sale.commitmentOf(buyers[j]) != mine.committed) continue;
                assertEq(abi.encode(sale.outcomeOf(buyers[j])), abi.encode(mine), "terms");
            }
        }
    }

    /// Tried after every eighth act, from the state reached; the effects of an invariant are discarded.
    function every_participant_can_leave_without_help() private {
        if (handler.acts() % 8 != 0) return;
        IFixedPriceOffering sale = handler.theSale();
        if (block.timestamp < sale.terms().closesAt) vm.warp(sale.terms().closesAt);
        uint256 refunded = 0;
        uint256 entitled = 0;
        for (uint256 i = 0; i < buyers.length; ++i) refunded += handler.refundsPaid(buyers[i]);
        for (uint256 i = 0; i < buyers.length; ++i) {
            (uint256 paid, uint256 due) = leaveAlone(sale, buyers[i]);
            refunded += paid;
            entitled += due;
        }
        assertEq(refunded, entitled, "every refund");
    }

    /// All that one buyer can do with nothing but its own account.
    function leaveAlone(IFixedPriceOffering sale, address buyer) private returns (uint256 paid, uint256 entitled) {
        IERC20 token = IERC20(sale.token());
        uint256 before = balanceOf(buyer);
        uint256 tokens = token.balanceOf(buyer);
        vm.startPrank(buyer);
        if (sale.state() == IFixedPriceOffering.State.Closed) settle(sale);
        tokens += sale.claimableTokensOf(buyer);
        if (sale.claimableTokensOf(buyer) != 0) sale.claimTokensFor(buyer);
        if (sale.refundOwedTo(buyer) != 0) sale.refundTo(buyer);
        vm.stopPrank();
        assertEq(token.balanceOf(buyer), tokens, "every token");
        assertEq(sale.refundOwedTo(buyer) + sale.claimableTokensOf(buyer), 0, "nothing is left behind");
        return (balanceOf(buyer) - before, sale.outcomeOf(buyer).refund);
    }

    function settle(IFixedPriceOffering sale) private {
        uint256 level = handler.settlingLevel();
        bool smallest = sale.terms().oversubscription == IFixedPriceOffering.Oversubscription.SmallestFirst;
        bool late = block.timestamp >= sale.terms().closesAt + 30 days;
        if (level == 0 || !smallest || late) sale.settle();
        else sale.settleAtLevel(level, type(uint256).max);
    }

    function nobody_holds_tokens_and_a_refund_for_them() private view {
        IFixedPriceOffering sale = handler.theSale();
        bool settled = sale.state() == IFixedPriceOffering.State.Settled;
        uint256 given = 0;
        for (uint256 i = 0; i < buyers.length; ++i) {
            IFixedPriceOffering.Outcome memory outcome = sale.outcomeOf(buyers[i]);
            assertLe(handler.refundsPaid(buyers[i]), outcome.refund, "no refund of what was accepted");
            if (!settled) assertEq(handler.tokensPaid(buyers[i]), 0, "no tokens without success");
            assertLe(handler.tokensPaid(buyers[i]), outcome.tokens, "no tokens that were not paid for");
            given += handler.tokensPaid(buyers[i]);
        }
        IERC20 token = IERC20(sale.token());
        uint256 outside = token.totalSupply() - token.balanceOf(address(sale)) - token.balanceOf(sale.escrow());
        assertEq(outside, given - sale.tokensExited(), "what was paid back for is gone");
        uint256 unsold = settled ? sale.offered() - sale.tokensSold() : 0;
        assertEq(
            token.totalSupply(),
            1e27 - unsold - sale.tokensExited() - handler.roundingBurned(),
            "burned: unsold, exited and odd tokens, nothing else"
        );
    }

    function balanceOf(address account_) private view returns (uint256) {
        address currency = handler.currency();
        return currency == address(0) ? account_.balance : IERC20(currency).balanceOf(account_);
    }
}
