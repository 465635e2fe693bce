// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {OracleBase} from "./OracleBase.sol";
import {Progress, RequestProgress, RequestRecord} from "./RequestRecord.sol";
import {TensorRoot} from "./TensorRoot.sol";
import {TextSteps} from "./TextSteps.sol";

/// @title OracleAnswers
/// @notice Who may answer, the answer under its bond, and what becomes of whoever was drawn and did not answer.
abstract contract OracleAnswers is OracleBase {
    using RequestProgress for Progress;

    /// Why an answer is refused; begins as `IOperatorRegistry.Engagement` does.
    enum Refusal {
        None,
        NotDrawn,
        NotEnrolled,
        NotEnoughStake,
        WrongStatus,
        DeadlinePassed,
        DrawNotReady
    }

    // ---------------------------------------------------------------- answers

    /// @inheritdoc IInferenceOracle
    function assertOutputs(uint256 requestId, bytes[] calldata outputs) external {
        _requireUnlocked();
        (Refusal refusal, address drawn) = _answer(requestId, outputs);
        if (refusal != Refusal.None) _refuse(refusal, requestId, drawn);
    }

    /// @inheritdoc IInferenceOracle
    function assertMany(uint256[] calldata requestIds, bytes[][] calldata outputs) external {
        _requireUnlocked();
        if (outputs.length != requestIds.length) {
            revert InferenceOracle_WrongOutputCount(outputs.length, requestIds.length);
        }
        for (uint256 i = 0; i < requestIds.length; ++i) {
            _answer(requestIds[i], outputs[i]);
        }
    }

    /// Changes nothing where it refuses.
    /// @return refusal Why, or none.
    /// @return drawn Who has the exclusive right, or had it; zero if nobody.
    function _answer(uint256 requestId, bytes[] calldata outputs) private returns (Refusal refusal, address drawn) {
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        if (p.status != Status.Open) return (Refusal.WrongStatus, address(0));
        if (block.timestamp > _deadline(p)) return (Refusal.DeadlinePassed, address(0));
        uint256 bond = _bondNow(p);
        (refusal, drawn) = _engage(requestId, r, p, bond);
        if (refusal != Refusal.None) return (refusal, drawn);
        bytes32 outputRoot = _outputRoot(p, outputs);
        if (p.isText() && TextSteps.endsInside(outputs[0])) revert InferenceOracle_EndInsideText(requestId);
        // In time it can only be the caller: nobody else is engaged then.
        if (drawn != msg.sender) _penalise(requestId, r, p, drawn, bond);

        p.status = Status.Asserted;
        p.turnedAfter = uint32(block.timestamp - p.requestedAt);
        p.turnedBlock = block.number;
        if (p.round < RequestProgress.MAX_ROUND) ++p.round;
        p.bond = bond;
        r.progress = RequestProgress.pack(p);
        r.operator = msg.sender;
        r.outputRoot = outputRoot;
        emit OutputAsserted(
            requestId,
            msg.sender,
            p.versionId,
            outputRoot,
            bond,
            block.timestamp + _window(p),
            uint32(p.round),
            outputs
        );
    }

    /// Locks the caller's bond, if the caller may answer.
    function _engage(
        uint256 requestId,
        RequestRecord storage r,
        Progress memory p,
        uint256 bond
    ) private returns (Refusal, address) {
        bool exclusive = block.timestamp < p.turnedAt() + EXCLUSIVE_WINDOW;
        bytes32 seed;
        if (p.round == 0) {
            bool ready;
            (ready, seed) = _seed(requestId, p);
            if (!ready && exclusive && _hasDraw(p)) return (Refusal.DrawNotReady, address(0));
        } else if (exclusive) {
            address challenger = r.operator;
            if (challenger != address(0) && challenger != msg.sender) return (Refusal.NotDrawn, challenger);
        }
        (IOperatorRegistry.Engagement result, address drawn) = OPERATORS.engage(
            msg.sender,
            p.versionId,
            p.requestedAt,
            seed,
            bond,
            exclusive
        );
        return (Refusal(uint8(result)), drawn);
    }

    function _refuse(Refusal refusal, uint256 requestId, address drawn) private view {
        (, Progress memory p) = _load(requestId);
        if (refusal == Refusal.WrongStatus) revert InferenceOracle_WrongStatus(requestId, p.status);
        if (refusal == Refusal.DeadlinePassed) revert InferenceOracle_DeadlinePassed(requestId, _deadline(p));
        if (refusal == Refusal.DrawNotReady) revert InferenceOracle_DrawNotReady(requestId);
        if (refusal == Refusal.NotDrawn) {
            revert InferenceOracle_NotDrawn(msg.sender, drawn, p.turnedAt() + EXCLUSIVE_WINDOW);
        }
        if (refusal == Refusal.NotEnrolled) revert InferenceOracle_NotEnrolled(msg.sender, p.versionId);
        revert IOperatorRegistry.OperatorRegistry_InsufficientFreeStake(
            msg.sender,
            OPERATORS.freeStake(msg.sender),
            _bondNow(p)
        );
    }

    /// The root of what is claimed to be the answer. Computed from the bytes, so nobody can post a root without them.
    function _outputRoot(Progress memory p, bytes[] calldata outputs) internal pure returns (bytes32) {
        if (outputs.length != p.batchSize) revert InferenceOracle_WrongOutputCount(outputs.length, p.batchSize);
        uint256 min = p.isText() ? 0 : p.minOutput;
        for (uint256 i = 0; i < outputs.length; ++i) {
            uint256 length = outputs[i].length;
            if (length < min || length > p.maxOutput) {
                revert InferenceOracle_WrongOutputLength(i, length, min, p.maxOutput);
            }
        }
        return TensorRoot.ofItems(outputs);
    }

    /// What an answer would have to lock now.
    function _bondNow(Progress memory p) internal view returns (uint256 bond) {
        bond = RequestProgress.toBondUp(5 * WINNER_GAS * _gasPrice());
        if (bond < p.bond) bond = p.bond;
    }

    // ---------------------------------------------------------------- the draw

    /// The seed of the only draw, that of a request which has never been answered.
    /// @return ready False until the block that decides has a hash.
    /// @return seed Zero: the hash is too old to be known, so nobody is drawn.
    function _seed(uint256 requestId, Progress memory p) internal view returns (bool ready, bytes32 seed) {
        uint256 decides = p.turnedBlock + 1;
        if (block.number <= decides) return (false, 0);
        bytes32 hash = Blockhash.blockHash(decides);
        return (true, hash == 0 ? bytes32(0) : Hashes.efficientKeccak256(hash, bytes32(requestId)));
    }

    /// Whether there is anybody to draw.
    function _hasDraw(Progress memory p) private view returns (bool) {
        return OPERATORS.weightAt(p.versionId, p.requestedAt) != 0;
    }

    /// Who was drawn for a request that nobody answered yet, as far as it can still be told.
    function _drawn(uint256 requestId, Progress memory p) internal view returns (bool ready, address drawn) {
        bytes32 seed;
        (ready, seed) = _seed(requestId, p);
        if (seed != 0) drawn = OPERATORS.draw(p.versionId, p.requestedAt, seed);
    }

    /// Takes up to the fee from who was drawn and did not answer. Nobody forfeits for a request it could not have bonded:
    /// otherwise a requester could name a bond, or send more requests, than a stake covers, and be paid for it.
    function _penalise(
        uint256 requestId,
        RequestRecord storage r,
        Progress memory p,
        address drawn,
        uint256 bond
    ) internal {
        if (drawn == address(0)) return;
        uint256 penalty = _ethFeeOf(r, p);
        IOperatorRegistry.Operator memory idle = OPERATORS.operator(drawn);
        if (penalty == 0 || idle.stake - idle.locked < bond) return;
        uint256 taken = _slash(drawn, penalty, 0, address(this));
        emit LivenessPenalty(requestId, drawn, taken);
        _credit(_refundToOf(r), ETH, taken);
    }

    function _slash(address operator, uint256 amount, uint256 fromLocked, address to) internal returns (uint256) {
        return OPERATORS.slash(operator, amount, fromLocked, to);
    }

    /// @inheritdoc IInferenceOracle
    function acceptPenalty() external payable {
        if (msg.sender != address(OPERATORS)) revert InferenceOracle_NotOperatorRegistry(msg.sender);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IInferenceOracle
    function bondOf(uint256 requestId) external view returns (uint256) {
        (, Progress memory p) = _load(requestId);
        _requireStatus(requestId, p, Status.Open);
        return _bondNow(p);
    }

    /// @inheritdoc IInferenceOracle
    function deadlineOf(uint256 requestId) external view returns (uint256) {
        (, Progress memory p) = _load(requestId);
        return _deadline(p);
    }

    /// @inheritdoc IInferenceOracle
    function drawnOperator(uint256 requestId) external view returns (address drawn, uint256 exclusiveUntil) {
        (RequestRecord storage r, Progress memory p) = _load(requestId);
        _requireStatus(requestId, p, Status.Open);
        bool ready;
        if (p.round != 0) {
            drawn = r.operator;
        } else {
            (ready, drawn) = _drawn(requestId, p);
            if (!ready && _hasDraw(p)) revert InferenceOracle_DrawNotReady(requestId);
        }
        if (drawn != address(0)) exclusiveUntil = p.turnedAt() + EXCLUSIVE_WINDOW;
    }
}
