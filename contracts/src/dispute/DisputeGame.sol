// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {TensorRoot} from "../oracle/TensorRoot.sol";
import {TextSteps} from "../oracle/TextSteps.sol";
import {DisputeClock} from "./DisputeClock.sol";
import {MerkleRange} from "./MerkleRange.sol";
import {StepDescriptor} from "./StepDescriptor.sol";

/// @title DisputeGame
/// @notice See `IDisputeGame`.
/// @dev Invariants: the balance covers the bonds of undecided disputes, what decided ones owe, and winnings; the rest is burned.
/// `open` counts the undecided disputes of the current round. A decided dispute never changes again but for being paid.
///
/// The only calls that change anything elsewhere are `voidAssertion`, to the oracle that this game judges, and the payment at
/// the end of `withdraw`; before each, all that a caller could gain by coming back is written.
contract DisputeGame is IDisputeGame {
    using DisputeClock for Dispute;
    using SafeCast for uint256;

    uint256 private constant PROFILE_VERSION = 1;
    uint256 private constant BOND_UNIT = 1e12;
    uint256 private constant GAS_PERCENT = 20;
    uint256 private constant REWARD_PERCENT = 30;

    struct Docket {
        /// Answers of the request that were convicted.
        uint32 round;
        /// Undecided disputes against the current answer.
        uint32 open;
    }

    // ---------------------------------------------------------------- storage

    IInferenceOracle private immutable ORACLE;
    IModelRegistry private immutable REGISTRY;
    IStepVerifier private immutable VERIFIER;
    address private immutable OPERATORS;
    uint256 private immutable GAS_PRICE_FLOOR;
    uint256 private immutable MIN_BOND;
    uint256 private immutable WINNER_GAS;
    uint256 private immutable MAX_OUTPUT_BYTES;

    mapping(uint256 requestId => Docket) public docket;
    mapping(bytes32 subjectId => bytes32) public traceHashOf;
    mapping(bytes32 disputeId => Dispute) private _disputes;
    mapping(bytes32 disputeId => bytes32 root) public cursorOf;
    mapping(address operator => uint256) public winningsOf;

    /// @param oracle_ Whose answers are judged; it must know this game already.
    constructor(IInferenceOracle oracle_, IStepVerifier verifier_) {
        if (oracle_.disputeGame() != address(this)) revert DisputeGame_BadConfig("oracle");
        if (address(verifier_).code.length == 0) revert DisputeGame_BadConfig("verifier");
        IInferenceOracle.Parameters memory p = oracle_.parameters();
        (ORACLE, VERIFIER) = (oracle_, verifier_);
        REGISTRY = IModelRegistry(oracle_.registry());
        OPERATORS = oracle_.operators();
        (GAS_PRICE_FLOOR, MIN_BOND, WINNER_GAS) = (p.gasPriceFloor, p.minBond, p.winnerGas);
        MAX_OUTPUT_BYTES = p.maxOutputBytes;
    }

    /// Slashed bonds arrive here.
    receive() external payable {
        if (msg.sender != OPERATORS) revert DisputeGame_NotOperatorRegistry(msg.sender);
    }

    // ---------------------------------------------------------------- opening

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

    /// The answer that stands, if it is the one that `subject` means.
    function _answer(Subject calldata subject) private view returns (IInferenceOracle.Standing memory) {
        _requireRound(subject);
        return ORACLE.standing(subject.requestId);
    }

    function _requireRound(Subject calldata subject) private view returns (Docket memory current) {
        current = docket[subject.requestId];
        if (subject.round != current.round) {
            revert DisputeGame_WrongRound(subject.requestId, subject.round, current.round);
        }
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

    function _bondUnits(uint256 value) private view returns (uint48) {
        uint256 least = leastBond();
        if (value < least || value % BOND_UNIT != 0) revert DisputeGame_WrongBond(value, least, BOND_UNIT);
        return (value / BOND_UNIT).toUint48();
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
        _requireSame(MerkleRange.rootOfChildren(proof.children, _depth(height)), proof.root);
        traceHashOf[subjectId] = _traceHash(proof.root, block.timestamp, modelRoot);
        emit TracePosted(subject.requestId, subject.round, subject.item, proof.root, proof.children);
    }

    function _modelRoot(Model calldata model) private pure returns (bytes32) {
        return keccak256(abi.encode(PROFILE_VERSION, model));
    }

    function _traceHash(bytes32 root, uint256 postedAt, bytes32 modelRoot) private pure returns (bytes32) {
        return keccak256(abi.encode(root, postedAt, modelRoot));
    }

    function _requireTrace(bytes32 subjectId, Trace calldata trace) private view {
        if (traceHashOf[subjectId] != _traceHash(trace.root, trace.postedAt, _modelRoot(trace.model))) {
            revert DisputeGame_WrongTrace(subjectId);
        }
    }

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
        uint256 depth = _depth(d.level);
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
        _requireSame(MerkleRange.rootOfChildren(children, _depth(d.level)), cursorOf[disputeId]);
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

    // ---------------------------------------------------------------- decisions

    /// @inheritdoc IDisputeGame
    function timeout(Subject calldata subject, address challenger, Trace calldata trace) external {
        (bytes32 disputeId, Dispute memory d, Side side, uint256 deadline) = _turn(subject, challenger, trace);
        if (block.timestamp <= deadline) revert DisputeGame_TimeLeft(disputeId, side, deadline);
        if (side == Side.Operator) _convict(subject, challenger, disputeId, d);
        else _acquit(subject, disputeId, d);
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

    /// The operator has lost: its answer is void, its bond is split, and all other disputes against the answer are moot.
    function _convict(Subject calldata subject, address challenger, bytes32 disputeId, Dispute memory d) private {
        Docket memory current = _requireRound(subject);
        docket[subject.requestId] = Docket(current.round + 1, 0);
        d.phase = Phase.OperatorLost;
        _disputes[disputeId] = d;

        uint256 before = address(this).balance;
        ORACLE.voidAssertion(subject.requestId, challenger);
        uint256 bond = address(this).balance - before;
        (uint256 gasShare, uint256 reward) = _sharesDown(bond);
        d.bond = ((gasShare + reward) / BOND_UNIT + d.bond).toUint48();
        _disputes[disputeId] = d;
        emit OperatorConvicted(disputeId, subject.requestId, challenger, bond, gasShare, reward);
    }

    /// The challenger has lost. That makes nothing final: the window and the other disputes do.
    function _acquit(Subject calldata subject, bytes32 disputeId, Dispute memory d) private {
        Docket memory current = _requireRound(subject);
        docket[subject.requestId].open = current.open - 1;
        uint256 bond = d.bond * BOND_UNIT;
        (d.phase, d.bond) = (Phase.ChallengerLost, 0);
        _disputes[disputeId] = d;

        address operator = ORACLE.standing(subject.requestId).operator;
        (uint256 gasShare, uint256 reward) = _sharesDown(bond);
        winningsOf[operator] += gasShare + reward;
        emit ChallengeLost(disputeId, subject.requestId, operator, bond, gasShare, reward);
    }

    /// The winner's shares of a bond, each rounded down to units; the rest is burned.
    function _sharesDown(uint256 bond) private pure returns (uint256 gasShare, uint256 reward) {
        uint256 units = bond / BOND_UNIT;
        gasShare = ((units * GAS_PERCENT) / 100) * BOND_UNIT;
        reward = ((units * REWARD_PERCENT) / 100) * BOND_UNIT;
    }

    // ---------------------------------------------------------------- payment

    /// @inheritdoc IDisputeGame
    function withdraw(Subject[] calldata subjects, address to) external {
        uint256 amount = winningsOf[msg.sender];
        if (amount != 0) winningsOf[msg.sender] = 0;
        for (uint256 i = 0; i < subjects.length; ++i) {
            amount += _takeDue(subjects[i]);
        }
        if (amount == 0) revert DisputeGame_NothingToWithdraw(msg.sender);
        emit Withdrawn(msg.sender, to, amount);
        if (!LowLevelCall.callNoReturn(to, amount, "")) revert DisputeGame_PaymentFailed(to, amount);
    }

    /// What a dispute of the caller's owes it, if it is decided or somebody else convicted the operator first.
    function _takeDue(Subject calldata subject) private returns (uint256 due) {
        Dispute storage d = _disputes[disputeIdOf(subject, msg.sender)];
        bool moot = _isOpen(d.phase) && docket[subject.requestId].round != subject.round;
        if (!moot && d.phase != Phase.OperatorLost) return 0;
        due = d.bond * BOND_UNIT;
        (d.phase, d.bond) = (Phase.OperatorLost, 0);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IDisputeGame
    function hasOpenDispute(uint256 requestId) external view returns (bool) {
        return docket[requestId].open != 0;
    }

    /// @inheritdoc IDisputeGame
    function turn(
        Subject calldata subject,
        address challenger,
        Trace calldata trace
    ) external view returns (Side side, uint256 deadline) {
        (, , side, deadline) = _turn(subject, challenger, trace);
    }

    /// @inheritdoc IDisputeGame
    function dispute(bytes32 disputeId) external view returns (Dispute memory) {
        return _disputes[disputeId];
    }

    /// @inheritdoc IDisputeGame
    function leastBond() public view returns (uint256 bond) {
        uint256 gasPrice = block.basefee > GAS_PRICE_FLOOR ? block.basefee : GAS_PRICE_FLOOR;
        bond = 5 * WINNER_GAS * gasPrice;
        if (bond < MIN_BOND) bond = MIN_BOND;
        bond = ((bond + BOND_UNIT - 1) / BOND_UNIT) * BOND_UNIT;
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

    // ---------------------------------------------------------------- helpers

    function _disputeId(bytes32 subjectId, address challenger) private pure returns (bytes32) {
        return keccak256(abi.encode(subjectId, challenger));
    }

    function _isOpen(Phase phase) private pure returns (bool) {
        return phase >= Phase.AwaitTrace && phase <= Phase.AwaitProof;
    }

    function _requirePhase(bytes32 disputeId, Dispute memory d, Phase expected) private pure {
        if (d.phase != expected) revert DisputeGame_WrongPhase(disputeId, d.phase);
    }

    function _requireSame(bytes32 root, bytes32 expected) private pure {
        if (root != expected) revert DisputeGame_WrongRoot(root, expected);
    }

    /// Levels that a reveal goes down: at most six, and no reveal much more than the next.
    function _depth(uint256 level) private pure returns (uint256) {
        if (level <= MerkleRange.MAX_DEPTH) return level;
        uint256 reveals = (level + MerkleRange.MAX_DEPTH - 1) / MerkleRange.MAX_DEPTH;
        return (level + reveals - 1) / reveals;
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
