// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {RegistryBase} from "./RegistryBase.sol";
import {Scheduled} from "./Scheduled.sol";

/// @title Versions
/// @notice The versions of families, and what each costs.
abstract contract Versions is RegistryBase {
    using Scheduled for Scheduled.Amount;

    uint256 private constant MAX_LICENCE_BYTES = 64;
    uint256 private constant MAX_URI_BYTES = 512;
    uint256 private constant MAX_CONTEXT = type(uint16).max;
    uint256 private constant MAX_PRICE = type(uint104).max;

    uint256 public versionCount;
    mapping(uint256 versionId => mapping(address asset => Scheduled.Amount)) private _prices;
    mapping(bytes32 weightsRoot => uint256 versionId) private _firstWithWeights;

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

    // ---------------------------------------------------------------- views

    /// @inheritdoc IModelRegistry
    function version(uint256 versionId) external view returns (Version memory) {
        return _version(versionId);
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
    function duplicateOf(uint256 versionId) public view returns (uint256) {
        uint256 first = _firstWithWeights[_version(versionId).weightsRoot];
        return first == versionId ? 0 : first;
    }

    // ---------------------------------------------------------------- requirements

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

    /// @param inForce The price that holds; zero where none does, and then any price will do.
    function _requirePrice(uint256 amount, uint256 inForce) private pure {
        uint256 least = inForce == 0 ? 1 : (inForce + 1) / 2;
        uint256 most = inForce == 0 || inForce > MAX_PRICE / 2 ? MAX_PRICE : 2 * inForce;
        if (amount < least || amount > most) revert ModelRegistry_PriceOutOfBounds(amount, least, most);
    }
}
