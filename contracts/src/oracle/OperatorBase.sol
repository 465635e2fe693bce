// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";

/// @title OperatorBase
/// @notice What the parts of the registry of operators share: its neighbours and bounds, accounts, and reading one.
abstract contract OperatorBase is IOperatorRegistry {
    /// A tree holds 2^54 of them in each part: 1.8 * 10^10 ETH.
    uint256 internal constant WEIGHT_UNIT = 1e12;

    struct Account {
        /// Stake that counts: all but what is exiting.
        uint128 active;
        /// Part of `active` that stands behind assertions.
        uint128 locked;
        uint128 exiting;
        uint40 exitAt;
        uint8 enrolments;
        bool registered;
        /// What its leaves hold, in `WEIGHT_UNIT`s.
        uint64 weight;
    }

    // ---------------------------------------------------------------- storage

    IModelRegistry internal immutable REGISTRY;
    address public immutable oracle;
    address public immutable audits;
    uint128 internal immutable MIN_STAKE;
    uint32 internal immutable EXIT_DELAY;
    uint32 internal immutable EPOCH_LENGTH;

    mapping(address operator => Account) internal _accounts;

    constructor(Parameters memory parameters_, IModelRegistry registry_, address oracle_, address audits_) {
        if (address(registry_) == address(0) || oracle_ == address(0)) revert OperatorRegistry_ZeroAddress();
        if (parameters_.minStake < WEIGHT_UNIT) revert OperatorRegistry_BadConfig("minStake");
        if (parameters_.exitDelay == 0) revert OperatorRegistry_BadConfig("exitDelay");
        if (parameters_.epochLength == 0) revert OperatorRegistry_BadConfig("epochLength");
        REGISTRY = registry_;
        oracle = oracle_;
        audits = audits_;
        MIN_STAKE = parameters_.minStake;
        EXIT_DELAY = parameters_.exitDelay;
        EPOCH_LENGTH = parameters_.epochLength;
    }

    // ---------------------------------------------------------------- helpers

    function _registered(address account) internal view returns (Account storage record) {
        record = _accounts[account];
        if (!record.registered) revert OperatorRegistry_NotRegistered(account);
    }

    function _free(Account storage record) internal view returns (uint256) {
        return record.active - record.locked;
    }

    function _requireFree(address account, Account storage record, uint256 needed) internal view {
        uint256 free = _free(record);
        if (free < needed) revert OperatorRegistry_InsufficientFreeStake(account, free, needed);
    }

    function _least(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }
}
