// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IAIOracle} from "./IAIOracle.sol";
import {IModelRegistry} from "./IModelRegistry.sol";

/// @title InferenceOracle
/// @notice Requests, bonded answers, refunds, callbacks. Fees sit in escrow until the answer is final, then enter the waterfall.
/// @dev Amounts in wei unless an asset is named. Request bytes live in events and calldata; storage keeps their hashes, and
/// whoever delivers supplies them again. Nobody owns the oracle.
///
/// A request's id is the low 160 bits of
///
///     keccak256(abi.encode(
///         keccak256("OpenIMO request"), chain id, oracle, number, account, versionId, batchSize, callbackContract, gasLimit,
///         keccak256(callbackData), inputRoot, minOutput, maxOutput, fee, fee in ETH, options
///     ))
///
/// where `number` counts the oracle's requests from 1, output lengths are those of one item, and `options` are the request's own or
/// the standard ones, with `refundTo` filled in. So no two requests have one id, and after a reorganisation no other request can have
/// the id of one that is gone: an answer signed for it reaches nothing else. Nothing of a block enters: an unchanged
/// request that is mined again under its number keeps its id, and an answer signed for it stays good. 160 bits are as hard to make
/// collide as an address (2^80 hashes); 64 would take an attacker minutes, 128 a budget, 256 cost every answer more calldata.
/// Ids do not follow one another: `RequestOpened` lists them.
///
/// What a request may ask for is bounded by how it is stored: fees below 2^96 units, gas limits below 2^32 and the block's, bonds below
/// 2^48 * 10^12 wei, version ids below 2^32. Bonds are rounded up to 10^12 wei.
///
/// A version that writes text takes a prompt and is answered with what the model writes on, without the byte that ends it: 0 to
/// `maxOutput` bytes, and no more than its context has left. There is no end inside of it. Its `minOutput` above is 65,535, which
/// marks a text and is above every `maxOutput`.
///
/// The output handed to a callback is the answer's bytes; of a batch, its items concatenated. So a batch needs a version
/// whose inputs and outputs have one length.
interface IInferenceOracle is IAIOracle {
    enum CallbackMode {
        /// One callback, when the answer is final.
        Final,
        /// A callback at the assertion, and another should the answer change.
        Optimistic
    }

    enum Status {
        None,
        /// Waiting for an answer.
        Open,
        /// Answered; the dispute window runs or a dispute is open.
        Asserted,
        Final,
        Refunded
    }

    /// @notice Bounds of a deployment, immutable. Times in seconds.
    struct Parameters {
        uint32 safeWindow;
        uint32 fastWindow;
        uint32 requestDeadline;
        uint32 exclusiveWindow;
        /// Largest output of one item, in bytes.
        uint32 maxOutputBytes;
        uint32 maxBatchSize;
        /// Least price per unit of gas that callbacks are prepaid at and bonds are computed with, in wei.
        uint128 gasPriceFloor;
        uint128 minBond;
        /// Worst-case gas of the side that wins a dispute; five times its price is part of a bond.
        uint64 winnerGas;
    }

    struct RequestOptions {
        CallbackMode mode;
        /// Dispute window in seconds: `safeWindow` or `fastWindow`.
        uint32 window;
        uint128 minBond;
        /// Most the fee may be, in units of `asset`.
        uint256 maxFee;
        IModelRegistry.Tier minTier;
        /// What the fee is paid in; the prepaid gas is always ETH.
        address asset;
        /// Whose credit refunds and unused gas become; zero: the caller.
        address refundTo;
    }

    struct Request {
        address account;
        Status status;
        CallbackMode mode;
        uint32 window;
        uint40 requestedAt;
        /// Block of the request; once answered, of the last answer.
        uint40 turnedBlock;
        uint256 versionId;
        uint256 batchSize;
        address callbackContract;
        uint64 gasLimit;
        address refundTo;
        address asset;
        uint256 fee;
        uint256 gasPrepaid;
        uint256 minBond;
        bytes32 inputRoot;
        bytes32 callbackDataHash;
    }

    struct Assertion {
        address operator;
        uint40 assertedAt;
        uint40 finalAt;
        uint256 bond;
        /// Root of the output; of the item roots where the request is a batch.
        bytes32 outputRoot;
        /// Counts answers: 1 for the first, +1 for each that replaced a convicted one; stays at 255. All else is zero while
        /// no answer stands.
        uint32 round;
        bool delivered;
        bool callbackFailed;
    }

