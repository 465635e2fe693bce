// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {OperatorBase} from "./OperatorBase.sol";
import {OperatorStakes} from "./OperatorStakes.sol";

/// @title OperatorRegistry
/// @notice See `IOperatorRegistry`. Nobody owns it; only the oracle engages and slashes, only the audits take forfeits.
contract OperatorRegistry is OperatorStakes {
    /// @param oracle_ May be an address that has no code yet, as `audits_` may.
    /// @param audits_ Zero if there are none: then nobody takes forfeits.
    constructor(
        Parameters memory parameters_,
        IModelRegistry registry_,
        address oracle_,
        address audits_
    ) OperatorBase(parameters_, registry_, oracle_, audits_) {}

    /// @inheritdoc IOperatorRegistry
    function engage(
        address account,
        uint256 versionId,
        uint256 timestamp,
        bytes32 seed,
        uint256 bond,
        bool onlyDrawn
    ) external onlyOracle returns (Engagement result, address drawn) {
        drawn = seed == 0 ? address(0) : draw(versionId, timestamp, seed);
        if (drawn != account) {
            if (onlyDrawn && drawn != address(0)) return (Engagement.NotDrawn, drawn);
            if (!isEnrolled(account, versionId)) return (Engagement.NotEnrolled, drawn);
        }
        if (!_tryLock(account, _accounts[account], bond)) result = Engagement.NotEnoughStake;
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IOperatorRegistry
    function parameters() external view returns (Parameters memory) {
        return Parameters({minStake: MIN_STAKE, exitDelay: EXIT_DELAY, epochLength: EPOCH_LENGTH});
    }

    /// @inheritdoc IOperatorRegistry
    function registry() external view returns (address) {
        return address(REGISTRY);
    }
}
