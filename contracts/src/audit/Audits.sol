// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleRange} from "../dispute/MerkleRange.sol";
import {IAudits} from "../interfaces/IAudits.sol";
import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../interfaces/IOperatorRegistry.sol";
import {IRevenueRouter} from "../interfaces/IRevenueRouter.sol";
import {TensorRoot} from "../oracle/TensorRoot.sol";
import {TextSteps} from "../oracle/TextSteps.sol";
import {AuditPots} from "./AuditPots.sol";

/// @title Audits
/// @notice See `IAudits`.
/// @dev An audit is its facts, fixed by a hash when it is selected; storage holds what the auditors did. Whatever becomes of the
/// request meanwhile, an open audit can be settled, once: answers end final or convicted.
contract Audits is AuditPots {
    uint256 public constant MAX_DRAWS = 32;

    uint256 private constant PROFILE_VERSION = 1;
    /// What the seed is hashed with for the item; draws use 1 to `MAX_DRAWS`.
    uint256 private constant ITEM = 0;

    IInferenceOracle private immutable ORACLE;
    IModelRegistry private immutable REGISTRY;
    IOperatorRegistry private immutable OPERATORS;
    IDisputeGame private immutable GAME;
    uint256 private immutable RATE;
    uint256 private immutable MAX_OUTPUT_BYTES;

    mapping(uint256 requestId => mapping(uint256 round => bytes32 auditId)) public auditOf;
    mapping(bytes32 auditId => State) private _states;
    mapping(bytes32 auditId => mapping(address auditor => bytes32)) public wordOf;

    /// @param oracle_ Whose answers are audited; it must know its dispute game, and its operators these audits.
    constructor(
        Parameters memory parameters_,
        IInferenceOracle oracle_,
        address treasury_
    ) AuditPots(IRevenueRouter(oracle_.router()), parameters_.auditBps, treasury_) {
        uint256 most = uint256(parameters_.rate) * parameters_.auditBps;
        if (most == 0 || most > BPS) revert Audits_BadConfig("rate");
        if (oracle_.disputeGame() == address(0)) revert Audits_BadConfig("disputeGame");
        (ORACLE, RATE) = (oracle_, parameters_.rate);
        REGISTRY = IModelRegistry(oracle_.registry());
        OPERATORS = IOperatorRegistry(oracle_.operators());
        GAME = IDisputeGame(oracle_.disputeGame());
        MAX_OUTPUT_BYTES = oracle_.parameters().maxOutputBytes;
        if (OPERATORS.audits() != address(this)) revert Audits_BadConfig("operators");
    }

    /// The protocol's share, and what auditors forfeit.
    receive() external payable {
        if (msg.sender != address(ROUTER) && msg.sender != address(OPERATORS)) {
            revert Audits_UnexpectedPayer(msg.sender);
        }
    }

    // ---------------------------------------------------------------- selection

    /// @inheritdoc IAudits
    function select(uint256 requestId) external nonReentrant returns (bytes32 auditId) {
        Audit memory audit = selection(requestId);
        if (auditOf[requestId][audit.round] != 0) revert Audits_AlreadySelected(requestId, audit.round);
        auditId = keccak256(abi.encode(audit));
        auditOf[requestId][audit.round] = auditId;
        _states[auditId].open = true;
        _reserve(audit.asset, audit.share * (audit.auditors[1] == address(0) ? 1 : 2));
        emit AuditSelected(auditId, requestId, audit);
    }

    /// @inheritdoc IAudits
    function selection(uint256 requestId) public view returns (Audit memory audit) {
        IInferenceOracle.Standing memory answer = ORACLE.standing(requestId);
        (audit.round, ) = GAME.docket(requestId);
        audit.requestId = requestId;
        audit.assertedAt = answer.assertedAt;
        // A window has 32 bits.
        audit.quarter = uint32((answer.finalAt - answer.assertedAt) / 4);
        (audit.versionId, audit.batchSize) = (answer.versionId, answer.batchSize);
        (audit.inputRoot, audit.outputRoot) = (answer.inputRoot, answer.outputRoot);
        audit.seed = _seed(requestId, audit.round, uint256(answer.assertedBlock) + 1);
        _requireBefore(0, _quarters(audit, 1));
        _requireAuditable(audit.versionId);

        uint256 count = _draw(audit, answer.operator);
        if (count == 0) revert Audits_NobodyToAudit(requestId);
        IInferenceOracle.Request memory request = ORACLE.request(requestId);
        audit.asset = request.asset;
        audit.share = _shareDown(request.asset, request.fee, RATE, count);
    }

    /// What the hash of block `decides` makes of an answer, if it selects it.
    function _seed(uint256 requestId, uint32 round, uint256 decides) private view returns (bytes32 seed) {
        if (block.number <= decides) revert Audits_BlockToCome(requestId, decides);
        bytes32 hash = Blockhash.blockHash(decides);
        if (hash == 0) revert Audits_BlockForgotten(requestId, decides);
        seed = keccak256(abi.encode(hash, requestId, round));
        if (uint256(seed) % RATE != 0) revert Audits_NotSelected(requestId, round);
    }

    /// A trace starts from exactly the bytes of the request and ends in exactly those of the answer.
    function _requireAuditable(uint256 versionId) private view {
        IModelRegistry.IOBounds memory io = REGISTRY.ioBounds(versionId);
        bool fixedLength = io.minInput == io.maxInput && io.minOutput == io.maxOutput;
        if ((io.context == 0 && !fixedLength) || REGISTRY.modelRootOf(versionId) == 0) {
            revert Audits_NotAuditable(versionId);
        }
    }

    /// Fills in the auditors, and says how many there are.
    function _draw(Audit memory audit, address operator) private view returns (uint256 count) {
        for (uint256 i = 1; i <= MAX_DRAWS && count < 2; ++i) {
            address drawn = OPERATORS.draw(audit.versionId, audit.assertedAt, _derived(audit.seed, i));
            if (drawn == address(0) || drawn == operator || drawn == audit.auditors[0]) continue;
            audit.auditors[count] = drawn;
            ++count;
        }
    }

    function _derived(bytes32 seed, uint256 purpose) private pure returns (bytes32) {
        return Hashes.efficientKeccak256(seed, bytes32(purpose));
    }

    // ---------------------------------------------------------------- the auditors' part

    /// @inheritdoc IAudits
    function commit(Audit calldata audit, bytes32 commitment) external {
        (bytes32 auditId, State memory state) = _open(audit);
        uint256 place = _placeOf(auditId, audit, msg.sender);
        _requireStance(auditId, state, place, Stance.None);
        _requireBefore(auditId, _quarters(audit, 2));
        if (commitment == 0) revert Audits_NoCommitment();
        wordOf[auditId][msg.sender] = commitment;
        _keep(auditId, state, place, Stance.Committed);
        emit Committed(auditId, msg.sender, commitment);
    }

    /// @inheritdoc IAudits
    function reveal(Audit calldata audit, Run calldata run, IDisputeGame.Item calldata item) external {
        if (_boundsOf(audit.versionId).context != 0) revert Audits_WrongKind(audit.versionId);
        uint256 index = itemOf(audit);
        uint256 height = 0;
        while (1 << height < audit.batchSize) ++height;
        _requireSame(MerkleRange.rootOfLeaf(item.inputRoot, index, height, item.inputPath), audit.inputRoot);
        _requireSame(MerkleRange.rootOfLeaf(item.outputRoot, index, height, item.outputPath), audit.outputRoot);
        _reveal(audit, run, index, item.inputRoot, item.outputRoot);
    }

    /// @inheritdoc IAudits
    function revealStep(Audit calldata audit, Run calldata run, bytes calldata prompt, bytes calldata output) external {
        _requireSame(TensorRoot.ofBytes(prompt), audit.inputRoot);
        _requireSame(TensorRoot.ofBytes(output), audit.outputRoot);
        uint256 step = stepOf(audit, prompt.length, output.length);
        IModelRegistry.IOBounds memory io = _boundsOf(audit.versionId);
        (bytes32 inputRoot, bytes32 outputRoot) = TextSteps.rootsOf(prompt, output, step, _mostBytes(io), io.context);
        _reveal(audit, run, step, inputRoot, outputRoot);
    }

    /// @param index The item or step, whose input has the root `inputRoot` and whose output, as the answer has it, `outputRoot`.
    function _reveal(
        Audit calldata audit,
        Run calldata run,
        uint256 index,
        bytes32 inputRoot,
        bytes32 outputRoot
    ) private {
        (bytes32 auditId, State memory state) = _open(audit);
        uint256 place = _placeOf(auditId, audit, msg.sender);
        _requireStance(auditId, state, place, Stance.Committed);
        _requireTimeToReveal(auditId, audit, state);
        bytes32 commitment = keccak256(abi.encode(run.traceRoot, msg.sender));
        if (commitment != wordOf[auditId][msg.sender]) {
            revert Audits_OtherCommitment(commitment, wordOf[auditId][msg.sender]);
        }
        _requireTrace(audit.versionId, run, inputRoot);

        bool confirmed = run.outputRoot == outputRoot;
        wordOf[auditId][msg.sender] = run.traceRoot;
        // An index of a batch or of a text.
        state.item = uint32(index);
        _keep(auditId, state, place, confirmed ? Stance.Confirmed : Stance.Denied);
        emit Revealed(auditId, msg.sender, run.traceRoot, run.outputRoot, state.item, confirmed);
    }

    /// A root that is revealed while the other auditor could still commit would be there to copy.
    function _requireTimeToReveal(bytes32 auditId, Audit calldata audit, State memory state) private view {
        uint256 from = _quarters(audit, 2);
        bool others = state.first != Stance.None && (state.second != Stance.None || audit.auditors[1] == address(0));
        if (!others && block.timestamp < from) revert Audits_TooEarly(auditId, from);
        _requireBefore(auditId, _quarters(audit, 3));
    }

    /// The trace is of the registered model, begins with the input and ends in `run.outputRoot`.
    function _requireTrace(uint256 versionId, Run calldata run, bytes32 inputRoot) private view {
        bytes32 modelRoot = keccak256(abi.encode(PROFILE_VERSION, run.model));
        bytes32 registered = REGISTRY.modelRootOf(versionId);
        if (modelRoot != registered) revert Audits_WrongModel(modelRoot, registered);
        (uint256 height, uint256 outNode) = (run.model.nodesHeight, run.model.outNode);
        _requireSame(MerkleRange.rootOfLeaf(inputRoot, 0, height, run.inputPath), run.traceRoot);
        _requireSame(MerkleRange.rootOfLeaf(run.outputRoot, outNode, height, run.outputPath), run.traceRoot);
    }

    // ---------------------------------------------------------------- the end

    /// @inheritdoc IAudits
    function settle(Audit calldata audit) external nonReentrant {
        (bytes32 auditId, State memory state) = _open(audit);
        (uint32 round, ) = GAME.docket(audit.requestId);
        bool convicted = round != audit.round;
        if (!convicted && !ORACLE.isFinalized(audit.requestId)) revert Audits_NotDecided(audit.requestId);
        // A conviction can come while there is time to reveal.
        uint256 from = _quarters(audit, 3);
        if (block.timestamp < from) revert Audits_TooEarly(auditId, from);

        _states[auditId].open = false;
        _settle(auditId, audit, state, 0, convicted);
        if (audit.auditors[1] != address(0)) _settle(auditId, audit, state, 1, convicted);
        emit AuditSettled(auditId, audit.requestId, convicted);
    }

    function _settle(bytes32 auditId, Audit calldata audit, State memory state, uint256 place, bool convicted) private {
        address auditor = audit.auditors[place];
        bool due =
            convicted
                ? _denied(audit, state, place)
                : _stanceOf(state, place) == Stance.Confirmed && !_differ(auditId, audit, state);
        if (due) {
            _credit(auditor, audit.asset, audit.share);
            emit AuditorPaid(auditId, auditor, audit.asset, audit.share);
            return;
        }
        _release(audit.asset, audit.share);
        if (convicted || _stanceOf(state, place) > Stance.Committed) return;
        uint256 forfeited = 0;
        if (audit.asset == ETH && audit.share != 0) {
            forfeited = OPERATORS.forfeit(auditor, audit.share);
            _addToPot(forfeited);
        }
        emit AuditorMissed(auditId, auditor, forfeited);
    }

    /// Denied an answer that was convicted, and said so to the judge.
    function _denied(Audit calldata audit, State memory state, uint256 place) private view returns (bool) {
        if (_stanceOf(state, place) != Stance.Denied) return false;
        IDisputeGame.Subject memory subject = IDisputeGame.Subject(audit.requestId, audit.round, state.item);
        IDisputeGame.Phase phase = GAME.dispute(GAME.disputeIdOf(subject, audit.auditors[place])).phase;
        return phase != IDisputeGame.Phase.None && phase != IDisputeGame.Phase.ChallengerLost;
    }

    /// Two found the same output by different traces.
    function _differ(bytes32 auditId, Audit calldata audit, State memory state) private view returns (bool) {
        if (state.first != Stance.Confirmed || state.second != Stance.Confirmed) return false;
        return wordOf[auditId][audit.auditors[0]] != wordOf[auditId][audit.auditors[1]];
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IAudits
    function itemOf(Audit calldata audit) public pure returns (uint32) {
        // Batches have 16 bits.
        return uint32(uint256(_derived(audit.seed, ITEM)) % audit.batchSize);
    }

    /// @inheritdoc IAudits
    function stepOf(Audit calldata audit, uint256 promptBytes, uint256 outputBytes) public view returns (uint32) {
        IModelRegistry.IOBounds memory io = _boundsOf(audit.versionId);
        if (io.context == 0) revert Audits_WrongKind(audit.versionId);
        uint256 steps = TextSteps.count(promptBytes, outputBytes, _mostBytes(io), io.context);
        // At most the bytes of an output and its end.
        return uint32(uint256(_derived(audit.seed, ITEM)) % steps);
    }

    /// @inheritdoc IAudits
    function idOf(Audit calldata audit) public pure returns (bytes32) {
        return keccak256(abi.encode(audit));
    }

    /// @inheritdoc IAudits
    function stateOf(bytes32 auditId) external view returns (State memory) {
        return _states[auditId];
    }

    /// @inheritdoc IAudits
    function parameters() external view returns (Parameters memory) {
        // Each was given as the type it is returned as.
        return Parameters({rate: uint16(RATE), auditBps: uint16(AUDIT_BPS)});
    }

    /// @inheritdoc IAudits
    function oracle() external view returns (address) {
        return address(ORACLE);
    }

    /// @inheritdoc IAudits
    function router() external view returns (address) {
        return address(ROUTER);
    }

    // ---------------------------------------------------------------- helpers

    function _open(Audit calldata audit) private view returns (bytes32 auditId, State memory state) {
        auditId = idOf(audit);
        state = _states[auditId];
        if (!state.open) revert Audits_UnknownAudit(auditId);
    }

    function _keep(bytes32 auditId, State memory state, uint256 place, Stance stance) private {
        if (place == 0) state.first = stance;
        else state.second = stance;
        _states[auditId] = state;
    }

    function _stanceOf(State memory state, uint256 place) private pure returns (Stance) {
        return place == 0 ? state.first : state.second;
    }

    function _placeOf(bytes32 auditId, Audit calldata audit, address who) private pure returns (uint256) {
        if (who == audit.auditors[0]) return 0;
        if (who != audit.auditors[1]) revert Audits_NotAuditor(auditId, who);
        return 1;
    }

    function _requireStance(bytes32 auditId, State memory state, uint256 place, Stance expected) private view {
        Stance actual = _stanceOf(state, place);
        if (actual != expected) revert Audits_WrongStance(auditId, msg.sender, actual);
    }

    /// So many quarters of the window after the answer.
    function _quarters(Audit memory audit, uint256 count) private pure returns (uint256) {
        return uint256(audit.assertedAt) + count * audit.quarter;
    }

    function _requireBefore(bytes32 auditId, uint256 until) private view {
        if (block.timestamp >= until) revert Audits_TooLate(auditId, until);
    }

    function _requireSame(bytes32 root, bytes32 expected) private pure {
        if (root != expected) revert Audits_WrongRoot(root, expected);
    }

    function _boundsOf(uint256 versionId) private view returns (IModelRegistry.IOBounds memory) {
        return REGISTRY.ioBounds(versionId);
    }

    /// The most bytes that a text may have, but for what the prompt leaves of the context: as the oracle has it.
    function _mostBytes(IModelRegistry.IOBounds memory io) private view returns (uint256) {
        return io.maxOutput < MAX_OUTPUT_BYTES ? io.maxOutput : MAX_OUTPUT_BYTES;
    }
}
