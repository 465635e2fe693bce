// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IStepVerifier} from "../interfaces/IStepVerifier.sol";

/// @title DisputeBase
/// @notice What the parts of the game share: its neighbours, its storage, ids, and what stands for a posted trace.
abstract contract DisputeBase is IDisputeGame {
    uint256 private constant PROFILE_VERSION = 1;

    struct Docket {
        /// Answers of the request that were convicted.
        uint32 round;
        /// Undecided disputes against the current answer.
        uint32 open;
    }

    // ---------------------------------------------------------------- storage

    IInferenceOracle internal immutable ORACLE;
    IModelRegistry internal immutable REGISTRY;
    IStepVerifier internal immutable VERIFIER;

    mapping(uint256 requestId => Docket) public docket;
    mapping(bytes32 subjectId => bytes32) public traceHashOf;
    mapping(bytes32 disputeId => Dispute) internal _disputes;
    mapping(bytes32 disputeId => bytes32 root) public cursorOf;

    constructor(IInferenceOracle oracle_, IStepVerifier verifier_) {
        if (oracle_.disputeGame() != address(this)) revert DisputeGame_BadConfig("oracle");
        if (address(verifier_).code.length == 0) revert DisputeGame_BadConfig("verifier");
        (ORACLE, VERIFIER) = (oracle_, verifier_);
        REGISTRY = IModelRegistry(oracle_.registry());
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IDisputeGame
    function hasOpenDispute(uint256 requestId) external view returns (bool) {
        return docket[requestId].open != 0;
    }

    /// @inheritdoc IDisputeGame
    function dispute(bytes32 disputeId) external view returns (Dispute memory) {
        return _disputes[disputeId];
    }

    /// @inheritdoc IDisputeGame
    function oracle() external view returns (address) {
        return address(ORACLE);
    }

    /// @inheritdoc IDisputeGame
    function verifier() external view returns (address) {
        return address(VERIFIER);
    }

    /// @inheritdoc IDisputeGame
    function subjectIdOf(Subject calldata subject) public pure returns (bytes32) {
        return keccak256(abi.encode(subject));
    }

    /// @inheritdoc IDisputeGame
    function disputeIdOf(Subject calldata subject, address challenger) public pure returns (bytes32) {
        return _disputeId(subjectIdOf(subject), challenger);
    }

    // ---------------------------------------------------------------- the posted trace

    function _modelRoot(Model calldata model) internal pure returns (bytes32) {
        return keccak256(abi.encode(PROFILE_VERSION, model));
    }

    function _traceHash(bytes32 root, uint256 postedAt, bytes32 modelRoot) internal pure returns (bytes32) {
        return keccak256(abi.encode(root, postedAt, modelRoot));
    }

    function _requireTrace(bytes32 subjectId, Trace calldata trace) internal view {
        if (traceHashOf[subjectId] != _traceHash(trace.root, trace.postedAt, _modelRoot(trace.model))) {
            revert DisputeGame_WrongTrace(subjectId);
        }
    }

    // ---------------------------------------------------------------- helpers

    function _requireRound(Subject calldata subject) internal view returns (Docket memory current) {
        current = docket[subject.requestId];
        if (subject.round != current.round) {
            revert DisputeGame_WrongRound(subject.requestId, subject.round, current.round);
        }
    }

    function _disputeId(bytes32 subjectId, address challenger) internal pure returns (bytes32) {
        return keccak256(abi.encode(subjectId, challenger));
    }

    function _isOpen(Phase phase) internal pure returns (bool) {
        return phase >= Phase.AwaitTrace && phase <= Phase.AwaitProof;
    }

    function _requireSame(bytes32 root, bytes32 expected) internal pure {
        if (root != expected) revert DisputeGame_WrongRoot(root, expected);
    }
}