    /// @notice An answer that may still be disputed, and what it answers: what a judge needs to know.
    struct Standing {
        address operator;
        uint40 assertedAt;
        uint40 finalAt;
        uint40 assertedBlock;
        uint256 versionId;
        uint256 batchSize;
        bytes32 inputRoot;
        bytes32 outputRoot;
    }

    event RequestOpened(
        uint256 indexed requestId,
        uint256 indexed versionId,
        address indexed account,
        uint256 batchSize,
        address asset,
        uint256 fee,
        uint256 gasPrepaid,
        uint256 deadline,
        bytes32 inputRoot,
        RequestOptions options
    );
    /// @notice An operator answered; `outputs` holds one item per input of the batch.
    event OutputAsserted(
        uint256 indexed requestId,
        address indexed operator,
        uint256 indexed versionId,
        bytes32 outputRoot,
        uint256 bond,
        uint256 finalAt,
        uint32 round,
        bytes[] outputs
    );
    event AssertionVoided(uint256 indexed requestId, address indexed operator, address indexed challenger);
    event RequestFinalized(uint256 indexed requestId, address indexed operator, uint256 fee);
    event RequestRefunded(
        uint256 indexed requestId,
        address indexed to,
        address asset,
        uint256 fee,
        uint256 gasPrepaid
    );
    event LivenessPenalty(uint256 indexed requestId, address indexed operator, uint256 amount);
    event CallbackFailed(uint256 indexed requestId, uint32 round, bytes reason);
    /// @notice The request is final, but its ERC-20 could not be moved; `distributeFee` tries again.
    event FeeHeld(uint256 indexed requestId, address indexed asset, uint256 fee);
    event CallbackModeSet(address indexed client, CallbackMode mode);
    event GasSettled(uint256 indexed requestId, address indexed invoker, uint256 paid, uint256 returned);
    event CreditAdded(address indexed account, address indexed asset, uint256 amount);
    event CreditUsed(address indexed account, uint256 amount);
    event CreditWithdrawn(address indexed account, address indexed asset, address indexed to, uint256 amount);

    error InferenceOracle_WrongInputLength(uint256 length, uint256 min, uint256 max);
    error InferenceOracle_WrongOutputLength(uint256 item, uint256 length, uint256 min, uint256 max);
    /// @notice A byte within the text is the one that ends texts.
    error InferenceOracle_EndInsideText(uint256 requestId);
    error InferenceOracle_WrongBatchSize(uint256 size, uint256 most);
    error InferenceOracle_WrongOutputCount(uint256 count, uint256 expected);
    error InferenceOracle_UnsupportedDA(DA mode);
    error InferenceOracle_InsufficientPayment(uint256 paid, uint256 needed);
    error InferenceOracle_UnexpectedValue(uint256 sent);
    error InferenceOracle_FeeAboveMax(uint256 fee, uint256 most);
    error InferenceOracle_GasLimitTooHigh(uint256 gasLimit, uint256 most);
    error InferenceOracle_BondTooHigh(uint256 bond, uint256 most);
    error InferenceOracle_TierTooLow(IModelRegistry.Tier actual, IModelRegistry.Tier asked);
    error InferenceOracle_UnknownWindow(uint256 window);
    error InferenceOracle_WrongStatus(uint256 requestId, Status actual);
    error InferenceOracle_DeadlinePassed(uint256 requestId, uint256 deadline);
    error InferenceOracle_DeadlineNotPassed(uint256 requestId, uint256 deadline);
    error InferenceOracle_NotDrawn(address caller, address drawn, uint256 exclusiveUntil);
    error InferenceOracle_DrawNotReady(uint256 requestId);
    error InferenceOracle_NotEnrolled(address caller, uint256 versionId);
    error InferenceOracle_WindowOpen(uint256 requestId, uint256 finalAt);
    error InferenceOracle_DisputeOpen(uint256 requestId);
    error InferenceOracle_NotDisputeGame(address caller);
    error InferenceOracle_NotOperatorRegistry(address caller);
    error InferenceOracle_NoFeeHeld(uint256 requestId);
    error InferenceOracle_BytesMismatch(bytes32 actual, bytes32 expected);
    error InferenceOracle_NotDeliverable(uint256 requestId);
    error InferenceOracle_NotEnoughGas(uint256 available, uint256 needed);
    error InferenceOracle_NothingToWithdraw(address account, address asset);
    error InferenceOracle_PaymentFailed(address to, uint256 amount);
    error InferenceOracle_ShortPayment(address asset, uint256 announced, uint256 received);
    error InferenceOracle_BadConfig(bytes32 reason);
    error InferenceOracle_Reentered();
    error InferenceOracle_ZeroAddress();

