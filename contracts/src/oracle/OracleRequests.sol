// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAIOracle} from "../interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {OracleBase} from "./OracleBase.sol";
import {OracleTerms, Progress, RequestProgress, RequestRecord} from "./RequestRecord.sol";
import {TensorRoot} from "./TensorRoot.sol";

/// @title OracleRequests
/// @notice Making a request: what it costs, what it may ask for, and paying for it.
abstract contract OracleRequests is OracleBase {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// Written where the root of the output will stand, so that the answer finds the slot paid for.
    bytes32 private constant PLACEHOLDER = bytes32(uint256(1));

    bytes32 private constant ID_DOMAIN = keccak256("OpenIMO request");

    /// What is asked for, by whom, for how much. All of it enters the id.
    struct Draft {
        uint256 number;
        address account;
        uint256 versionId;
        uint256 batchSize;
        address callbackContract;
        uint256 gasLimit;
        bytes32 callbackDataHash;
        bytes32 inputRoot;
        uint256 minOutput;
        uint256 maxOutput;
        uint256 fee;
        uint256 ethFee;
    }

    // ---------------------------------------------------------------- entry points

    /// @inheritdoc IAIOracle
    function requestCallback(
        uint256 modelId,
        bytes calldata input,
        address callbackContract,
        uint64 gasLimit,
        bytes calldata callbackData
    ) external payable returns (uint256) {
        return _open(_draft(modelId, 1, callbackContract, gasLimit), _standardTerms(), input, callbackData);
    }

    /// @inheritdoc IAIOracle
    function requestCallback(
        uint256 modelId,
        bytes calldata input,
        address callbackContract,
        uint64 gasLimit,
        bytes calldata callbackData,
        DA inputDA,
        DA outputDA
    ) external payable returns (uint256) {
        _requireCalldata(inputDA, outputDA);
        return _open(_draft(modelId, 1, callbackContract, gasLimit), _standardTerms(), input, callbackData);
    }

    /// @inheritdoc IAIOracle
    function requestBatchInference(
        uint256 batchSize,
        uint256 modelId,
        bytes calldata input,
        address callbackContract,
        uint64 gasLimit,
        bytes calldata callbackData,
        DA inputDA,
        DA outputDA
    ) external payable returns (uint256) {
        _requireCalldata(inputDA, outputDA);
        return _open(_draft(modelId, batchSize, callbackContract, gasLimit), _standardTerms(), input, callbackData);
    }

    /// @inheritdoc IInferenceOracle
    function requestInference(
        uint256 versionId,
        uint256 batchSize,
        bytes calldata input,
        address callbackContract,
        uint64 gasLimit,
        bytes calldata callbackData,
        RequestOptions calldata options
    ) external payable returns (uint256 requestId) {
        return _open(_draft(versionId, batchSize, callbackContract, gasLimit), options, input, callbackData);
    }

    /// @inheritdoc IInferenceOracle
    function setCallbackMode(CallbackMode mode) external {
        callbackModeOf[msg.sender] = mode;
        emit CallbackModeSet(msg.sender, mode);
    }

    // ---------------------------------------------------------------- quotes

    /// @inheritdoc IAIOracle
    function estimateFee(uint256 modelId, uint256 gasLimit) external view returns (uint256) {
        (uint256 fee, uint256 gasPrepaid) = quote(modelId, gasLimit, 1, ETH);
        return fee + gasPrepaid;
    }

    /// @inheritdoc IAIOracle
    function estimateFeeBatch(uint256 modelId, uint256 gasLimit, uint256 batchSize) external view returns (uint256) {
        (uint256 fee, uint256 gasPrepaid) = quote(modelId, gasLimit, batchSize, ETH);
        return fee + gasPrepaid;
    }

    /// @inheritdoc IInferenceOracle
    function quote(
        uint256 versionId,
        uint256 gasLimit,
        uint256 batchSize,
        address asset
    ) public view returns (uint256 fee, uint256 gasPrepaid) {
        fee = _fee(versionId, batchSize, asset);
        gasPrepaid = 2 * _gasOf(gasLimit, _ioBounds(versionId).maxOutput * batchSize) * _gasPrice();
    }

    function _fee(uint256 versionId, uint256 batchSize, address asset) private view returns (uint256) {
        return REGISTRY.priceOf(versionId, asset) * batchSize;
    }

    /// Lengths of one item's bytes, no output longer than this oracle takes.
    function _ioBounds(uint256 versionId) private view returns (IModelRegistry.IOBounds memory io) {
        io = REGISTRY.ioBounds(versionId);
        if (io.maxOutput > MAX_OUTPUT_BYTES) io.maxOutput = uint32(MAX_OUTPUT_BYTES);
    }

    // ---------------------------------------------------------------- opening

    function _open(
        Draft memory draft,
        RequestOptions memory options,
        bytes calldata input,
        bytes calldata callbackData
    ) private returns (uint256 requestId) {
        uint256 guard = _guard;
        if (guard == LOCKED) revert InferenceOracle_Reentered();
        _guard = LOCKED;

        if (options.refundTo == address(0)) options.refundTo = msg.sender;
        _requireTerms(draft, options);
        _requireShape(draft, input);
        _price(draft, options);
        draft.number = ++requestCount;
        draft.account = msg.sender;
        draft.callbackDataHash = keccak256(callbackData);
        requestId = _idOf(draft, options);
        uint256 gasPrepaid = _store(requestId, draft, options);
        _collect(draft, options, gasPrepaid);
        _announce(requestId, draft, options, gasPrepaid, input, callbackData);

        _guard = guard;
    }

    function _draft(
        uint256 versionId,
        uint256 batchSize,
        address callbackContract,
        uint256 gasLimit
    ) private pure returns (Draft memory draft) {
        draft.versionId = versionId;
        draft.batchSize = batchSize;
        draft.callbackContract = callbackContract;
        draft.gasLimit = gasLimit;
    }

    /// 160 bits of the hash: as hard to make collide as an address, and cheaper as calldata of every answer than 256. Nothing
    /// of the block enters, so that an unchanged request that is mined again keeps its id, and an answer signed for it stays good.
    function _idOf(Draft memory draft, RequestOptions memory options) private view returns (uint256) {
        return uint160(uint256(keccak256(abi.encode(ID_DOMAIN, block.chainid, address(this), draft, options))));
    }

    function _standardTerms() private view returns (RequestOptions memory options) {
        options.mode = callbackModeOf[msg.sender];
        options.window = uint32(SAFE_WINDOW);
        options.maxFee = type(uint256).max;
    }

    function _requireCalldata(DA inputDA, DA outputDA) private pure {
        if (inputDA != DA.Calldata) revert InferenceOracle_UnsupportedDA(inputDA);
        if (outputDA != DA.Calldata) revert InferenceOracle_UnsupportedDA(outputDA);
    }

    function _requireTerms(Draft memory draft, RequestOptions memory options) private view {
        if (options.window != SAFE_WINDOW && options.window != FAST_WINDOW) {
            revert InferenceOracle_UnknownWindow(options.window);
        }
        // A callback that fits no block could never be delivered, nor its prepaid gas settled.
        uint256 mostGas = _least(block.gaslimit, type(uint32).max);
        if (draft.gasLimit > mostGas) revert InferenceOracle_GasLimitTooHigh(draft.gasLimit, mostGas);
        if (options.minTier == IModelRegistry.Tier.Unverified) return;
        // Without a judge nobody can prove anything wrong.
        IModelRegistry.Tier tier =
            disputeGame == address(0) ? IModelRegistry.Tier.Unverified : REGISTRY.tierOf(draft.versionId);
        if (tier < options.minTier) revert InferenceOracle_TierTooLow(tier, options.minTier);
    }

    /// Lengths and counts: "invalid input" is settled here and never an operator's claim.
    function _requireShape(Draft memory draft, bytes calldata input) private view {
        IModelRegistry.IOBounds memory io = _ioBounds(draft.versionId);
        uint256 size = draft.batchSize;
        bool single = io.minInput != io.maxInput || io.minOutput != io.maxOutput;
        uint256 most = single ? 1 : MAX_BATCH_SIZE;
        if (size == 0 || size > most) revert InferenceOracle_WrongBatchSize(size, most);
        if (input.length < io.minInput * size || input.length > io.maxInput * size) {
            revert InferenceOracle_WrongInputLength(input.length, io.minInput * size, io.maxInput * size);
        }
        if (io.minOutput > MAX_OUTPUT_BYTES) {
            revert InferenceOracle_WrongOutputLength(0, io.minOutput, io.minOutput, MAX_OUTPUT_BYTES);
        }
        (draft.minOutput, draft.maxOutput) = (io.minOutput, io.maxOutput);
        if (io.context != 0) {
            // The prompt is shorter than the context: its bounds say so.
            uint256 room = io.context - input.length;
            (draft.minOutput, draft.maxOutput) = (RequestProgress.TEXT, _least(io.maxOutput, room));
        }

        bytes32[] memory items = new bytes32[](size);
        uint256 length = input.length / size;
        for (uint256 i = 0; i < size; ++i) {
            items[i] = TensorRoot.ofBytes(input[i * length:(i + 1) * length]);
        }
        draft.inputRoot = TensorRoot.ofLeaves(items);
    }

    function _price(Draft memory draft, RequestOptions memory options) private view {
        draft.fee = _fee(draft.versionId, draft.batchSize, options.asset);
        uint256 most = _least(options.maxFee, type(uint96).max);
        if (draft.fee > most) revert InferenceOracle_FeeAboveMax(draft.fee, most);
        draft.ethFee = draft.fee;
        if (options.asset != ETH) {
            (uint256 price, , ) = REGISTRY.priceSchedule(draft.versionId, ETH);
            draft.ethFee = price * draft.batchSize;
        }
    }

    /// @return gasPrepaid What the callbacks cost on top of the fee, in wei.
    function _store(
        uint256 requestId,
        Draft memory draft,
        RequestOptions memory options
    ) private returns (uint256 gasPrepaid) {
        RequestRecord storage r = _requests[requestId];
        Progress memory p;
        p.status = Status.Open;
        if (options.window != SAFE_WINDOW) p.flags |= RequestProgress.FAST_WINDOW;
        if (options.asset != ETH) p.flags |= RequestProgress.ERC20_FEE;
        p.requestedAt = uint40(block.timestamp);
        p.turnedBlock = uint40(block.number);
        p.versionId = draft.versionId.toUint32();
        p.batchSize = draft.batchSize;
        (p.minOutput, p.maxOutput) = (draft.minOutput, draft.maxOutput);
        p.bond = _leastBondUp(draft.ethFee, options.minBond);
        r.progress = RequestProgress.pack(p);

        // Checked: the fee in `_price`, the gas limit in `_requireTerms`, the rest by the least bond, which both enter.
        (r.operator, r.fee) = (address(0), uint96(draft.fee));
        r.outputRoot = PLACEHOLDER;
        r.inputRoot = draft.inputRoot;
        (r.account, r.gasLimit, r.gasPrice) = (msg.sender, uint32(draft.gasLimit), _gasPrice().toUint56());
        r.terms = _storeTerms(r, draft, options);
        if (options.asset != ETH) (r.asset, r.ethFee) = (options.asset, uint96(draft.ethFee));
        if (draft.callbackDataHash != NO_BYTES) r.callbackDataHash = draft.callbackDataHash;
        return 2 * _gasPerCallback(r, p);
    }

    function _storeTerms(
        RequestRecord storage r,
        Draft memory draft,
        RequestOptions memory options
    ) private returns (uint8 terms) {
        if (options.mode == CallbackMode.Optimistic) terms |= OracleTerms.OPTIMISTIC;
        if (draft.callbackContract == msg.sender) {
            terms |= OracleTerms.CALLBACK_TO_ACCOUNT;
        } else if (draft.callbackContract != address(0)) {
            terms |= OracleTerms.CALLBACK_ELSEWHERE;
            r.callbackContract = draft.callbackContract;
        }
        if (options.refundTo != msg.sender || options.minBond != 0) {
            terms |= OracleTerms.EXTRA;
            (r.refundTo, r.minBond) = (options.refundTo, uint96(options.minBond));
        }
    }

    /// ETH due is paid by value and, where that falls short, by the caller's credit. What is over becomes credit.
    function _collect(Draft memory draft, RequestOptions memory options, uint256 needed) private {
        if (options.asset == ETH) needed += draft.fee;
        else _pull(IERC20(options.asset), draft.fee);

        if (needed == 0 && msg.value != 0) revert InferenceOracle_UnexpectedValue(msg.value);
        if (msg.value >= needed) {
            _credit(options.refundTo, ETH, msg.value - needed);
            return;
        }
        uint256 short = needed - msg.value;
        uint256 credit = creditOf[msg.sender][ETH];
        if (credit < short) revert InferenceOracle_InsufficientPayment(msg.value + credit, needed);
        creditOf[msg.sender][ETH] = credit - short;
        emit CreditUsed(msg.sender, short);
    }

    /// The guard is up: nothing else moves the asset's balance here while the ERC-20 has control.
    function _pull(IERC20 asset, uint256 amount) private {
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = asset.balanceOf(address(this)) - before;
        if (received != amount) revert InferenceOracle_ShortPayment(address(asset), amount, received);
    }

    function _announce(
        uint256 requestId,
        Draft memory draft,
        RequestOptions memory options,
        uint256 gasPrepaid,
        bytes calldata input,
        bytes calldata callbackData
    ) private {
        emit AICallbackRequest(
            msg.sender,
            requestId,
            draft.versionId,
            input,
            draft.callbackContract,
            uint64(draft.gasLimit),
            callbackData
        );
        emit RequestOpened(
            requestId,
            draft.versionId,
            msg.sender,
            draft.batchSize,
            options.asset,
            draft.fee,
            gasPrepaid,
            block.timestamp + REQUEST_DEADLINE,
            draft.inputRoot,
            options
        );
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
