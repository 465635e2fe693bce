// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {Scheduled} from "./Scheduled.sol";

/// @title RegistryBase
/// @notice What the parts of the registry share: its bounds, the records, and finding one.
abstract contract RegistryBase is IModelRegistry {
    uint256 internal constant BPS = 10_000;
    address internal constant ETH = address(0);

    struct FamilyRecord {
        address publisher;
        uint16 operatorBps;
        uint16 lineageBps;
        uint16 holdersFloorBps;
        uint40 createdAt;
        address pendingPublisher;
        address token;
        Scheduled.Amount publisherBps;
        string name;
        LineageParty[] lineage;
        address[] assets;
    }

    // ---------------------------------------------------------------- storage

    Parameters internal _parameters;
    mapping(uint256 familyId => FamilyRecord) internal _families;
    mapping(uint256 versionId => Version) internal _versions;

    constructor(Parameters memory parameters_) {
        if (parameters_.priceDelay == 0) revert ModelRegistry_BadConfig("priceDelay");
        if (parameters_.priceBoundPeriod == 0) revert ModelRegistry_BadConfig("priceBoundPeriod");
        if (parameters_.maxOperatorBps > BPS) revert ModelRegistry_BadConfig("maxOperatorBps");
        if (parameters_.maxLineageBps > BPS) revert ModelRegistry_BadConfig("maxLineageBps");
        if (uint256(parameters_.minHoldersBps) + parameters_.protocolBps > BPS) {
            revert ModelRegistry_BadConfig("minHoldersBps");
        }
        if (parameters_.attestingOperators == 0) revert ModelRegistry_BadConfig("attestingOperators");
        _parameters = parameters_;
    }

    modifier onlyPublisher(uint256 familyId) {
        if (_family(familyId).publisher != msg.sender) revert ModelRegistry_NotPublisher(familyId, msg.sender);
        _;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IModelRegistry
    function acceptsAsset(uint256 familyId, address asset) public view returns (bool) {
        address[] storage erc20s = _family(familyId).assets;
        if (asset == ETH) return true;
        for (uint256 i = 0; i < erc20s.length; ++i) {
            if (erc20s[i] == asset) return true;
        }
        return false;
    }

    /// @inheritdoc IModelRegistry
    function parameters() external view returns (Parameters memory) {
        return _parameters;
    }

    // ---------------------------------------------------------------- records

    function _family(uint256 familyId) internal view returns (FamilyRecord storage record) {
        record = _families[familyId];
        if (record.publisher == address(0)) revert ModelRegistry_NoSuchFamily(familyId);
    }

    function _version(uint256 versionId) internal view returns (Version storage record) {
        record = _versions[versionId];
        if (record.familyId == 0) revert ModelRegistry_NoSuchVersion(versionId);
    }

    // ---------------------------------------------------------------- requirements

    function _requireLength(bytes32 field, string calldata value, uint256 most) internal pure {
        uint256 length = bytes(value).length;
        if (length > most) revert ModelRegistry_TooLong(field, length, most);
    }
}