    /// @notice As `requestBatchInference`, with terms. A request that cannot be met as asked reverts; it is never downgraded.
    function requestInference(
        uint256 versionId,
        uint256 batchSize,
        bytes calldata input,
        address callbackContract,
        uint64 gasLimit,
        bytes calldata callbackData,
        RequestOptions calldata options
    ) external payable returns (uint256 requestId);

    /// @notice Answers a request with one output per item, under the caller's bond. Where the caller is not who was drawn and
    /// let its window pass, the drawn one forfeits up to the fee to `refundTo`, unless its stake would not have covered the
    /// bond.
    function assertOutputs(uint256 requestId, bytes[] calldata outputs) external;

    /// @notice Answers several requests; one that cannot or can no longer be answered by the caller is skipped. Malformed
    /// outputs revert.
    function assertMany(uint256[] calldata requestIds, bytes[][] calldata outputs) external;

    /// @notice After the window, with no dispute open: releases the bond and sends the fee down the waterfall. Anyone.
    /// An ERC-20 that does not move is held, so that it cannot keep the bond.
    function finalize(uint256 requestId) external;

    /// @notice Sends a held fee down the waterfall. Anyone.
    function distributeFee(uint256 requestId) external;

    /// @notice Runs the callback with the current answer: once final, or at once for an optimistic client; again only if it
    /// failed. Anyone; gas used is repaid from what was prepaid.
    function deliver(uint256 requestId, bytes[] calldata outputs, bytes calldata callbackData) external;

    /// @notice `finalize`, then `deliver` where there is a callback that has not had this answer.
    function finalizeAndDeliver(uint256 requestId, bytes[] calldata outputs, bytes calldata callbackData) external;

    /// @notice After the deadline without an answer: fee and prepaid gas become credit. Anyone.
    function refund(uint256 requestId) external;

    /// @notice Dispute game only: the assertion is wrong. The bond goes to the caller, by a plain transfer; the request reopens
    /// with a full deadline, for one exclusive window for `challenger` alone (zero: for anyone enrolled).
    function voidAssertion(uint256 requestId, address challenger) external;

    /// @notice How callbacks of requests made by the caller through the standard entry points run.
    function setCallbackMode(CallbackMode mode) external;

    /// @notice Operator registry only: brings the stake that a `slash` took on the oracle's behalf.
    function acceptPenalty() external payable;

    function withdrawCredit(address asset, address to) external;

    function creditOf(address account, address asset) external view returns (uint256);

    function request(uint256 requestId) external view returns (Request memory);

    function assertion(uint256 requestId) external view returns (Assertion memory);

    /// @notice Reverts `WrongStatus` unless the request is answered and not final.
    function standing(uint256 requestId) external view returns (Standing memory);

    /// @notice The quote in parts: the fee in units of `asset`, and wei of prepaid gas for two callbacks.
    function quote(
        uint256 versionId,
        uint256 gasLimit,
        uint256 batchSize,
        address asset
    ) external view returns (uint256 fee, uint256 gasPrepaid);

    /// @notice Until when an open request can be answered; after that it can be refunded.
    function deadlineOf(uint256 requestId) external view returns (uint256);

    /// @notice The bond an answer needs now, in wei. Reverts `WrongStatus` unless the request is open.
    function bondOf(uint256 requestId) external view returns (uint256);

    /// @notice Who may answer alone, and until when; zero where anyone enrolled may answer at once.
    /// Reverts `DrawNotReady` until the block after the request's successor, and `WrongStatus` unless the request is open.
    function drawnOperator(uint256 requestId) external view returns (address operator, uint256 exclusiveUntil);

    function callbackModeOf(address client) external view returns (CallbackMode);

    function parameters() external view returns (Parameters memory);

    /// @notice How many requests there were; not an id.
    function requestCount() external view returns (uint256);

    function registry() external view returns (address);

    function router() external view returns (address);

    function operators() external view returns (address);

    function disputeGame() external view returns (address);
}
