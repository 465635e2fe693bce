// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {People} from "../../support/People.sol";
import {TestERC20} from "../../support/TestERC20.sol";
import {IFixedPriceOffering} from "../../../src/interfaces/IFixedPriceOffering.sol";
import {IModelRegistry} from "../../../src/interfaces/IModelRegistry.sol";
import {IModelToken} from "../../../src/interfaces/IModelToken.sol";
import {IOfferingFactory} from "../../../src/interfaces/IOfferingFactory.sol";
import {IVestingEscrow} from "../../../src/interfaces/IVestingEscrow.sol";
import {DataContract} from "../../../src/offering/DataContract.sol";
import {FixedPriceOffering} from "../../../src/offering/FixedPriceOffering.sol";
import {OfferingFactory} from "../../../src/offering/OfferingFactory.sol";
import {VestingEscrow} from "../../../src/offering/VestingEscrow.sol";
import {ModelRegistry} from "../../../src/registry/ModelRegistry.sol";
import {ModelToken} from "../../../src/token/ModelToken.sol";
import {MerkleTree} from "./MerkleTree.sol";

/// For tokens that return nothing.
interface IERC20Approve {
    function approve(address spender, uint256 amount) external;
}

/// A registry and a factory with the production limits, a family, the terms of the first IMO, and what buyers do.
abstract contract OfferingFixture is People {
    using MerkleTree for bytes32[];

    address internal constant ETH = address(0);
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant PROBE = 10_000;
    uint40 internal constant OPENS = uint40(START + 1 days);
    uint40 internal constant CLOSES = uint40(START + 8 days);
    uint256 internal constant CUTOFF = CLOSES - 1 days;

    address internal immutable TEAM = vm.addr(0x7EA3);
    address internal immutable CONTRIBUTOR = vm.addr(0xC0);
    address internal immutable POOL_OWNER = vm.addr(0x9001);
    address internal immutable STRANGER = vm.addr(0x57A);

    ModelRegistry internal registry;
    OfferingFactory internal factory;
    TestERC20 internal usdc;
    uint256 internal familyId;

    IFixedPriceOffering internal sale;
    IModelToken internal token;
    IVestingEscrow internal escrow;

    /// Deploys everything. A test calls it from `setUp`, a handler from its constructor.
    function arrange() internal virtual {
        vm.warp(START);
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 5);
        OfferingFactory.Parts memory deployed = parts();
        registry = newRegistry(predicted);
        factory = new OfferingFactory(registry, deployed, limits(), PROBE, new address[](0));
        assertEq(address(factory), predicted, "factory");
        usdc = new TestERC20("USDC", 6);
        familyId = registerFamily();
    }

    // ---------------------------------------------------------------- deployment

    /// Four contracts: two implementations, then the token's creation code.
    function parts() internal returns (OfferingFactory.Parts memory) {
        bytes memory code = type(ModelToken).creationCode;
        uint256 half = code.length / 2;
        return
            OfferingFactory.Parts({
                offeringImplementation: address(new FixedPriceOffering()),
                escrowImplementation: address(new VestingEscrow()),
                tokenCodeHead: DataContract.write(slice(code, 0, half)),
                tokenCodeTail: DataContract.write(slice(code, half, code.length)),
                tokenCodeHash: keccak256(code)
            });
    }

    function slice(bytes memory data, uint256 from, uint256 to) internal pure returns (bytes memory part) {
        part = new bytes(to - from);
        assembly ("memory-safe") {
            mcopy(add(part, 0x20), add(add(data, 0x20), from), sub(to, from))
        }
    }

    function newRegistry(address factory_) internal returns (ModelRegistry) {
        return
            new ModelRegistry(
                IModelRegistry.Parameters(48 hours, 7 days, 5_000, 5_000, 2_000, 200, 3),
                factory_,
                address(0xC0)
            );
    }

    function limits() internal pure returns (IOfferingFactory.Limits memory) {
        return
            IOfferingFactory.Limits({
                minStreamPeriod: 1 days,
                snapshotInterval: 1 days,
                minLiquidityLock: 180 days,
                uncommitCutoff: 1 days,
                exitWindow: 7 days,
                revenueHold: 1 days,
                minDuration: 3 days,
                maxDuration: 90 days
            });
    }

    function registerFamily() internal returns (uint256) {
        IModelRegistry.FamilyParams memory params;
        params.name = "OpenLM";
        params.operatorBps = 2_000;
        params.publisherBps = 1_000;
        params.holdersFloorBps = 5_000;
        params.assets = new address[](1);
        params.assets[0] = address(usdc);
        vm.prank(PUBLISHER);
        return registry.registerFamily(params);
    }

    // ---------------------------------------------------------------- terms

    /// The first IMO: 1,000,000,000 OLM; 50% for 150 ETH, 30% liquidity, 10% contributors, 10% team. Half of the proceeds at
    /// settlement, a quarter after 30 days, a quarter after 60.
    function openLm() internal view returns (IOfferingFactory.OfferingParams memory params) {
        params.familyId = familyId;
        params.token = IOfferingFactory.TokenTerms("OpenLM", "OLM", 1e27, 8_000, 7 days);
        params.allocation.offered = 5e26;
        params.allocation.liquidity = 3e26;
        params.allocation.liquidityRecipient = POOL_OWNER;
        params.allocation.liquidityLock = 180 days;
        params.allocation.grants = new IVestingEscrow.Grant[](2);
        params.allocation.grants[0] = IVestingEscrow.Grant(CONTRIBUTOR, 1e26, 0, 90 days);
        params.allocation.grants[1] = IVestingEscrow.Grant(TEAM, 1e26, 90 days, 360 days);
        params.sale.softCap = 50 ether;
        params.sale.hardCap = 150 ether;
        params.sale.opensAt = OPENS;
        params.sale.closesAt = CLOSES;
        params.sale.fundsRecipient = TREASURY;
        params.sale.tranches = new IFixedPriceOffering.Tranche[](3);
        params.sale.tranches[0] = IFixedPriceOffering.Tranche(0, 5_000);
        params.sale.tranches[1] = IFixedPriceOffering.Tranche(30 days, 2_500);
        params.sale.tranches[2] = IFixedPriceOffering.Tranche(60 days, 2_500);
    }

    /// The same for 150,000 of an ERC-20 with six decimals.
    function openLmIn(address currency) internal view returns (IOfferingFactory.OfferingParams memory params) {
        params = openLm();
        params.sale.currency = currency;
        params.sale.softCap = 50_000e6;
        params.sale.hardCap = 150_000e6;
    }

    /// The same with a list of Alice, Bob and Carol, up to 100 ETH each, smallest first.
    function openLmSmallestFirst() internal view returns (IOfferingFactory.OfferingParams memory params) {
        params = openLm();
        params.sale.oversubscription = IFixedPriceOffering.Oversubscription.SmallestFirst;
        params.sale.allowListRoot = listRoot(factory.predictOffering(familyId), 100 ether);
    }

    function smallestFirstIn(address currency) internal view returns (IOfferingFactory.OfferingParams memory params) {
        params = openLmIn(currency);
        params.sale.oversubscription = IFixedPriceOffering.Oversubscription.SmallestFirst;
        params.sale.allowListRoot = listRoot(factory.predictOffering(familyId), 100 ether);
    }

    function create(IOfferingFactory.OfferingParams memory params) internal {
        vm.prank(PUBLISHER);
        (address offering_, address token_, address escrow_) = factory.create(params);
        (sale, token, escrow) = (IFixedPriceOffering(offering_), IModelToken(token_), IVestingEscrow(escrow_));
    }

    /// Lets the factory probe an ERC-20.
    function approveProbe(address currency) internal {
        fund(currency, PUBLISHER, PROBE);
        vm.prank(PUBLISHER);
        IERC20Approve(currency).approve(address(factory), PROBE);
    }

    /// Creates the reference sale for 150,000 of an ERC-20 with six decimals, and opens it.
    function openSaleIn(address currency) internal {
        approveProbe(currency);
        create(openLmIn(currency));
        vm.warp(OPENS);
    }

    /// Creates the reference sale and opens it.
    function openSale() internal {
        create(openLm());
        vm.warp(OPENS);
    }

    function openSmallestFirst() internal {
        create(openLmSmallestFirst());
        vm.warp(OPENS);
    }

    // ---------------------------------------------------------------- allow-list

    function listedBuyers() internal view virtual returns (address[] memory buyers) {
        buyers = new address[](3);
        (buyers[0], buyers[1], buyers[2]) = (ALICE, BOB, CAROL);
    }

    function leaves(address offering, uint256 cap) internal view returns (bytes32[] memory list) {
        address[] memory buyers = listedBuyers();
        list = new bytes32[](buyers.length);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = keccak256(bytes.concat(keccak256(abi.encode(block.chainid, offering, buyers[i], cap))));
        }
    }

    function listRoot(address offering, uint256 cap) internal view returns (bytes32) {
        return leaves(offering, cap).root();
    }

    function listProof(address offering, address buyer, uint256 cap) internal view returns (bytes32[] memory) {
        address[] memory buyers = listedBuyers();
        uint256 index = 0;
        while (buyers[index] != buyer) ++index;
        return leaves(offering, cap).proof(index);
    }

    // ---------------------------------------------------------------- acts

    /// Gives `who` more of a currency: any of the test tokens, or ETH.
    function fund(address currency, address who, uint256 amount) internal {
        if (currency == ETH) vm.deal(who, who.balance + amount);
        else TestERC20(currency).mint(who, amount);
    }

    function balance(address currency, address who) internal view returns (uint256) {
        return currency == ETH ? who.balance : IERC20(currency).balanceOf(who);
    }

    /// `buyer` gets what it commits first. Uses the allow-list entry over 100 ETH where there is a list.
    function commit(address buyer, uint256 amount) internal {
        bytes32[] memory proof;
        uint256 cap = 100 ether;
        if (sale.terms().allowListRoot != 0) proof = listProof(address(sale), buyer, cap);
        commitWith(buyer, amount, cap, proof);
    }

    function commitWith(address buyer, uint256 amount, uint256 cap, bytes32[] memory proof) internal {
        address currency = sale.terms().currency;
        fund(currency, buyer, amount);
        if (currency == ETH) {
            vm.prank(buyer);
            sale.commit{value: amount}(amount, cap, proof);
        } else {
            vm.prank(buyer);
            IERC20Approve(currency).approve(address(sale), amount);
            vm.prank(buyer);
            sale.commit(amount, cap, proof);
        }
    }

    function uncommit(address buyer, uint256 amount) internal {
        vm.prank(buyer);
        sale.uncommit(amount, buyer);
    }

    function close() internal {
        vm.warp(CLOSES);
    }

    function closeAndSettle() internal {
        close();
        sale.settle();
    }

    /// Into the window before the second tranche.
    function intoExitWindow() internal {
        vm.warp(sale.settledAt() + 23 days);
    }

    function exit(address buyer, uint256 tokens) internal {
        vm.prank(buyer);
        token.approve(address(sale), tokens);
        vm.prank(buyer);
        sale.exit(tokens, buyer);
    }

    /// The error of a call that the sale's state does not allow.
    function wrongState(IFixedPriceOffering.State actual) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_WrongState.selector, actual);
    }

    function assertState(IFixedPriceOffering.State expected, string memory what) internal view {
        assertEq(uint256(sale.state()), uint256(expected), what);
    }
}
