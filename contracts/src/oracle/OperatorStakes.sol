// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {OperatorEnrolments} from "./OperatorEnrolments.sol";

/// @title OperatorStakes
/// @notice Stake: in, behind an answer, taken, and out.
/// @dev Invariants: the balance covers the sum of `active + exiting`; `locked <= active`; `locked` is the sum of the bonds that
/// the oracle holds open.
abstract contract OperatorStakes is OperatorEnrolments {
    using SafeCast for uint256;

    mapping(address operator => string) public endpointOf;

    modifier onlyOracle() {
        if (msg.sender != oracle) revert OperatorRegistry_NotOracle(msg.sender);
        _;
    }

    // ---------------------------------------------------------------- stake in

    /// @inheritdoc IOperatorRegistry
    function register(string calldata endpoint) external payable {
        Account storage account = _accounts[msg.sender];
        if (account.registered) revert OperatorRegistry_AlreadyRegistered(msg.sender);
        if (msg.value < MIN_STAKE) revert OperatorRegistry_StakeTooSmall(msg.value, MIN_STAKE);
        account.registered = true;
        endpointOf[msg.sender] = endpoint;
        emit OperatorRegistered(msg.sender, endpoint);
        _addStake(account);
    }

    /// @inheritdoc IOperatorRegistry
    function setEndpoint(string calldata endpoint) external {
        _registered(msg.sender);
        endpointOf[msg.sender] = endpoint;
        emit EndpointChanged(msg.sender, endpoint);
    }

    /// @inheritdoc IOperatorRegistry
    function addStake() external payable {
        _addStake(_registered(msg.sender));
    }

    function _addStake(Account storage account) private {
        account.active += msg.value.toUint128();
        _reweigh(msg.sender, account);
        emit StakeAdded(msg.sender, msg.value, uint256(account.active) + account.exiting);
    }

    // ---------------------------------------------------------------- stake out

    /// @inheritdoc IOperatorRegistry
    function requestExit(uint256 amount) external {
        Account storage account = _registered(msg.sender);
        if (account.exiting != 0) revert OperatorRegistry_ExitPending(account.exitAt);
        if (amount == 0) revert OperatorRegistry_NoExit();
        _requireFree(msg.sender, account, amount);
        uint256 left = account.active - amount;
        if (left < MIN_STAKE && account.enrolments != 0) {
            revert OperatorRegistry_StillEnrolled(account.enrolments);
        }
        // `left` and `amount` are parts of `active`.
        account.active = uint128(left);
        account.exiting = uint128(amount);
        account.exitAt = uint40(block.timestamp + EXIT_DELAY);
        _reweigh(msg.sender, account);
        emit ExitRequested(msg.sender, amount, account.exitAt);
    }

    /// @inheritdoc IOperatorRegistry
    function cancelExit() external {
        Account storage account = _accounts[msg.sender];
        uint128 amount = _clearExit(account);
        account.active += amount;
        _reweigh(msg.sender, account);
        emit ExitCancelled(msg.sender, amount);
    }

    /// @inheritdoc IOperatorRegistry
    function withdrawStake(address to) external {
        if (to == address(0)) revert OperatorRegistry_ZeroAddress();
        Account storage account = _accounts[msg.sender];
        uint256 exitAt = account.exitAt;
        if (block.timestamp < exitAt) revert OperatorRegistry_ExitPending(exitAt);
        uint256 amount = _clearExit(account);
        emit StakeWithdrawn(msg.sender, to, amount);
        _pay(to, amount);
    }

    function _clearExit(Account storage account) private returns (uint128 amount) {
        amount = account.exiting;
        if (amount == 0) revert OperatorRegistry_NoExit();
        (account.exiting, account.exitAt) = (0, 0);
    }

    function _pay(address to, uint256 amount) private {
        if (!LowLevelCall.callNoReturn(to, amount, "")) revert OperatorRegistry_PaymentFailed(to, amount);
    }

    // ---------------------------------------------------------------- stake behind answers

    /// @inheritdoc IOperatorRegistry
    function unlock(address account, uint256 amount) external onlyOracle {
        Account storage record = _accounts[account];
        uint128 locked = record.locked - amount.toUint128();
        record.locked = locked;
        emit StakeUnlocked(account, amount, locked);
    }

    /// Changes nothing where less is free.
    function _tryLock(address account, Account storage record, uint256 amount) internal returns (bool) {
        (uint256 active, uint256 locked) = (record.active, record.locked);
        if (active - locked < amount) return false;
        locked += amount;
        // At most `active`, which has 128 bits.
        record.locked = uint128(locked);
        emit StakeLocked(account, amount, locked);
        return true;
    }

    // ---------------------------------------------------------------- stake taken

    /// @inheritdoc IOperatorRegistry
    function slash(
        address account,
        uint256 amount,
        uint256 fromLocked,
        address to
    ) external onlyOracle returns (uint256 taken) {
        taken = _take(account, amount, fromLocked, to);
        if (to == oracle) IInferenceOracle(oracle).acceptPenalty{value: taken}();
        else _pay(to, taken);
    }

    /// @inheritdoc IOperatorRegistry
    function forfeit(address account, uint256 amount) external returns (uint256 taken) {
        if (msg.sender != audits) revert OperatorRegistry_NotAudits(msg.sender);
        taken = _take(account, amount, 0, audits);
        _pay(audits, taken);
    }

    /// Takes what there is of `amount`; whoever calls pays it out to `to`.
    function _take(address account, uint256 amount, uint256 fromLocked, address to) private returns (uint256 taken) {
        Account storage record = _accounts[account];
        fromLocked = _least(fromLocked, _least(amount, record.locked));
        uint256 fromFree = _least(amount - fromLocked, _free(record));
        uint256 fromExit = _least(amount - fromLocked - fromFree, record.exiting);
        taken = fromLocked + fromFree + fromExit;
        // Each part is at most what it is taken from.
        record.locked -= uint128(fromLocked);
        record.active -= uint128(fromLocked + fromFree);
        record.exiting -= uint128(fromExit);
        emit StakeSlashed(account, to, taken);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IOperatorRegistry
    function operator(address account) external view returns (Operator memory) {
        Account storage record = _accounts[account];
        return
            Operator({
                stake: record.active + record.exiting,
                locked: record.locked,
                exiting: record.exiting,
                exitAt: record.exitAt,
                enrolments: record.enrolments
            });
    }

    /// @inheritdoc IOperatorRegistry
    function freeStake(address account) external view returns (uint256) {
        return _free(_accounts[account]);
    }
}
