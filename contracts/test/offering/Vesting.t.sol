// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IOfferingFactory} from "../../src/interfaces/IOfferingFactory.sol";
import {IVestingEscrow} from "../../src/interfaces/IVestingEscrow.sol";
import {OfferingFixture} from "./support/OfferingFixture.sol";

/// Contributors vest from settlement on over 90 days; the team from day 90 (a quarter at once) to 360; liquidity on day 180.
contract VestingTest is OfferingFixture {
    function setUp() external {
        arrange();
    }

    function test_nothing_vests_before_settlement() external {
        openSale();
        vm.warp(CLOSES + 29 days);
        assertEq(escrow.releasable(CONTRIBUTOR), 0, "releasable");
        assertEq(escrow.vested(0, block.timestamp), 0, "vested");
        vm.expectRevert(IVestingEscrow.VestingEscrow_NotStarted.selector);
        escrow.release(CONTRIBUTOR);
    }

    function test_a_grant_without_cliff_vests_linearly() external {
        settle();
        vm.warp(CLOSES + 30 days);
        assertEq(escrow.releasable(CONTRIBUTOR), uint256(1e26) / 3, "a third");
        vm.expectEmit(address(escrow));
        emit IVestingEscrow.Released(CONTRIBUTOR, 0, uint256(1e26) / 3);
        vm.prank(STRANGER);
        escrow.release(CONTRIBUTOR);
        assertEq(token.balanceOf(CONTRIBUTOR), uint256(1e26) / 3, "paid");
        assertEq(escrow.released(0), uint256(1e26) / 3, "counted");
        assertTrue(token.isSharing(CONTRIBUTOR), "released tokens earn");
    }

    function test_a_grant_with_a_cliff_vests_nothing_before_it_and_the_past_at_it() external {
        settle();
        vm.warp(CLOSES + 90 days - 1);
        assertEq(escrow.releasable(TEAM), 0, "before");
        vm.warp(CLOSES + 90 days);
        assertEq(escrow.releasable(TEAM), 2.5e25, "a quarter");
    }

    function test_the_liquidity_share_stays_whole_until_its_lock_ends() external {
        settle();
        vm.warp(CLOSES + 180 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IVestingEscrow.VestingEscrow_NothingToRelease.selector, POOL_OWNER));
        escrow.release(POOL_OWNER);
        vm.warp(CLOSES + 180 days);
        assertEq(escrow.release(POOL_OWNER), 3e26, "all");
    }

    function test_release_pays_all_grants_of_a_beneficiary_at_once_and_never_twice() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.allocation.grants[0].beneficiary = TEAM;
        create(params);
        vm.warp(OPENS);
        commit(ALICE, 60 ether);
        closeAndSettle();
        vm.warp(CLOSES + 360 days);
        assertEq(escrow.release(TEAM), 2e26, "both");
        vm.expectRevert(abi.encodeWithSelector(IVestingEscrow.VestingEscrow_NothingToRelease.selector, TEAM));
        escrow.release(TEAM);
    }

    function test_release_reverts_for_those_without_a_grant() external {
        settle();
        vm.warp(CLOSES + 360 days);
        vm.expectRevert(abi.encodeWithSelector(IVestingEscrow.VestingEscrow_NothingToRelease.selector, STRANGER));
        escrow.release(STRANGER);
    }

    function test_start_is_the_offerings_once() external {
        create(openLm());
        vm.expectRevert(abi.encodeWithSelector(IVestingEscrow.VestingEscrow_NotOffering.selector, address(this)));
        escrow.start();
        vm.startPrank(address(sale));
        vm.expectEmit(address(escrow));
        emit IVestingEscrow.Started(START);
        escrow.start();
        vm.expectRevert(IVestingEscrow.VestingEscrow_AlreadyStarted.selector);
        escrow.start();
        vm.stopPrank();
    }

    function test_nothing_is_ever_released_when_the_sale_fails() external {
        openSale();
        closeAndSettle();
        vm.warp(CLOSES + 360 days);
        vm.expectRevert(IVestingEscrow.VestingEscrow_NotStarted.selector);
        escrow.release(TEAM);
    }

    function testFuzz_vested_never_falls_and_ends_at_the_whole(uint32 early, uint32 late) external {
        settle();
        (uint256 from, uint256 to) = early < late ? (early, late) : (late, early);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 amount = escrow.grants()[i].amount;
            assertLe(escrow.vested(i, CLOSES + from), escrow.vested(i, CLOSES + to), "never falls");
            assertLe(escrow.vested(i, CLOSES + to), amount, "never more");
            assertEq(escrow.vested(i, CLOSES + 360 days + to), amount, "the whole");
        }
    }

    function testFuzz_releasing_often_pays_the_same_as_once(uint32[8] calldata times) external {
        settle();
        uint256 paid = 0;
        uint256 time = CLOSES;
        for (uint256 i = 0; i < times.length; ++i) {
            time += bound(times[i], 0, 60 days);
            vm.warp(time);
            if (escrow.releasable(TEAM) != 0) paid += escrow.release(TEAM);
            assertEq(paid, escrow.vested(1, time), "all that is vested");
        }
        assertEq(token.balanceOf(TEAM), paid, "held");
    }

    function settle() private {
        openSale();
        commit(ALICE, 60 ether);
        closeAndSettle();
    }
}
