// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {DisputeBase} from "./DisputeBase.sol";
import {DisputeClock} from "./DisputeClock.sol";
import {DisputeOpening} from "./DisputeOpening.sol";
import {MerkleRange} from "./MerkleRange.sol";
import {StepDescriptor} from "./StepDescriptor.sol";

/// @title DisputeGame
/// @notice See `IDisputeGame`. Here: the moves from a posted trace down to one element, and the clocks.
contract DisputeGame is DisputeOpening {
    using DisputeClock for Dispute;
    using SafeCast for uint256;

    /// @param oracle_ Whose answers are judged; it must know this game already.
    constructor(IInferenceOracle oracle_, IStepVerifier verifier_) DisputeBase(oracle_, verifier_) {}

    // ---------------------------------------------------------------- narrowing down

    /// @inheritdoc IDisputeGame
    function pickStep(
        Subject calldata subject,
        Trace calldata trace,
        Pick calldata choice,
        StepProof calldata step
    ) external {
        bytes32 subjectId = subjectIdOf(subject);
        bytes32 disputeId = _disputeId(subjectId, msg.sender);
        Dispute memory d = _disputes[disputeId];
        bool first = d.phase == Phase.AwaitTrace;
        if (!first) _requirePhase(disputeId, d, Phase.AwaitPick);
        if (d.node != 0) revert DisputeGame_WrongTree(disputeId, d.node);
        _requireTrace(subjectId, trace);
        d.press(disputeId, Side.Challenger, trace.postedAt);

        if (first) d.level = trace.model.nodesHeight.toUint8();
        _descend(d, choice, first ? trace.root : cursorOf[disputeId]);
        d.phase = Phase.AwaitReveal;
        if (d.level == 0) {
            if (d.position >= trace.model.nodeCount) return _convictPadding(subject, disputeId, d, choice);
            _reachStep(d, trace.model, step);
        }
        _keepPick(disputeId, d, choice);
    }

    /// @inheritdoc IDisputeGame
    function pickChunk(Subject calldata subject, Pick calldata choice) external {
        bytes32 disputeId = disputeIdOf(subject, msg.sender);
        Dispute memory d = _disputes[disputeId];
        _requirePhase(disputeId, d, Phase.AwaitPick);
        if (d.node == 0) revert DisputeGame_WrongTree(disputeId, 0);
        d.press(disputeId, Side.Challenger, 0);

        _descend(d, choice, cursorOf[disputeId]);
        d.phase = Phase.AwaitReveal;
        if (d.level == 0) {
            if (d.position >= _chunks(d.tensorBytes)) return _convictPadding(subject, disputeId, d, choice);
            d.phase = Phase.AwaitChunk;
        }
        _keepPick(disputeId, d, choice);
    }

    /// Goes from `root` down to the child that was picked.
    function _descend(Dispute memory d, Pick calldata choice, bytes32 root) private pure {
        uint256 depth = MerkleRange.depthOf(d.level);
        _requireSame(MerkleRange.rootOfLeaf(choice.child, choice.index, depth, choice.path), root);
        // At most the level.
        d.level -= uint8(depth);
        d.position = ((uint256(d.position) << depth) + choice.index).toUint32();
    }

    /// From here on the subtree in question is one of the step's tensor.
    function _reachStep(Dispute memory d, Model calldata model, StepProof calldata step) private pure {
        if (d.position == 0) revert DisputeGame_NothingToDispute(0);
        (uint256 height, uint256 length) = _checkStep(model, d.position, step);
        d.node = d.position;
        d.level = height.toUint8();
        d.tensorBytes = length.toUint32();
        d.position = 0;
        if (height == 0) d.phase = Phase.AwaitChunk;
    }

    function _keepPick(bytes32 disputeId, Dispute memory d, Pick calldata choice) private {
        _disputes[disputeId] = d;
        cursorOf[disputeId] = choice.child;
        emit Picked(disputeId, choice.child, choice.index, d.node);
    }

    /// Beyond the last leaf there are zeros only: anything else is a malformed commitment, and loses at once.
    function _convictPadding(
        Subject calldata subject,
        bytes32 disputeId,
        Dispute memory d,
        Pick calldata choice
    ) private {
        if (choice.child == 0) revert DisputeGame_NothingToDispute(d.position);
        _convict(subject, msg.sender, disputeId, d);
    }

    /// @inheritdoc IDisputeGame
    function reveal(bytes32 disputeId, bytes32[] calldata children) external {
        Dispute memory d = _disputes[disputeId];
        _requirePhase(disputeId, d, Phase.AwaitReveal);
        d.press(disputeId, Side.Operator, 0);
        _requireSame(MerkleRange.rootOfChildren(children, MerkleRange.depthOf(d.level)), cursorOf[disputeId]);
        d.phase = Phase.AwaitPick;
        _disputes[disputeId] = d;
        emit Revealed(disputeId, children);
    }

    /// @inheritdoc IDisputeGame
    function revealChunk(Subject calldata subject, address challenger, bytes calldata chunk) external {
        bytes32 disputeId = disputeIdOf(subject, challenger);
        Dispute memory d = _disputes[disputeId];
        _requirePhase(disputeId, d, Phase.AwaitChunk);
        d.press(disputeId, Side.Operator, 0);
        _requireSame(MerkleRange.leafOf(chunk), cursorOf[disputeId]);
        if (chunk.length != _chunkLength(d.tensorBytes, d.position)) {
            return _convict(subject, challenger, disputeId, d);
        }
        d.phase = Phase.AwaitProof;
        _disputes[disputeId] = d;
        emit ChunkRevealed(disputeId, chunk);
    }

    // ---------------------------------------------------------------- proofs

    /// @inheritdoc IDisputeGame
    function prove(
        Subject calldata subject,
        Trace calldata trace,
        StepProof calldata step,
        IStepVerifier.ElementProof calldata proof
    ) external {
        bytes32 subjectId = subjectIdOf(subject);
        bytes32 disputeId = _disputeId(subjectId, msg.sender);
        Dispute memory d = _disputes[disputeId];
        _requirePhase(disputeId, d, Phase.AwaitProof);
        d.press(disputeId, Side.Challenger, 0);
        _requireTrace(subjectId, trace);
        _checkStep(trace.model, d.node, step);
        _requireSame(MerkleRange.leafOf(proof.chunk), cursorOf[disputeId]);
        _requireWrong(trace, d.node, d.position, step.descriptor, proof);
        _convict(subject, msg.sender, disputeId, d);
    }

    /// @inheritdoc IDisputeGame
    function proveDirect(
        Subject calldata subject,
        Trace calldata trace,
        uint256 node,
        uint256 chunkIndex,
        bytes32[] calldata path,
        StepProof calldata step,
        IStepVerifier.ElementProof calldata proof
    ) external {
        bytes32 subjectId = subjectIdOf(subject);
        bytes32 disputeId = _disputeId(subjectId, msg.sender);
        Dispute memory d = _disputes[disputeId];
        if (!_isOpen(d.phase)) revert DisputeGame_WrongPhase(disputeId, d.phase);
        _requireTrace(subjectId, trace);
        uint256 length = _checkChunk(trace, node, chunkIndex, path, step, proof.chunk);
        if (proof.chunk.length == _chunkLength(length, chunkIndex)) {
            _requireWrong(trace, node, chunkIndex, step.descriptor, proof);
        }
        _convict(subject, msg.sender, disputeId, d);
    }

    /// The chunk is number `chunkIndex` of the tensor of step `node` in the trace.
    /// @return length Bytes of that tensor.
    function _checkChunk(
        Trace calldata trace,
        uint256 node,
        uint256 chunkIndex,
        bytes32[] calldata path,
        StepProof calldata step,
        bytes calldata chunk
    ) private pure returns (uint256 length) {
        Model calldata model = trace.model;
        if (node == 0 || node >= model.nodeCount) revert DisputeGame_NoSuchStep(node, model.nodeCount);
        uint256 height;
        (height, length) = _checkStep(model, node, step);
        if (chunkIndex >= _chunks(length)) revert DisputeGame_NoSuchChunk(chunkIndex, _chunks(length));
        if (path.length < height) revert MerkleRange.MerkleRange_ProofTooShort(path.length, height);
        bytes32 tensor = MerkleRange.rootOfLeaf(MerkleRange.leafOf(chunk), chunkIndex, height, path[:height]);
        _requireSame(MerkleRange.rootOfLeaf(tensor, node, model.nodesHeight, path[height:]), trace.root);
    }

    /// @return height Of the tree over the step's tensor.
    /// @return length Of that tensor, in bytes.
    function _checkStep(
        Model calldata model,
        uint256 node,
        StepProof calldata step
    ) private pure returns (uint256 height, uint256 length) {
        bytes32 leaf = MerkleRange.leafOf(step.descriptor);
        _requireSame(MerkleRange.rootOfLeaf(leaf, node, model.nodesHeight, step.path), model.graphRoot);
        return StepDescriptor.shapeOf(step.descriptor);
    }

    function _requireWrong(
        Trace calldata trace,
        uint256 node,
        uint256 chunkIndex,
        bytes calldata descriptor,
        IStepVerifier.ElementProof calldata proof
    ) private view {
        IStepVerifier.Evidence memory evidence = IStepVerifier.Evidence({
            traceRoot: trace.root,
            constRoot: trace.model.constRoot,
            nodesHeight: trace.model.nodesHeight,
            constantsHeight: trace.model.constantsHeight,
            node: node,
            chunkIndex: chunkIndex
        });
        if (!VERIFIER.isWrong(evidence, descriptor, proof)) revert DisputeGame_OperatorWasRight();
    }

    // ---------------------------------------------------------------- clocks

    /// @inheritdoc IDisputeGame
    function timeout(Subject calldata subject, address challenger, Trace calldata trace) external {
        (bytes32 disputeId, Dispute memory d, Side side, uint256 deadline) = _turn(subject, challenger, trace);
        if (block.timestamp <= deadline) revert DisputeGame_TimeLeft(disputeId, side, deadline);
        if (side == Side.Operator) _convict(subject, challenger, disputeId, d);
        else _acquit(subject, disputeId, d);
    }

    /// @inheritdoc IDisputeGame
    function turn(
        Subject calldata subject,
        address challenger,
        Trace calldata trace
    ) external view returns (Side side, uint256 deadline) {
        (, , side, deadline) = _turn(subject, challenger, trace);
    }

    function _turn(
        Subject calldata subject,
        address challenger,
        Trace calldata trace
    ) private view returns (bytes32 disputeId, Dispute memory d, Side side, uint256 deadline) {
        bytes32 subjectId = subjectIdOf(subject);
        disputeId = _disputeId(subjectId, challenger);
        d = _disputes[disputeId];
        if (!_isOpen(d.phase)) revert DisputeGame_WrongPhase(disputeId, d.phase);
        uint256 postedAt = 0;
        if (d.phase == Phase.AwaitTrace && traceHashOf[subjectId] != 0) {
            _requireTrace(subjectId, trace);
            postedAt = trace.postedAt;
        }
        (side, deadline) = d.turn(postedAt);
    }

    // ---------------------------------------------------------------- helpers

    function _requirePhase(bytes32 disputeId, Dispute memory d, Phase expected) private pure {
        if (d.phase != expected) revert DisputeGame_WrongPhase(disputeId, d.phase);
    }

    /// No bytes are one chunk of no bytes.
    function _chunks(uint256 length) private pure returns (uint256) {
        return length == 0 ? 1 : (length + MerkleRange.CHUNK - 1) / MerkleRange.CHUNK;
    }

    /// Bytes of chunk `index`, of which there is one.
    function _chunkLength(uint256 length, uint256 index) private pure returns (uint256) {
        uint256 left = length - index * MerkleRange.CHUNK;
        return left < MerkleRange.CHUNK ? left : MerkleRange.CHUNK;
    }
}
