// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {People} from "../support/People.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {ModelRegistry} from "../../src/registry/ModelRegistry.sol";

/// A registry with the production parameters, and parameters of a family and a version that pass every check.
abstract contract RegistryFixture is People {
    uint32 internal constant DELAY = 48 hours;
    uint32 internal constant PERIOD = 7 days;
    uint16 internal constant PROTOCOL = 200;
    uint256 internal constant MAX_PRICE = type(uint104).max;
    address internal constant ETH = address(0);

    address internal immutable FACTORY = vm.addr(0xFAC);
    address internal immutable OPERATORS = vm.addr(0x09E);

    ModelRegistry internal registry;
    TestERC20 internal usdc;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        registry = new ModelRegistry(production(), FACTORY, OPERATORS);
        usdc = new TestERC20("USDC", 6);
    }

    function production() internal pure returns (IModelRegistry.Parameters memory) {
        return
            IModelRegistry.Parameters({
                priceDelay: DELAY,
                priceBoundPeriod: PERIOD,
                maxOperatorBps: 5_000,
                maxLineageBps: 5_000,
                minHoldersBps: 2_000,
                protocolBps: PROTOCOL,
                attestingOperators: 3
            });
    }

    /// Operator 20%, publisher 10%, no lineage, holders at least 50%; pays in ETH only.
    function plainFamily() internal pure returns (IModelRegistry.FamilyParams memory params) {
        params.name = "digits";
        params.operatorBps = 2_000;
        params.publisherBps = 1_000;
        params.holdersFloorBps = 5_000;
    }

    /// A version of fixed shape that is not for sale.
    function plainVersion(uint256 familyId) internal pure returns (IModelRegistry.VersionParams memory params) {
        params.familyId = familyId;
        params.fileHash = sha256("digits.onnx");
        params.metadataURI = "ipfs://digits";
        params.licence = "Apache-2.0";
        params.io = IModelRegistry.IOBounds({minInput: 784, maxInput: 784, minOutput: 48, maxOutput: 48, context: 0});
    }

    function register(address publisher, IModelRegistry.FamilyParams memory params) internal returns (uint256) {
        vm.prank(publisher);
        return registry.registerFamily(params);
    }

    function publish(address publisher, IModelRegistry.VersionParams memory params) internal returns (uint256) {
        vm.prank(publisher);
        return registry.publishVersion(params);
    }

    /// A version of a fresh family of Alice's, sold for `amount` wei.
    function publishAt(uint256 amount) internal returns (uint256 versionId) {
        IModelRegistry.VersionParams memory params = plainVersion(register(ALICE, plainFamily()));
        params.prices = prices(ETH, amount);
        return publish(ALICE, params);
    }

    function bind(uint256 familyId, address token) internal {
        vm.prank(FACTORY);
        registry.bindToken(familyId, token);
    }

    function prices(address asset, uint256 amount) internal pure returns (IModelRegistry.Price[] memory list) {
        list = new IModelRegistry.Price[](1);
        list[0] = IModelRegistry.Price(asset, amount);
    }

    function parent(uint256 familyId, uint16 shareBps) internal pure returns (IModelRegistry.LineageParty memory) {
        return IModelRegistry.LineageParty(familyId, address(0), shareBps);
    }

    function contributor(address who, uint16 shareBps) internal pure returns (IModelRegistry.LineageParty memory) {
        return IModelRegistry.LineageParty(0, who, shareBps);
    }

    function parties(
        IModelRegistry.LineageParty memory first
    ) internal pure returns (IModelRegistry.LineageParty[] memory list) {
        list = new IModelRegistry.LineageParty[](1);
        list[0] = first;
    }

    function parties(
        IModelRegistry.LineageParty memory first,
        IModelRegistry.LineageParty memory second
    ) internal pure returns (IModelRegistry.LineageParty[] memory list) {
        list = new IModelRegistry.LineageParty[](2);
        (list[0], list[1]) = (first, second);
    }

    function one(address asset) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = asset;
    }

    function two(address first, address second) internal pure returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (first, second);
    }

    function text(uint256 length) internal pure returns (string memory) {
        bytes memory characters = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            characters[i] = "x";
        }
        return string(characters);
    }
}
