// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {RegistryBase} from "./RegistryBase.sol";
import {Scheduled} from "./Scheduled.sol";

/// @title Families
/// @notice Model families: who publishes, how income is shared, and the token of each.
abstract contract Families is RegistryBase {
    using Scheduled for Scheduled.Amount;

    uint256 private constant MAX_PARTIES = 8;
    uint256 private constant MAX_ASSETS = 4;
    uint256 private constant MAX_NAME_BYTES = 64;

    address public immutable offeringFactory;
    uint256 public familyCount;

    constructor(address offeringFactory_) {
        if (offeringFactory_ == address(0)) revert ModelRegistry_BadConfig("offeringFactory");
        offeringFactory = offeringFactory_;
    }

    /// @inheritdoc IModelRegistry
    function registerFamily(FamilyParams calldata params) external returns (uint256 familyId) {
        _requireLength("name", params.name, MAX_NAME_BYTES);
        if (bytes(params.name).length == 0) revert ModelRegistry_EmptyField("name");
        _requireAssets(params.assets);
        uint256 lineageBps = _requireLineage(params.lineage, params.assets);
        _requireShares(params, lineageBps);

        familyId = ++familyCount;
        FamilyRecord storage record = _families[familyId];
        record.publisher = msg.sender;
        record.operatorBps = params.operatorBps;
        // At most `maxLineageBps`, itself 16 bits.
        record.lineageBps = uint16(lineageBps);
        record.holdersFloorBps = params.holdersFloorBps;
        record.createdAt = uint40(block.timestamp);
        record.publisherBps.current = params.publisherBps;
        record.name = params.name;
        record.assets = params.assets;
        emit FamilyRegistered(familyId, msg.sender, params.name, _waterfall(record));

        for (uint256 i = 0; i < params.lineage.length; ++i) {
            LineageParty calldata party = params.lineage[i];
            record.lineage.push(party);
            emit LineageRecorded(familyId, party.parentFamilyId, party.contributor, party.shareBps);
        }
    }

    /// @inheritdoc IModelRegistry
    function schedulePublisherShare(uint256 familyId, uint16 publisherBps) external onlyPublisher(familyId) {
        FamilyRecord storage record = _families[familyId];
        _requireTotal(uint256(record.operatorBps) + publisherBps + record.lineageBps + record.holdersFloorBps);
        uint256 effectiveAt = block.timestamp + _parameters.priceDelay;
        record.publisherBps.announce(publisherBps, effectiveAt);
        emit PublisherShareScheduled(familyId, publisherBps, effectiveAt);
    }

    /// @inheritdoc IModelRegistry
    function transferPublisher(uint256 familyId, address to) external onlyPublisher(familyId) {
        _families[familyId].pendingPublisher = to;
        emit PublisherTransferStarted(familyId, msg.sender, to);
    }

    /// @inheritdoc IModelRegistry
    function acceptPublisher(uint256 familyId) external {
        FamilyRecord storage record = _family(familyId);
        if (record.pendingPublisher != msg.sender) revert ModelRegistry_NotPendingPublisher(familyId, msg.sender);
        emit PublisherTransferred(familyId, record.publisher, msg.sender);
        record.publisher = msg.sender;
        record.pendingPublisher = address(0);
    }

    /// @inheritdoc IModelRegistry
    function bindToken(uint256 familyId, address token) external {
        if (msg.sender != offeringFactory) revert ModelRegistry_NotOfferingFactory(msg.sender);
        if (token == address(0)) revert ModelRegistry_EmptyField("token");
        FamilyRecord storage record = _family(familyId);
        if (record.token != address(0)) revert ModelRegistry_TokenAlreadyBound(familyId, record.token);
        record.token = token;
        emit TokenBound(familyId, token);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IModelRegistry
    function family(uint256 familyId) external view returns (Family memory) {
        FamilyRecord storage record = _family(familyId);
        return
            Family({
                publisher: record.publisher,
                pendingPublisher: record.pendingPublisher,
                token: record.token,
                createdAt: record.createdAt,
                name: record.name
            });
    }

    /// @inheritdoc IModelRegistry
    function waterfall(uint256 familyId) external view returns (Waterfall memory) {
        return _waterfall(_family(familyId));
    }

    /// @inheritdoc IModelRegistry
    function publisherShareSchedule(
        uint256 familyId
    ) external view returns (uint256 current, uint256 next, uint256 effectiveAt) {
        return _family(familyId).publisherBps.schedule();
    }

    /// @inheritdoc IModelRegistry
    function lineage(uint256 familyId) external view returns (LineageParty[] memory) {
        return _family(familyId).lineage;
    }

    /// @inheritdoc IModelRegistry
    function assetsOf(uint256 familyId) external view returns (address[] memory assets) {
        address[] storage erc20s = _family(familyId).assets;
        assets = new address[](erc20s.length + 1);
        assets[0] = ETH;
        for (uint256 i = 0; i < erc20s.length; ++i) {
            assets[i + 1] = erc20s[i];
        }
    }

    /// @inheritdoc IModelRegistry
    function publisherOf(uint256 familyId) external view returns (address) {
        return _family(familyId).publisher;
    }

    /// @inheritdoc IModelRegistry
    function tokenOf(uint256 familyId) external view returns (address) {
        return _family(familyId).token;
    }

    function _waterfall(FamilyRecord storage record) private view returns (Waterfall memory) {
        return
            Waterfall({
                operatorBps: record.operatorBps,
                // Only 16-bit shares are ever announced.
                publisherBps: uint16(record.publisherBps.inForce()),
                lineageBps: record.lineageBps,
                holdersFloorBps: record.holdersFloorBps
            });
    }

    // ---------------------------------------------------------------- requirements

    function _requireAssets(address[] calldata assets) private view {
        if (assets.length > MAX_ASSETS) revert ModelRegistry_TooManyAssets(assets.length, MAX_ASSETS);
        for (uint256 i = 0; i < assets.length; ++i) {
            // ETH has no code either.
            if (assets[i].code.length == 0) revert ModelRegistry_BadAsset(assets[i]);
            for (uint256 j = 0; j < i; ++j) {
                if (assets[j] == assets[i]) revert ModelRegistry_BadAsset(assets[i]);
            }
        }
    }

    function _requireLineage(
        LineageParty[] calldata parties,
        address[] calldata assets
    ) private view returns (uint256 totalBps) {
        if (parties.length > MAX_PARTIES) revert ModelRegistry_TooManyParties(parties.length, MAX_PARTIES);
        for (uint256 i = 0; i < parties.length; ++i) {
            LineageParty calldata party = parties[i];
            bool isParent = party.parentFamilyId != 0;
            bool isContributor = party.contributor != address(0);
            if (isParent == isContributor || party.shareBps == 0) revert ModelRegistry_BadParty(i);
            for (uint256 j = 0; j < i; ++j) {
                if (parties[j].parentFamilyId == party.parentFamilyId && parties[j].contributor == party.contributor)
                    revert ModelRegistry_BadParty(i);
            }
            if (isParent) _requireParent(party.parentFamilyId, assets);
            totalBps += party.shareBps;
        }
        if (totalBps > _parameters.maxLineageBps) {
            revert ModelRegistry_ShareOutOfBounds("lineage", totalBps, _parameters.maxLineageBps);
        }
    }

    function _requireParent(uint256 parentFamilyId, address[] calldata assets) private view {
        _family(parentFamilyId);
        for (uint256 i = 0; i < assets.length; ++i) {
            if (!acceptsAsset(parentFamilyId, assets[i])) {
                revert ModelRegistry_ParentRefusesAsset(parentFamilyId, assets[i]);
            }
        }
    }

    function _requireShares(FamilyParams calldata params, uint256 lineageBps) private view {
        if (params.operatorBps > _parameters.maxOperatorBps) {
            revert ModelRegistry_ShareOutOfBounds("operator", params.operatorBps, _parameters.maxOperatorBps);
        }
        if (params.holdersFloorBps < _parameters.minHoldersBps) {
            revert ModelRegistry_ShareOutOfBounds("holders", params.holdersFloorBps, _parameters.minHoldersBps);
        }
        _requireTotal(uint256(params.operatorBps) + params.publisherBps + lineageBps + params.holdersFloorBps);
    }

    /// Holders receive what is left: at least their floor, if all shares and the floor fit into the whole.
    function _requireTotal(uint256 familyBps) private view {
        uint256 totalBps = familyBps + _parameters.protocolBps;
        if (totalBps > BPS) revert ModelRegistry_ShareOutOfBounds("total", totalBps, BPS);
    }
}
