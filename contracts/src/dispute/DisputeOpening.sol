// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {TensorRoot} from "../oracle/TensorRoot.sol";
import {TextSteps} from "../oracle/TextSteps.sol";
import {DisputeBonds} from "./DisputeBonds.sol";
import {MerkleRange} from "./MerkleRange.sol";

/// @title DisputeOpening
/// @notice Challenges and traces: all that ties a dispute to the bytes of a request and of its answer.
abstract contract DisputeOpening is DisputeBonds {
    uint256 private immutable MAX_OUTPUT_BYTES;

    constructor() {
        MAX_OUTPUT_BYTES = ORACLE.parameters().maxOutputBytes;
    }

    // ---------------------------------------------------------------- the challenge

    /// @inheritdoc IDisputeGame
    function challenge(Subject calldata subject, bytes32 outputRoot) external payable returns (bytes32) {
        IInferenceOracle.Standing memory answer = _disputable(subject, outputRoot);
        IModelRegistry.IOBounds memory io = _boundsOf(answer.versionId, false);
        bool fixedLength = io.minInput == io.maxInput && io.minOutput == io.maxOutput;
        if (!fixedLength) revert DisputeGame_NotDisputable(answer.versionId);
        if (subject.item >= answer.batchSize) revert DisputeGame_NoSuchItem(subject.item, answer.batchSize);
        return _open(subject, answer.finalAt - answer.assertedAt);
    }

    /// @inheritdoc IDisputeGame
    function challengeStep(
        Subject calldata subject,
        bytes32 outputRoot,
        bytes calldata prompt,
        bytes calldata output
    ) external payable returns (bytes32) {
        IInferenceOracle.Standing memory answer = _disputable(subject, outputRoot);
        IModelRegistry.IOBounds memory io = _boundsOf(answer.versionId, true);
        _requireBytes(answer, prompt, output);
        TextSteps.requireClaimed(subject.item, prompt.length, output.length, _mostBytes(io), io.context);
        return _open(subject, answer.finalAt - answer.assertedAt);
    }

    /// The answer that stands and is meant, while its window is open, of a version that the judge knows.
    function _disputable(
        Subject calldata subject,
        bytes32 outputRoot
    ) private view returns (IInferenceOracle.Standing memory answer) {
        answer = _answer(subject);
        if (block.timestamp >= answer.finalAt) revert DisputeGame_WindowOver(subject.requestId, answer.finalAt);
        if (answer.outputRoot != outputRoot) revert DisputeGame_OtherAnswer(answer.outputRoot, outputRoot);
        if (REGISTRY.modelRootOf(answer.versionId) == 0) revert DisputeGame_NotDisputable(answer.versionId);
    }

    /// @param window Of the answer, in seconds: the clock of each side.
    function _open(Subject calldata subject, uint256 window) private returns (bytes32 disputeId) {
        disputeId = disputeIdOf(subject, msg.sender);
        Dispute memory d = _disputes[disputeId];
        if (d.phase != Phase.None) revert DisputeGame_AlreadyChallenged(disputeId);

        uint32 clock = window > type(uint32).max ? type(uint32).max : uint32(window);
        d.phase = Phase.AwaitTrace;
        (d.operatorLeft, d.challengerLeft) = (clock, clock);
        d.since = uint32(block.timestamp);
        d.bond = _bondUnits(msg.value);
        _disputes[disputeId] = d;
        ++docket[subject.requestId].open;
        emit Challenged(disputeId, subject.requestId, msg.sender, subject.round, subject.item, msg.value, clock);
    }

    // ---------------------------------------------------------------- the trace

    /// @inheritdoc IDisputeGame
    function postTrace(Subject calldata subject, Model calldata model, TraceProof calldata proof) external {
        IInferenceOracle.Standing memory answer = _answer(subject);
        _boundsOf(answer.versionId, false);
        if (subject.item != 0 || answer.batchSize != 1) revert DisputeGame_NoSuchItem(subject.item, answer.batchSize);
        _post(subject, answer, model, proof);
    }

    /// @inheritdoc IDisputeGame
    function postItemTrace(
        Subject calldata subject,
        Model calldata model,
        TraceProof calldata proof,
        Item calldata item
    ) external {
        IInferenceOracle.Standing memory answer = _answer(subject);
        _boundsOf(answer.versionId, false);
        if (subject.item >= answer.batchSize) revert DisputeGame_NoSuchItem(subject.item, answer.batchSize);
        uint256 height = 0;
        while (1 << height < answer.batchSize) ++height;
        _requireSame(MerkleRange.rootOfLeaf(item.inputRoot, subject.item, height, item.inputPath), answer.inputRoot);
        _requireSame(MerkleRange.rootOfLeaf(item.outputRoot, subject.item, height, item.outputPath), answer.outputRoot);
        (answer.inputRoot, answer.outputRoot) = (item.inputRoot, item.outputRoot);
        _post(subject, answer, model, proof);
    }

    /// @inheritdoc IDisputeGame
    function postStepTrace(
        Subject calldata subject,
        Model calldata model,
        TraceProof calldata proof,
        bytes calldata prompt,
        bytes calldata output
    ) external {
        IInferenceOracle.Standing memory answer = _answer(subject);
        IModelRegistry.IOBounds memory io = _boundsOf(answer.versionId, true);
        _requireBytes(answer, prompt, output);
        (answer.inputRoot, answer.outputRoot) = TextSteps.rootsOf(
            prompt,
            output,
            subject.item,
            _mostBytes(io),
            io.context
        );
        _post(subject, answer, model, proof);
    }

    /// @param answer With the roots of the item's input and output, or of the step's.
    function _post(
        Subject calldata subject,
        IInferenceOracle.Standing memory answer,
        Model calldata model,
        TraceProof calldata proof
    ) private {
        if (msg.sender != answer.operator) revert DisputeGame_NotOperator(msg.sender, answer.operator);
        bytes32 subjectId = subjectIdOf(subject);
        if (traceHashOf[subjectId] != 0) revert DisputeGame_TraceAlreadyPosted(subjectId);
        bytes32 modelRoot = _modelRoot(model);
        bytes32 registered = REGISTRY.modelRootOf(answer.versionId);
        if (modelRoot != registered) revert DisputeGame_WrongModel(modelRoot, registered);

        uint256 height = model.nodesHeight;
        _requireSame(MerkleRange.rootOfLeaf(answer.inputRoot, 0, height, proof.inputPath), proof.root);
        _requireSame(MerkleRange.rootOfLeaf(answer.outputRoot, model.outNode, height, proof.outputPath), proof.root);
        _requireSame(MerkleRange.rootOfChildren(proof.children, MerkleRange.depthOf(height)), proof.root);
        traceHashOf[subjectId] = _traceHash(proof.root, block.timestamp, modelRoot);
        emit TracePosted(subject.requestId, subject.round, subject.item, proof.root, proof.children);
    }

    // ---------------------------------------------------------------- the answer

    /// The answer that stands, if it is the one that `subject` means.
    function _answer(Subject calldata subject) private view returns (IInferenceOracle.Standing memory) {
        _requireRound(subject);
        return ORACLE.standing(subject.requestId);
    }

    /// The lengths of a version that writes text, or of one that does not.
    function _boundsOf(uint256 versionId, bool text) private view returns (IModelRegistry.IOBounds memory io) {
        io = REGISTRY.ioBounds(versionId);
        if ((io.context != 0) != text) revert DisputeGame_WrongKind(versionId);
    }

    /// The most bytes that an answer may have, but for what the prompt leaves of the context: as the oracle has it.
    function _mostBytes(IModelRegistry.IOBounds memory io) private view returns (uint256) {
        return io.maxOutput < MAX_OUTPUT_BYTES ? io.maxOutput : MAX_OUTPUT_BYTES;
    }

    /// A text's request and answer are these bytes.
    function _requireBytes(
        IInferenceOracle.Standing memory answer,
        bytes calldata prompt,
        bytes calldata output
    ) private pure {
        _requireSame(TensorRoot.ofBytes(prompt), answer.inputRoot);
        _requireSame(TensorRoot.ofBytes(output), answer.outputRoot);
    }
}
