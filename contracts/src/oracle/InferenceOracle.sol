// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IAIOracle, IAIOracleCallback} from "../interfaces/IAIOracle.sol";
import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {IRevenueRouter} from "../interfaces/IRevenueRouter.sol";
import {Payout} from "../revenue/Payout.sol";
import {BoundedCall} from "./BoundedCall.sol";
import {OracleAnswers} from "./OracleAnswers.sol";
import {OracleBase} from "./OracleBase.sol";
import {OracleRequests} from "./OracleRequests.sol";
import {OracleTerms, Progress, RequestProgress, RequestRecord} from "./RequestRecord.sol";

/// @title InferenceOracle
/// @notice See `IInferenceOracle`. This part ends requests: final or refunded, the callback, credits. `OracleRequests` opens
/// them, `OracleAnswers` answers them.
/// @dev Per asset, what the oracle holds is at least the fees of requests that are open or answered, held fees, the prepaid gas
/// that is not settled, and all credits. Every request ends once, `Final` or `Refunded`, and anyone can bring it there.
contract InferenceOracle is OracleRequests, OracleAnswers {
    using RequestProgress for Progress;
    using SafeERC20 for IERC20;

    /// Gas of the transaction itself, and the most per byte of its calldata.
    uint256 private constant TRANSACTION_GAS = 21_000;
    uint256 private constant CALLDATA_GAS = 16;
    /// What a delivery still needs after the callback: credits, events, refusal reason.
    uint256 private constant SETTLEMENT_GAS = 90_000;
    uint256 private constant MAX_REASON_BYTES = 256;

    /// @param disputeGame_ Judge of the answers; zero if there is none: then nobody can dispute, and no tier above
    /// `Unverified` can be asked for.
    constructor(
        Parameters memory parameters_,
        IModelRegistry registry_,
        IRevenueRouter router_,
        IOperatorRegistry operators_,
        address disputeGame_
    ) OracleBase(parameters_, registry_, router_, operators_, disputeGame_) {}

    // ---------------------------------------------------------------- final

    /// @inheritdoc IInferenceOracle
    function finalize(uint256 requestId) external nonReentrant {
        _finalize(requestId);
    }

    /// @inheritdoc IInferenceOracle
    function finalizeAndDeliver(
        uint256 requestId,
        bytes[] calldata outputs,
        bytes calldata callbackData
    ) external nonReentrant {
        _finalize(requestId);
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        if (_callbackOf(r) == address(0) || p.has(RequestProgress.DELIVERED)) return;
        _deliver(requestId, outputs, callbackData);
    }

    function _finalize(uint256 requestId) private {
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        _requireStatus(requestId, p, Status.Asserted);
        uint256 finalAt = p.turnedAt() + _window(p);
        if (block.timestamp < finalAt) revert InferenceOracle_WindowOpen(requestId, finalAt);
        if (disputeGame != address(0) && IDisputeGame(disputeGame).hasOpenDispute(requestId)) {
            revert InferenceOracle_DisputeOpen(requestId);
        }
        (address operator, uint256 fee) = (r.operator, r.fee);
        p.status = Status.Final;
        if (p.has(RequestProgress.ERC20_FEE)) p.flags |= RequestProgress.FEE_HELD;
        r.progress = RequestProgress.pack(p);
        emit RequestFinalized(requestId, operator, fee);

        OPERATORS.unlock(operator, p.bond);
        if (p.has(RequestProgress.DELIVERED)) _returnGas(requestId, r, p);
        if (!p.has(RequestProgress.ERC20_FEE)) {
            _distribute(r, p, ETH, fee);
        } else if (!LowLevelCall.callNoReturn(address(this), 0, abi.encodeCall(this.distributeFee, (requestId)))) {
            emit FeeHeld(requestId, r.asset, fee);
        }
    }

    /// @inheritdoc IInferenceOracle
    function distributeFee(uint256 requestId) external {
        // `finalize` calls it with the guard up, so that it can fail alone.
        bool inner = msg.sender == address(this);
        if (!inner) _enter();
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        if (!p.has(RequestProgress.FEE_HELD)) revert InferenceOracle_NoFeeHeld(requestId);
        p.flags &= ~RequestProgress.FEE_HELD;
        r.progress = RequestProgress.pack(p);
        IERC20(r.asset).forceApprove(address(ROUTER), r.fee);
        _distribute(r, p, r.asset, 0);
        if (!inner) _guard = UNLOCKED;
    }

    function _distribute(RequestRecord storage r, Progress memory p, address asset, uint256 value) private {
        ROUTER.distribute{value: value}(REGISTRY.familyOf(p.versionId), asset, r.fee, r.operator);
    }

    // ---------------------------------------------------------------- undone

    /// @inheritdoc IInferenceOracle
    function voidAssertion(uint256 requestId, address challenger) external nonReentrant {
        if (msg.sender != disputeGame) revert InferenceOracle_NotDisputeGame(msg.sender);
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        _requireStatus(requestId, p, Status.Asserted);
        (address convicted, uint256 bond) = (r.operator, p.bond);
        p.status = Status.Open;
        p.flags &= ~(RequestProgress.DELIVERED | RequestProgress.CALLBACK_FAILED);
        p.turnedAfter = uint32(block.timestamp - p.requestedAt);
        p.bond = _leastBondUp(_ethFeeOf(r, p), _minBondOf(r));
        r.progress = RequestProgress.pack(p);
        r.operator = challenger;
        emit AssertionVoided(requestId, convicted, challenger);
        _slash(convicted, bond, bond, msg.sender);
    }

    /// @inheritdoc IInferenceOracle
    function refund(uint256 requestId) external nonReentrant {
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        _requireStatus(requestId, p, Status.Open);
        if (block.timestamp <= _deadline(p)) revert InferenceOracle_DeadlineNotPassed(requestId, _deadline(p));
        p.status = Status.Refunded;
        r.progress = RequestProgress.pack(p);

        (address to, address asset) = (_refundToOf(r), _assetOf(r, p));
        uint256 gasPrepaid = _takeGas(r, p);
        emit RequestRefunded(requestId, to, asset, r.fee, gasPrepaid);
        _credit(to, asset, r.fee);
        _credit(to, ETH, gasPrepaid);
        if (p.round != 0) return;
        (, address drawn) = _drawn(requestId, p);
        _penalise(requestId, r, p, drawn, _bondNow(p));
    }

    // ---------------------------------------------------------------- the callback

    /// @inheritdoc IInferenceOracle
    function deliver(uint256 requestId, bytes[] calldata outputs, bytes calldata callbackData) external nonReentrant {
        _deliver(requestId, outputs, callbackData);
    }

    function _deliver(uint256 requestId, bytes[] calldata outputs, bytes calldata callbackData) private {
        uint256 gasBefore = gasleft();
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        bool current =
            p.status == Status.Final || (p.status == Status.Asserted && r.terms & OracleTerms.OPTIMISTIC != 0);
        address client = _callbackOf(r);
        if (!current || client == address(0) || p.has(RequestProgress.DELIVERED)) {
            revert InferenceOracle_NotDeliverable(requestId);
        }
        _requireSame(_outputRoot(p, outputs), r.outputRoot);
        _requireSame(keccak256(callbackData), _callbackDataHash(r));

        p.flags = (p.flags | RequestProgress.DELIVERED) & ~RequestProgress.CALLBACK_FAILED;
        r.progress = RequestProgress.pack(p);
        bytes memory output = _concat(outputs);
        if (!_callBack(requestId, client, r.gasLimit, output, callbackData, p.round)) {
            p.flags ^= RequestProgress.DELIVERED | RequestProgress.CALLBACK_FAILED;
            r.progress = RequestProgress.pack(p);
        } else {
            emit AICallbackResult(r.account, requestId, msg.sender, output);
        }
        _settleGas(requestId, r, p, gasBefore);
    }

    /// The client may make requests meanwhile; everything else is locked, and all of this request is written.
    function _callBack(
        uint256 requestId,
        address client,
        uint256 gasLimit,
        bytes memory output,
        bytes calldata callbackData,
        uint256 round
    ) private returns (bool success) {
        bytes memory call = abi.encodeCall(IAIOracleCallback.aiOracleCallback, (requestId, output, callbackData));
        // Of what is left the EVM passes on 63/64 at most.
        uint256 available = (gasleft() * 63) / 64;
        if (available < gasLimit + SETTLEMENT_GAS) {
            revert InferenceOracle_NotEnoughGas(available, gasLimit + SETTLEMENT_GAS);
        }
        bytes memory reason;
        _guard = IN_CALLBACK;
        (success, reason) = BoundedCall.tryCall(client, gasLimit, call, MAX_REASON_BYTES);
        _guard = LOCKED;
        if (!success) emit CallbackFailed(requestId, uint32(round), reason);
    }

    /// Pays the caller out of what was prepaid for one callback, and returns what no callback can need any more.
    function _settleGas(uint256 requestId, RequestRecord storage r, Progress memory p, uint256 gasBefore) private {
        uint8 terms = r.terms;
        if (terms >> OracleTerms.SETTLED_SHIFT > 1) return;
        r.terms = terms + OracleTerms.SETTLED_ONE;
        uint256 prepaid = _gasPerCallback(r, p);
        uint256 units = gasBefore - gasleft() + TRANSACTION_GAS + CALLDATA_GAS * msg.data.length;
        uint256 paid = units * _gasPrice();
        if (paid > prepaid) paid = prepaid;
        uint256 returned = prepaid - paid;
        if (p.status == Status.Final && p.has(RequestProgress.DELIVERED)) returned += _takeGas(r, p);
        emit GasSettled(requestId, msg.sender, paid, returned);
        _credit(msg.sender, ETH, paid);
        _credit(_refundToOf(r), ETH, returned);
    }

    /// Returns the prepaid gas of callbacks that will not happen.
    function _returnGas(uint256 requestId, RequestRecord storage r, Progress memory p) private {
        uint256 returned = _takeGas(r, p);
        if (returned == 0) return;
        emit GasSettled(requestId, msg.sender, 0, returned);
        _credit(_refundToOf(r), ETH, returned);
    }

    /// Settles all that is left of the prepaid gas.
    function _takeGas(RequestRecord storage r, Progress memory p) private returns (uint256 amount) {
        uint8 terms = r.terms;
        uint256 settled = terms >> OracleTerms.SETTLED_SHIFT;
        if (settled > 1) return 0;
        amount = (2 - settled) * _gasPerCallback(r, p);
        r.terms = terms + uint8(2 - settled) * OracleTerms.SETTLED_ONE;
    }

    function _callbackDataHash(RequestRecord storage r) private view returns (bytes32 hash) {
        hash = r.callbackDataHash;
        if (hash == 0) hash = NO_BYTES;
    }

    function _requireSame(bytes32 actual, bytes32 expected) private pure {
        if (actual != expected) revert InferenceOracle_BytesMismatch(actual, expected);
    }

    function _concat(bytes[] calldata items) private pure returns (bytes memory all) {
        if (items.length == 1) return items[0];
        // The items of a batch have one length.
        uint256 length = items[0].length;
        all = new bytes(length * items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            bytes calldata item = items[i];
            // Copies item i to its place; (i + 1) * length is at most the length of `all`.
            assembly ("memory-safe") {
                calldatacopy(add(add(all, 0x20), mul(i, length)), item.offset, length)
            }
        }
    }

    // ---------------------------------------------------------------- credit

    /// @inheritdoc IInferenceOracle
    function withdrawCredit(address asset, address to) external nonReentrant {
        if (to == address(0)) revert InferenceOracle_ZeroAddress();
        uint256 amount = creditOf[msg.sender][asset];
        if (amount == 0) revert InferenceOracle_NothingToWithdraw(msg.sender, asset);
        creditOf[msg.sender][asset] = 0;
        emit CreditWithdrawn(msg.sender, asset, to, amount);
        if (!Payout.send(asset, to, amount)) revert InferenceOracle_PaymentFailed(to, amount);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IAIOracle
    function isFinalized(uint256 requestId) external view returns (bool) {
        (, Progress memory p) = _load(requestId);
        return p.status == Status.Final;
    }

    /// @inheritdoc IInferenceOracle
    function request(uint256 requestId) external view returns (Request memory view_) {
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        if (p.status == Status.None) return view_;
        view_.account = r.account;
        view_.status = p.status;
        view_.mode = r.terms & OracleTerms.OPTIMISTIC != 0 ? CallbackMode.Optimistic : CallbackMode.Final;
        view_.window = uint32(_window(p));
        view_.requestedAt = uint40(p.requestedAt);
        view_.turnedBlock = uint40(p.turnedBlock);
        view_.versionId = p.versionId;
        view_.batchSize = p.batchSize;
        view_.callbackContract = _callbackOf(r);
        view_.gasLimit = r.gasLimit;
        view_.refundTo = _refundToOf(r);
        view_.asset = _assetOf(r, p);
        view_.fee = r.fee;
        view_.gasPrepaid = 2 * _gasPerCallback(r, p);
        view_.minBond = _minBondOf(r);
        view_.inputRoot = r.inputRoot;
        view_.callbackDataHash = _callbackDataHash(r);
    }

    /// @inheritdoc IInferenceOracle
    function assertion(uint256 requestId) external view returns (Assertion memory view_) {
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        view_.round = uint32(p.round);
        if (p.status != Status.Asserted && p.status != Status.Final) return view_;
        view_.operator = r.operator;
        view_.assertedAt = uint40(p.turnedAt());
        view_.finalAt = uint40(p.turnedAt() + _window(p));
        view_.bond = p.bond;
        view_.outputRoot = r.outputRoot;
        view_.delivered = p.has(RequestProgress.DELIVERED);
        view_.callbackFailed = p.has(RequestProgress.CALLBACK_FAILED);
    }

    /// @inheritdoc IInferenceOracle
    function standing(uint256 requestId) external view returns (Standing memory view_) {
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        _requireStatus(requestId, p, Status.Asserted);
        view_.operator = r.operator;
        view_.assertedAt = uint40(p.turnedAt());
        view_.finalAt = uint40(p.turnedAt() + _window(p));
        view_.assertedBlock = uint40(p.turnedBlock);
        view_.versionId = p.versionId;
        view_.batchSize = p.batchSize;
        view_.inputRoot = r.inputRoot;
        view_.outputRoot = r.outputRoot;
    }

    /// @inheritdoc IInferenceOracle
    function parameters() external view returns (Parameters memory) {
        // Each was given as the type it is returned as.
        return
            Parameters({
                safeWindow: uint32(SAFE_WINDOW),
                fastWindow: uint32(FAST_WINDOW),
                requestDeadline: uint32(REQUEST_DEADLINE),
                exclusiveWindow: uint32(EXCLUSIVE_WINDOW),
                maxOutputBytes: uint32(MAX_OUTPUT_BYTES),
                maxBatchSize: uint32(MAX_BATCH_SIZE),
                gasPriceFloor: uint128(GAS_PRICE_FLOOR),
                minBond: uint128(MIN_BOND),
                winnerGas: uint64(WINNER_GAS)
            });
    }

    /// @inheritdoc IInferenceOracle
    function registry() external view returns (address) {
        return address(REGISTRY);
    }

    /// @inheritdoc IInferenceOracle
    function router() external view returns (address) {
        return address(ROUTER);
    }

    /// @inheritdoc IInferenceOracle
    function operators() external view returns (address) {
        return address(OPERATORS);
    }
}
