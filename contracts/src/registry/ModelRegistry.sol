// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {Scheduled} from "./Scheduled.sol";

/// @title ModelRegistry
/// @notice See `IModelRegistry`. Nobody owns it; the only caller with a name is the offering factory, which binds tokens.
contract ModelRegistry is IModelRegistry {
    using Scheduled for Scheduled.Amount;

    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_PARTIES = 8;
    uint256 private constant MAX_ASSETS = 4;
    uint256 private constant MAX_NAME_BYTES = 64;
    uint256 private constant MAX_LICENCE_BYTES = 64;
    uint256 private constant MAX_URI_BYTES = 512;
    uint256 private constant MAX_CONTEXT = type(uint16).max;
    uint256 private constant MAX_PRICE = type(uint104).max;
    address private constant ETH = address(0);

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

    address public immutable offeringFactory;
    address public immutable operatorRegistry;

    uint256 public familyCount;
    uint256 public versionCount;

    Parameters private _parameters;
    mapping(uint256 familyId => FamilyRecord) private _families;
    mapping(uint256 versionId => Version) private _versions;
    mapping(uint256 versionId => mapping(address asset => Scheduled.Amount)) private _prices;
    mapping(bytes32 weightsRoot => uint256 versionId) private _firstWithWeights;

    /// @param offeringFactory_ May be an address that has no code yet; `operatorRegistry_` likewise.
    constructor(Parameters memory parameters_, address offeringFactory_, address operatorRegistry_) {
        if (parameters_.priceDelay == 0) revert ModelRegistry_BadConfig("priceDelay");
        if (parameters_.priceBoundPeriod == 0) revert ModelRegistry_BadConfig("priceBoundPeriod");
        if (parameters_.maxOperatorBps > BPS) revert ModelRegistry_BadConfig("maxOperatorBps");
        if (parameters_.maxLineageBps > BPS) revert ModelRegistry_BadConfig("maxLineageBps");
        if (uint256(parameters_.minHoldersBps) + parameters_.protocolBps > BPS) {
            revert ModelRegistry_BadConfig("minHoldersBps");
        }
        if (parameters_.attestingOperators == 0) revert ModelRegistry_BadConfig("attestingOperators");
        if (offeringFactory_ == address(0)) revert ModelRegistry_BadConfig("offeringFactory");
        if (operatorRegistry_ == address(0)) revert ModelRegistry_BadConfig("operatorRegistry");
        _parameters = parameters_;
        (offeringFactory, operatorRegistry) = (offeringFactory_, operatorRegistry_);
    }

    modifier onlyPublisher(uint256 familyId) {
        if (_family(familyId).publisher != msg.sender) revert ModelRegistry_NotPublisher(familyId, msg.sender);
        _;
    }

    // ---------------------------------------------------------------- families

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

    // ---------------------------------------------------------------- versions and prices

    /// @inheritdoc IModelRegistry
    function publishVersion(
        VersionParams calldata params
    ) external onlyPublisher(params.familyId) returns (uint256 versionId) {
        if (params.fileHash == 0) revert ModelRegistry_EmptyField("fileHash");
        if (bytes(params.licence).length == 0) revert ModelRegistry_EmptyField("licence");
        _requireLength("licence", params.licence, MAX_LICENCE_BYTES);
        _requireLength("metadataURI", params.metadataURI, MAX_URI_BYTES);
        _requireBounds(params.io.minInput, params.io.maxInput);
        _requireBounds(params.io.minOutput, params.io.maxOutput);
        if (params.io.context != 0) _requireText(params.io);

        versionId = ++versionCount;
        _versions[versionId] = Version({
            familyId: params.familyId,
            fileHash: params.fileHash,
            modelRoot: params.modelRoot,
            weightsRoot: params.weightsRoot,
            metadataHash: params.metadataHash,
            publishedBy: msg.sender,
            publishedAt: uint40(block.timestamp),
            io: params.io,
            metadataURI: params.metadataURI,
            licence: params.licence
        });
        if (params.weightsRoot != 0 && _firstWithWeights[params.weightsRoot] == 0) {
            _firstWithWeights[params.weightsRoot] = versionId;
        }
        emit VersionPublished(
            params.familyId,
            versionId,
            params.fileHash,
            params.modelRoot,
            params.weightsRoot,
            duplicateOf(versionId),
            params.metadataURI
        );
        for (uint256 i = 0; i < params.prices.length; ++i) {
            _setFirstPrice(params.familyId, versionId, params.prices[i].asset, params.prices[i].amount);
        }
    }

    /// @inheritdoc IModelRegistry
    function schedulePrice(
        uint256 versionId,
        address asset,
        uint256 amount
    ) external onlyPublisher(_version(versionId).familyId) {
        _requireAsset(_versions[versionId].familyId, asset);
        Scheduled.Amount storage price = _prices[versionId][asset];
        _requirePrice(amount, price.inForce());

        uint256 effectiveAt = block.timestamp + _parameters.priceDelay;
        uint256 notBefore = _nextChangeNotBefore(price);
        if (effectiveAt < notBefore) effectiveAt = notBefore;
        price.announce(uint104(amount), effectiveAt);
        emit PriceScheduled(versionId, asset, amount, effectiveAt);
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
    function version(uint256 versionId) external view returns (Version memory) {
        return _version(versionId);
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
    function acceptsAsset(uint256 familyId, address asset) public view returns (bool) {
        address[] storage erc20s = _family(familyId).assets;
        if (asset == ETH) return true;
        for (uint256 i = 0; i < erc20s.length; ++i) {
            if (erc20s[i] == asset) return true;
        }
        return false;
    }

    /// @inheritdoc IModelRegistry
    function publisherOf(uint256 familyId) external view returns (address) {
        return _family(familyId).publisher;
    }

    /// @inheritdoc IModelRegistry
    function tokenOf(uint256 familyId) external view returns (address) {
        return _family(familyId).token;
    }

    /// @inheritdoc IModelRegistry
    function familyOf(uint256 versionId) external view returns (uint256) {
        return _version(versionId).familyId;
    }

    /// @inheritdoc IModelRegistry
    function ioBounds(uint256 versionId) external view returns (IOBounds memory) {
        return _version(versionId).io;
    }

    /// @inheritdoc IModelRegistry
    function modelRootOf(uint256 versionId) external view returns (bytes32) {
        return _version(versionId).modelRoot;
    }

    /// @inheritdoc IModelRegistry
    function priceOf(uint256 versionId, address asset) external view returns (uint256 price) {
        _version(versionId);
        price = _prices[versionId][asset].inForce();
        if (price == 0) revert ModelRegistry_NotSold(versionId, asset);
    }

    /// @inheritdoc IModelRegistry
    function priceSchedule(
        uint256 versionId,
        address asset
    ) external view returns (uint256 current, uint256 next, uint256 effectiveAt) {
        _version(versionId);
        return _prices[versionId][asset].schedule();
    }

    /// @inheritdoc IModelRegistry
    function tierOf(uint256 versionId) external view returns (Tier) {
        Version storage record = _version(versionId);
        if (record.modelRoot == 0) return Tier.Unverified;
        IOBounds memory io = record.io;
        bool fixedLength = io.minInput == io.maxInput && io.minOutput == io.maxOutput;
        if (!fixedLength && io.context == 0) return Tier.Unverified;
        uint256 needed = _parameters.attestingOperators;
        address[2] memory publishers = [record.publishedBy, _families[record.familyId].publisher];
        uint256 count = IOperatorRegistry(operatorRegistry).attestations(versionId, publishers, needed);
        return count < needed ? Tier.Unverified : Tier.Disputable;
    }

    /// @inheritdoc IModelRegistry
    function duplicateOf(uint256 versionId) public view returns (uint256) {
        uint256 first = _firstWithWeights[_version(versionId).weightsRoot];
        return first == versionId ? 0 : first;
    }

    /// @inheritdoc IModelRegistry
    function parameters() external view returns (Parameters memory) {
        return _parameters;
    }

    // ---------------------------------------------------------------- records

    function _family(uint256 familyId) private view returns (FamilyRecord storage record) {
        record = _families[familyId];
        if (record.publisher == address(0)) revert ModelRegistry_NoSuchFamily(familyId);
    }

    function _version(uint256 versionId) private view returns (Version storage record) {
        record = _versions[versionId];
        if (record.familyId == 0) revert ModelRegistry_NoSuchVersion(versionId);
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

    function _setFirstPrice(uint256 familyId, uint256 versionId, address asset, uint256 amount) private {
        _requireAsset(familyId, asset);
        _requirePrice(amount, 0);
        Scheduled.Amount storage price = _prices[versionId][asset];
        if (price.current != 0) revert ModelRegistry_BadAsset(asset);
        price.current = uint104(amount);
        emit PriceScheduled(versionId, asset, amount, block.timestamp);
    }

    /// One change per period: the next comes a period after the last one took effect. What replaces a pending announcement
    /// inherits its earliest moment, so that announcing over and over gains nothing. Zero: there was no announcement.
    function _nextChangeNotBefore(Scheduled.Amount memory price) private view returns (uint256) {
        if (price.effectiveAt == 0 || price.isPending()) return price.effectiveAt;
        return uint256(price.effectiveAt) + _parameters.priceBoundPeriod;
    }

    // ---------------------------------------------------------------- requirements

    function _requireLength(bytes32 field, string calldata value, uint256 most) private pure {
        uint256 length = bytes(value).length;
        if (length > most) revert ModelRegistry_TooLong(field, length, most);
    }

    function _requireBounds(uint256 min, uint256 max) private pure {
        if (min > max || max == 0) revert ModelRegistry_BadBounds(min, max);
    }

    function _requireText(IOBounds calldata io) private pure {
        bool fits = io.minInput == 1 && uint256(io.maxInput) + 1 == io.context && io.minOutput == 0;
        if (!fits || io.maxOutput > io.maxInput || io.context > MAX_CONTEXT)
            revert ModelRegistry_BadContext(io.context);
    }

    function _requireAsset(uint256 familyId, address asset) private view {
        if (!acceptsAsset(familyId, asset)) revert ModelRegistry_BadAsset(asset);
    }

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

    /// @param inForce The price that holds; zero where none does, and then any price will do.
    function _requirePrice(uint256 amount, uint256 inForce) private pure {
        uint256 least = inForce == 0 ? 1 : (inForce + 1) / 2;
        uint256 most = inForce == 0 || inForce > MAX_PRICE / 2 ? MAX_PRICE : 2 * inForce;
        if (amount < least || amount > most) revert ModelRegistry_PriceOutOfBounds(amount, least, most);
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
