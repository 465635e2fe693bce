// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {RouterFixture} from "./RouterFixture.sol";
import {IRevenueRouter} from "../../src/interfaces/IRevenueRouter.sol";

/// Lineage: a parent's share is credited to the parent family, whose own waterfall is a later call.
contract LineageTest is RouterFixture {
    /// Everything the router owes in `asset` to the people and families of the tree.
    function totalOwed(address asset) private view returns (uint256 total) {
        address[7] memory people = [OPERATOR, ALICE, PETE, GINA, CAROL, DAVE, TREASURY];
        for (uint256 i = 0; i < people.length; ++i) {
            total += router.creditOf(people[i], asset);
        }
        for (uint256 familyId = base; familyId <= digits; ++familyId) {
            total += router.familyCreditOf(familyId, asset) + router.holdersPending(familyId, asset);
        }
    }

    function test_distributeFamilyCredit_runsTheParentsWaterfall_withoutAnOperator() public {
        payEth(digits, 100_000, OPERATOR);
        assertEq(router.familyCreditOf(tune, ETH), 15_000, "credit");

        vm.expectEmit(address(router));
        emit IRevenueRouter.Distributed(
            tune,
            ETH,
            address(0),
            address(router),
            15_000,
            IRevenueRouter.Split({operator: 0, publisher: 1_500, lineage: 2_250, protocol: 300, holders: 10_950})
        );
        router.distributeFamilyCredit(tune, ETH);

        assertEq(router.familyCreditOf(tune, ETH), 0, "spent");
        assertEq(router.creditOf(PETE, ETH), 1_500, "parent's publisher");
        assertEq(router.creditOf(CAROL, ETH), 750, "parent's contributor");
        assertEq(router.familyCreditOf(base, ETH), 5_000 + 1_500, "grandparent, from both");
        assertEq(router.holdersPending(tune, ETH), 10_950, "parent's holders");
    }

    function test_distributeFamilyCredit_hasAnEnd_generationByGeneration() public {
        payUsdc(digits, 100_000, OPERATOR);
        router.distributeFamilyCredit(tune, address(usdc));
        router.distributeFamilyCredit(base, address(usdc));
        for (uint256 familyId = base; familyId <= digits; ++familyId) {
            assertEq(router.familyCreditOf(familyId, address(usdc)), 0, "nothing left to distribute");
        }
    }

    function test_distributeFamilyCredit_needsCredit() public {
        vm.expectRevert(abi.encodeWithSelector(IRevenueRouter.RevenueRouter_NothingToDistribute.selector, base, ETH));
        router.distributeFamilyCredit(base, ETH);
    }

    /// Forall payments into any generation, in any order: nothing is lost and nothing appears on the way up.
    function testFuzz_lineageCredit_isConservedOverThreeGenerations(uint128[6] memory amounts, uint256 order) public {
        uint256 paid;
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 familyId = base + ((order >> (8 * i)) % 3);
            payEth(familyId, amounts[i], order % 2 == 0 ? OPERATOR : address(0));
            paid += amounts[i];
            uint256 step = base + ((order >> (128 + 8 * i)) % 3);
            if (router.familyCreditOf(step, ETH) != 0) router.distributeFamilyCredit(step, ETH);
            assertEq(totalOwed(ETH), paid, "conserved");
        }
        assertEq(address(router).balance, paid, "held");
    }

    /// Whether a grandparent's share comes in one distribution or in many costs it less than a unit per share and step.
    function testFuzz_distributingOften_losesThePartiesLessThanAUnitEach(uint64 first, uint64 second) public {
        uint256 snapshot = vm.snapshotState();
        payEth(digits, first, OPERATOR);
        payEth(digits, second, OPERATOR);
        if (router.familyCreditOf(tune, ETH) != 0) router.distributeFamilyCredit(tune, ETH);
        uint256 once = router.creditOf(PETE, ETH);
        vm.revertToState(snapshot);

        payEth(digits, first, OPERATOR);
        if (router.familyCreditOf(tune, ETH) != 0) router.distributeFamilyCredit(tune, ETH);
        payEth(digits, second, OPERATOR);
        if (router.familyCreditOf(tune, ETH) != 0) router.distributeFamilyCredit(tune, ETH);
        assertClose(router.creditOf(PETE, ETH), once, 1, "within one unit");
    }
}
