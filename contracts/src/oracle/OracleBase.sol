// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {IRevenueRouter} from "../interfaces/IRevenueRouter.sol";
import {OracleTerms, Progress, RequestProgress, RequestRecord} from "./RequestRecord.sol";

/// @title OracleBase
/// @notice What the parts of the oracle share: its bounds, its storage, the guard, and reading a request.
abstract contract OracleBase is IInferenceOracle {
    using RequestProgress for Progress;

    address internal constant ETH = address(0);

    /// Gas of a delivery beside the callback: the transaction, checks, events and settlement.
    uint256 public constant DELIVERY_GAS = 110_000;
    /// And per byte of the longest output: calldata, root, memory, event.
    uint256 public constant DELIVERY_GAS_PER_BYTE = 30;

    bytes32 internal constant NO_BYTES = keccak256("");

    uint256 internal constant UNLOCKED = 0;
    uint256 internal constant LOCKED = 1;
    /// A client's callback runs: it may make requests, nothing else.
    uint256 internal constant IN_CALLBACK = 2;

    // ---------------------------------------------------------------- storage

    IModelRegistry internal immutable REGISTRY;
    IRevenueRouter internal immutable ROUTER;
    IOperatorRegistry internal immutable OPERATORS;
    address public immutable disputeGame;

    uint256 internal immutable SAFE_WINDOW;
    uint256 internal immutable FAST_WINDOW;
    uint256 internal immutable REQUEST_DEADLINE;
    uint256 internal immutable EXCLUSIVE_WINDOW;
    uint256 internal immutable MAX_OUTPUT_BYTES;
    uint256 internal immutable MAX_BATCH_SIZE;
    uint256 internal immutable GAS_PRICE_FLOOR;
    uint256 internal immutable MIN_BOND;
    uint256 internal immutable WINNER_GAS;

    uint256 public requestCount;
    mapping(uint256 requestId => RequestRecord) internal _requests;
    mapping(address account => mapping(address asset => uint256 amount)) public creditOf;
    mapping(address client => CallbackMode) public callbackModeOf;

    uint256 internal transient _guard;

    constructor(
        Parameters memory p,
        IModelRegistry registry_,
        IRevenueRouter router_,
        IOperatorRegistry operators_,
        address disputeGame_
    ) {
        if (address(registry_) == address(0) || address(router_) == address(0) || address(operators_) == address(0)) {
            revert InferenceOracle_ZeroAddress();
        }
        _requireConfig(p.fastWindow != 0 && p.fastWindow <= p.safeWindow, "windows");
        _requireConfig(p.exclusiveWindow != 0 && p.exclusiveWindow < p.requestDeadline, "exclusiveWindow");
        _requireConfig(p.maxOutputBytes != 0 && p.maxOutputBytes <= type(uint16).max, "maxOutputBytes");
        _requireConfig(p.maxBatchSize != 0 && p.maxBatchSize <= type(uint16).max, "maxBatchSize");
        _requireConfig(p.gasPriceFloor != 0 && p.gasPriceFloor <= type(uint56).max, "gasPriceFloor");
        _requireConfig(p.minBond != 0 && p.minBond <= RequestProgress.MAX_BOND, "minBond");
        _requireConfig(operators_.oracle() == address(this), "operators");
        _requireConfig(router_.registry() == address(registry_), "router");
        // A draw is remembered for at least an epoch.
        _requireConfig(operators_.parameters().epochLength >= p.exclusiveWindow, "epochLength");

        (REGISTRY, ROUTER, OPERATORS, disputeGame) = (registry_, router_, operators_, disputeGame_);
        (SAFE_WINDOW, FAST_WINDOW) = (p.safeWindow, p.fastWindow);
        (REQUEST_DEADLINE, EXCLUSIVE_WINDOW) = (p.requestDeadline, p.exclusiveWindow);
        (MAX_OUTPUT_BYTES, MAX_BATCH_SIZE) = (p.maxOutputBytes, p.maxBatchSize);
        (GAS_PRICE_FLOOR, MIN_BOND, WINNER_GAS) = (p.gasPriceFloor, p.minBond, p.winnerGas);
    }

    function _requireConfig(bool holds, bytes32 reason) private pure {
        if (!holds) revert InferenceOracle_BadConfig(reason);
    }

    // ---------------------------------------------------------------- guard

    modifier nonReentrant() {
        _enter();
        _;
        _guard = UNLOCKED;
    }

    function _enter() internal {
        _requireUnlocked();
        _guard = LOCKED;
    }

    /// Enough by itself for what calls nobody but the operator registry.
    function _requireUnlocked() internal view {
        if (_guard != UNLOCKED) revert InferenceOracle_Reentered();
    }

    // ---------------------------------------------------------------- reading a request

    function _load(uint256 requestId) internal view returns (RequestRecord storage r, Progress memory p) {
        r = _requests[requestId];
        p = RequestProgress.unpack(r.progress);
    }

    function _requireStatus(uint256 requestId, Progress memory p, Status expected) internal pure {
        if (p.status != expected) revert InferenceOracle_WrongStatus(requestId, p.status);
    }

    function _deadline(Progress memory p) internal view returns (uint256) {
        return p.turnedAt() + REQUEST_DEADLINE;
    }

    function _window(Progress memory p) internal view returns (uint256) {
        return p.has(RequestProgress.FAST_WINDOW) ? FAST_WINDOW : SAFE_WINDOW;
    }

    function _callbackOf(RequestRecord storage r) internal view returns (address) {
        if (r.terms & OracleTerms.CALLBACK_TO_ACCOUNT != 0) return r.account;
        return r.terms & OracleTerms.CALLBACK_ELSEWHERE != 0 ? r.callbackContract : address(0);
    }

    function _refundToOf(RequestRecord storage r) internal view returns (address) {
        address refundTo = r.terms & OracleTerms.EXTRA != 0 ? r.refundTo : address(0);
        return refundTo == address(0) ? r.account : refundTo;
    }

    function _assetOf(RequestRecord storage r, Progress memory p) internal view returns (address) {
        return p.has(RequestProgress.ERC20_FEE) ? r.asset : ETH;
    }

    /// The fee in ETH: what bonds and penalties are measured by; zero where the version is not sold for ETH.
    function _ethFeeOf(RequestRecord storage r, Progress memory p) internal view returns (uint256) {
        return p.has(RequestProgress.ERC20_FEE) ? r.ethFee : r.fee;
    }

    function _minBondOf(RequestRecord storage r) internal view returns (uint256) {
        return r.terms & OracleTerms.EXTRA != 0 ? r.minBond : 0;
    }

    /// Least bond, but for what the gas price adds.
    function _leastBondUp(uint256 ethFee, uint256 asked) internal view returns (uint256) {
        uint256 bond = 10 * ethFee;
        if (bond < MIN_BOND) bond = MIN_BOND;
        return RequestProgress.toBondUp(bond < asked ? asked : bond);
    }

    /// Prepaid for one of the two callbacks.
    function _gasPerCallback(RequestRecord storage r, Progress memory p) internal view returns (uint256) {
        return _callbackOf(r) == address(0) ? 0 : _gasOf(r.gasLimit, p.maxOutput * p.batchSize) * r.gasPrice;
    }

    /// Units of gas of one delivery.
    function _gasOf(uint256 gasLimit, uint256 outputBytes) internal pure returns (uint256) {
        return gasLimit + DELIVERY_GAS + DELIVERY_GAS_PER_BYTE * outputBytes;
    }

    function _gasPrice() internal view returns (uint256) {
        return block.basefee > GAS_PRICE_FLOOR ? block.basefee : GAS_PRICE_FLOOR;
    }

    // ---------------------------------------------------------------- credit

    function _credit(address account, address asset, uint256 amount) internal {
        if (amount == 0) return;
        creditOf[account][asset] += amount;
        emit CreditAdded(account, asset, amount);
    }
}
