// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {RecordingToken, RouterFixture} from "./RouterFixture.sol";
import {FeeERC20} from "../support/FeeERC20.sol";
import {NoReturnERC20} from "../support/NoReturnERC20.sol";
import {ReenteringERC20} from "../support/ReenteringERC20.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IRevenueRouter} from "../../src/interfaces/IRevenueRouter.sol";

/// Refuses ETH until told otherwise.
contract FussyReceiver {
    bool public accepts;

    error NotNow();

    function setAccepts(bool accepts_) external {
        accepts = accepts_;
    }

    function withdrawTo(IRevenueRouter router, address to) external {
        router.withdraw(address(0), to);
    }

    receive() external payable {
        if (!accepts) revert NotNow();
    }
}

/// Tries to be paid twice.
contract GreedyReceiver {
    IRevenueRouter private immutable ROUTER;
    bytes4 public refusal;

    constructor(IRevenueRouter router_) {
        ROUTER = router_;
    }

    receive() external payable {
        try ROUTER.withdrawFor(address(this), address(0)) {
            refusal = 0;
        } catch (bytes memory reason) {
            refusal = bytes4(reason);
        }
    }
}

/// Money out: withdrawals and the holders' part. Recipients pull, and what one of them does harms nobody else.
contract PayoutsTest is RouterFixture {
    bytes4 private constant REENTERED = bytes4(keccak256("ReentrancyGuardReentrantCall()"));

    FeeERC20 private fee;
    NoReturnERC20 private silent;
    ReenteringERC20 private reentering;

    function acceptedErc20s() internal override returns (address[] memory list) {
        (fee, silent, reentering) = (new FeeERC20(0), new NoReturnERC20(), new ReenteringERC20());
        list = new address[](4);
        list[0] = address(usdc);
        list[1] = address(fee);
        list[2] = address(silent);
        list[3] = address(reentering);
    }

    // ---------------------------------------------------------------- withdrawals

    function test_withdraw_paysTheCallersCreditToWhomItSays() public {
        payEth(base, 10_000, OPERATOR);
        uint256 before = CAROL.balance;
        vm.expectEmit(address(router));
        emit IRevenueRouter.Withdrawn(OPERATOR, ETH, CAROL, 2_000);
        vm.prank(OPERATOR);
        router.withdraw(ETH, CAROL);
        assertEq(CAROL.balance - before, 2_000, "paid");
        assertEq(router.creditOf(OPERATOR, ETH), 0, "credit");
        assertEq(address(router).balance, 8_000, "left");
    }

    function test_withdraw_paysErc20s() public {
        payUsdc(base, 10_000, OPERATOR);
        vm.prank(GINA);
        router.withdraw(address(usdc), CAROL);
        assertEq(usdc.balanceOf(CAROL), 1_000, "paid");
        assertEq(usdc.balanceOf(address(router)), 9_000, "left");
    }

    function test_withdrawFor_paysTheOwner_whoeverCalls() public {
        payEth(base, 10_000, OPERATOR);
        uint256 before = OPERATOR.balance;
        vm.prank(CAROL);
        router.withdrawFor(OPERATOR, ETH);
        assertEq(OPERATOR.balance - before, 2_000, "paid");
    }

    function test_withdraw_needsCredit_andPaysOnce() public {
        bytes4 nothing = IRevenueRouter.RevenueRouter_NothingToWithdraw.selector;
        payEth(base, 10_000, OPERATOR);
        router.withdrawFor(OPERATOR, ETH);
        vm.expectRevert(abi.encodeWithSelector(nothing, OPERATOR, ETH));
        router.withdrawFor(OPERATOR, ETH);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(nothing, OPERATOR, address(usdc)));
        router.withdraw(address(usdc), OPERATOR);
    }

    function test_withdraw_refusesTheZeroAddress() public {
        payEth(base, 10_000, OPERATOR);
        vm.prank(OPERATOR);
        vm.expectRevert(IRevenueRouter.RevenueRouter_ZeroAddress.selector);
        router.withdraw(ETH, address(0));
    }

    // ---------------------------------------------------------------- receivers that misbehave

    function test_aRevertingReceiver_harmsOnlyItself_andMaySendElsewhere() public {
        FussyReceiver fussy = new FussyReceiver();
        payEth(base, 10_000, address(fussy));
        vm.expectRevert(
            abi.encodeWithSelector(IRevenueRouter.RevenueRouter_PaymentFailed.selector, address(fussy), 2_000)
        );
        router.withdrawFor(address(fussy), ETH);
        assertEq(router.creditOf(address(fussy), ETH), 2_000, "still owed");

        router.withdrawFor(GINA, ETH);
        payEth(base, 10_000, address(fussy));
        fussy.withdrawTo(router, CAROL);
        assertEq(router.creditOf(address(fussy), ETH), 0, "paid elsewhere");
    }

    function test_aReenteringReceiver_isPaidOnce() public {
        GreedyReceiver greedy = new GreedyReceiver(router);
        payEth(base, 10_000, address(greedy));
        router.withdrawFor(address(greedy), ETH);
        assertEq(address(greedy).balance, 2_000, "once");
        assertEq(bytes32(greedy.refusal()), bytes32(REENTERED), "refused");
    }

    // ---------------------------------------------------------------- the holders' part

    function bindRecording(uint256 familyId) private returns (RecordingToken token) {
        token = new RecordingToken();
        bind(familyId, address(token));
    }

    function test_flush_waitsForTheToken_thenPassesEverythingOn() public {
        payEth(base, 10_000, OPERATOR);
        payEth(base, 10_000, OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRevenueRouter.RevenueRouter_NoToken.selector, base));
        router.flush(base, ETH);

        RecordingToken token = bindRecording(base);
        vm.expectEmit(address(router));
        emit IRevenueRouter.HoldersPaid(base, ETH, address(token), 13_600);
        vm.prank(CAROL);
        router.flush(base, ETH);
        assertEq(token.notified(ETH), 13_600, "notified");
        assertEq(address(token).balance, 13_600, "received");
        assertEq(router.holdersPending(base, ETH), 0, "nothing waits");
    }

    function test_flush_approvesExactlyWhatItPasses() public {
        payUsdc(base, 10_000, OPERATOR);
        RecordingToken token = bindRecording(base);
        vm.expectCall(address(usdc), abi.encodeCall(usdc.approve, (address(token), 6_800)));
        router.flush(base, address(usdc));
        assertEq(usdc.balanceOf(address(token)), 6_800, "received");
        assertEq(usdc.allowance(address(router), address(token)), 0, "nothing stays approved");
    }

    function test_flush_needsSomethingToPass_andAFamily() public {
        bindRecording(base);
        vm.expectRevert(abi.encodeWithSelector(IRevenueRouter.RevenueRouter_NothingToFlush.selector, base, ETH));
        router.flush(base, ETH);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchFamily.selector, 9));
        router.flush(9, ETH);
    }

    function test_flush_thatTheTokenRefuses_leavesThePartWaiting() public {
        payUsdc(base, 10_000, OPERATOR);
        RecordingToken token = bindRecording(base);
        usdc.setBlocked(address(token), true);
        vm.expectRevert();
        router.flush(base, address(usdc));
        assertEq(router.holdersPending(base, address(usdc)), 6_800, "waits");
    }

    // ---------------------------------------------------------------- ERC-20s that misbehave

    function test_anErc20ThatArrivesShort_isRefusedWithBothFigures() public {
        fee.setFee(100);
        fee.mint(address(this), 10_000);
        fee.approve(address(router), 10_000);
        vm.expectRevert(
            abi.encodeWithSelector(IRevenueRouter.RevenueRouter_ShortPayment.selector, address(fee), 10_000, 9_900)
        );
        router.distribute(base, address(fee), 10_000, OPERATOR);
    }

    function test_anErc20ThatBeginsToCharge_chargesTheReceiver_notTheOthers() public {
        fee.mint(address(this), 10_000);
        fee.approve(address(router), 10_000);
        router.distribute(base, address(fee), 10_000, OPERATOR);
        fee.setFee(100);
        router.withdrawFor(OPERATOR, address(fee));
        assertEq(fee.balanceOf(OPERATOR), 1_980, "after the fee");
        assertEq(fee.balanceOf(address(router)), 8_000, "the others' money");
    }

    function test_anErc20WithoutReturnValue_goesAllTheWay() public {
        silent.mint(address(this), 10_000);
        silent.approve(address(router), 10_000);
        router.distribute(base, address(silent), 10_000, OPERATOR);
        router.withdrawFor(OPERATOR, address(silent));
        assertEq(silent.balanceOf(OPERATOR), 2_000, "paid");
        RecordingToken token = bindRecording(base);
        router.flush(base, address(silent));
        assertEq(silent.balanceOf(address(token)), 6_800, "flushed");
    }

    /// Stale allowance cannot block a token that insists on zero first.
    function test_flush_resetsAStaleAllowance() public {
        RecordingToken token = bindRecording(base);
        vm.prank(address(router));
        silent.approve(address(token), 5);
        silent.mint(address(this), 10_000);
        silent.approve(address(router), 10_000);
        router.distribute(base, address(silent), 10_000, OPERATOR);
        router.flush(base, address(silent));
        assertEq(silent.balanceOf(address(token)), 6_800, "flushed");
    }

    function test_anErc20ThatReverts_delaysOnlyItself() public {
        payUsdc(base, 10_000, OPERATOR);
        payEth(base, 10_000, OPERATOR);
        usdc.setBlocked(OPERATOR, true);
        vm.expectRevert(abi.encodeWithSelector(TestERC20.Blocked.selector, OPERATOR));
        router.withdrawFor(OPERATOR, address(usdc));
        router.withdrawFor(OPERATOR, ETH);
        router.withdrawFor(GINA, address(usdc));
        assertEq(router.creditOf(OPERATOR, address(usdc)), 2_000, "still owed");
        vm.prank(OPERATOR);
        router.withdraw(address(usdc), CAROL);
        assertEq(usdc.balanceOf(CAROL), 2_000, "an unblocked account can take it");
    }

    function test_anErc20ThatReenters_isKeptOutOfEveryDoor() public {
        payEth(base, 10_000, OPERATOR);
        bindRecording(base);
        payEth(tune, 10_000, OPERATOR);
        reentering.mint(address(this), 100_000);
        reentering.approve(address(router), 100_000);
        bytes[] memory doors = new bytes[](5);
        doors[0] = abi.encodeCall(router.withdrawFor, (OPERATOR, ETH));
        doors[1] = abi.encodeCall(router.withdraw, (ETH, OPERATOR));
        doors[2] = abi.encodeCall(router.flush, (base, ETH));
        doors[3] = abi.encodeCall(router.distributeFamilyCredit, (base, ETH));
        doors[4] = abi.encodeCall(router.distribute, (base, ETH, 0, OPERATOR));
        for (uint256 i = 0; i < doors.length; ++i) {
            reentering.arm(address(router), doors[i]);
            router.distribute(base, address(reentering), 10_000, OPERATOR);
            assertTrue(reentering.called(), "tried");
            assertFalse(reentering.callSucceeded(), "kept out");
            assertEq(bytes32(bytes4(reentering.callReturned())), bytes32(REENTERED), "by the guard");
        }
        assertEq(router.creditOf(OPERATOR, address(reentering)), 10_000, "five payments, credited once each");
    }

    function test_anErc20ThatReenters_onTheWayOut_isPaidOnce() public {
        reentering.mint(address(this), 10_000);
        reentering.approve(address(router), 10_000);
        router.distribute(base, address(reentering), 10_000, OPERATOR);
        reentering.arm(address(router), abi.encodeCall(router.withdrawFor, (OPERATOR, address(reentering))));
        router.withdrawFor(OPERATOR, address(reentering));
        assertFalse(reentering.callSucceeded(), "kept out");
        assertEq(reentering.balanceOf(OPERATOR), 2_000, "once");
    }
}
