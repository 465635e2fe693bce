// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {Families} from "./Families.sol";
import {RegistryBase} from "./RegistryBase.sol";
import {Versions} from "./Versions.sol";

/// @title ModelRegistry
/// @notice See `IModelRegistry`. Nobody owns it; the only caller with a name is the offering factory, which binds tokens.
contract ModelRegistry is Families, Versions {
    address public immutable operatorRegistry;

    /// @param offeringFactory_ May be an address that has no code yet; `operatorRegistry_` likewise.
    constructor(
        Parameters memory parameters_,
        address offeringFactory_,
        address operatorRegistry_
    ) RegistryBase(parameters_) Families(offeringFactory_) {
        if (operatorRegistry_ == address(0)) revert ModelRegistry_BadConfig("operatorRegistry");
        operatorRegistry = operatorRegistry_;
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
}
