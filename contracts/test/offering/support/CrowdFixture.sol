// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IFixedPriceOffering} from "../../../src/interfaces/IFixedPriceOffering.sol";
import {IOfferingFactory} from "../../../src/interfaces/IOfferingFactory.sol";
import {OfferingFixture} from "./OfferingFixture.sol";

/// A crowd of buyers, a sale whose numbers do not divide, and the level of a smallest-first sale found by sorting.
abstract contract CrowdFixture is OfferingFixture {
    uint256 internal constant CROWD = 6;
    uint256 internal constant HARD_CAP = 150 ether + 7;
    uint256 internal constant OFFERED = 5e26 + 3;
    uint256 internal constant LIST_CAP = type(uint128).max;

    address[] internal crowd;

    function arrange() internal virtual override {
        for (uint256 i = 0; i < CROWD; ++i) crowd.push(vm.addr(0xB000 + i));
        super.arrange();
    }

    function listedBuyers() internal view override returns (address[] memory) {
        return crowd;
    }

    function openCrowdSale(IFixedPriceOffering.Oversubscription rule, address currency) internal {
        createCrowdSale(rule, currency);
        vm.warp(OPENS);
    }

    function createCrowdSale(IFixedPriceOffering.Oversubscription rule, address currency) internal {
        IOfferingFactory.OfferingParams memory params = openLm();
        (params.allocation.offered, params.allocation.liquidity) = (OFFERED, 3e26 - 3);
        params.sale.hardCap = HARD_CAP;
        params.sale.currency = currency;
        params.sale.oversubscription = rule;
        params.sale.allowListRoot = listRoot(factory.predictOffering(familyId), LIST_CAP);
        if (currency != ETH) approveProbe(currency);
        create(params);
    }

    function commitListed(address buyer, uint256 amount) internal {
        commitWith(buyer, amount, LIST_CAP, listProof(address(sale), buyer, LIST_CAP));
    }

    /// Settles by whichever way the sale needs.
    function settleSomehow() internal {
        if (sale.terms().oversubscription == IFixedPriceOffering.Oversubscription.ProRata) return sale.settle();
        if (sale.totalCommitted() <= HARD_CAP) return sale.settle();
        sale.settleAtLevel(levelBySorting(HARD_CAP), type(uint256).max);
    }

    /// The greatest level whose accepted parts fit into `cap`: fill from the smallest commitment up, share the rest evenly.
    function levelBySorting(uint256 cap) internal view returns (uint256) {
        uint256[] memory sorted = sortedCommitments();
        uint256 rest = cap;
        for (uint256 i = 0; i < sorted.length; ++i) {
            uint256 even = rest / (sorted.length - i);
            if (sorted[i] > even) return even;
            rest -= sorted[i];
        }
        return type(uint256).max;
    }

    function sortedCommitments() private view returns (uint256[] memory sorted) {
        sorted = new uint256[](sale.buyerCount());
        for (uint256 i = 0; i < sorted.length; ++i) {
            uint256 next = sale.commitmentOf(sale.buyerAt(i));
            uint256 j = i;
            for (; j > 0 && sorted[j - 1] > next; --j) sorted[j] = sorted[j - 1];
            sorted[j] = next;
        }
    }

    function sumOfAccepted() internal view returns (uint256 sum) {
        for (uint256 i = 0; i < CROWD; ++i) sum += sale.outcomeOf(crowd[i]).accepted;
    }
}
