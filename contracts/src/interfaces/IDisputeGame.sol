// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "./IStepVerifier.sol";

/// @title DisputeGame
/// @notice The judge of the oracle's answers: an operator and a challenger narrow a disagreement down to one element, and the
/// chain recomputes it (libs/donnx/SPEC.md, section 6). Nobody owns it.
/// @dev A dispute is one challenger against one item of one answer: of a batch one of its items, of a text one of its steps, each
/// of which is one run of the model's graph (SPEC.md, section 7). Any number run side by side, all against the trace that
/// the operator posts once. The first that convicts voids the answer; the others then get their bonds back.
///
/// Clocks: each side has as much time for the whole dispute as the request's dispute window is long. A side whose time is up
/// can no longer move, and anyone may end the dispute. An answer cannot become final before all disputes are decided, and
/// none can begin after its window: so disputes delay it by two clocks at most, however many there are.
///
/// Money, in wei. A challenge takes a bond of at least `leastBond()`, a multiple of 10^12. Of the loser's bond 20% are for the
/// winner's gas and 30% for the winner; the rest is burned: it stays in this contract, which pays out nothing but bonds and these
/// shares, each once, to whoever withdraws them.
///
/// What a move says need not be in storage as long as its hash is: moves repeat `Subject` and `Trace`, and a wrong one is
/// the name of a dispute that does not exist. Children and chunks are in events, as no player could go on without them.
interface IDisputeGame {
    enum Phase {
        None,
        /// The operator is to post its trace, if it has not. Where it has, the challenger is to pick below the trace's root.
        AwaitTrace,
        /// The challenger is to pick among the revealed children.
        AwaitPick,
        /// The operator is to reveal the children of what was picked.
        AwaitReveal,
        /// The operator is to reveal the chunk that was picked.
        AwaitChunk,
        /// The challenger is to prove an element of the chunk wrong.
        AwaitProof,
        OperatorLost,
        ChallengerLost
    }

    enum Side {
        Operator,
        Challenger
    }

    /// @notice What is disputed: an item of an answer.
    /// @param round Convictions of the request's answers so far: which of its answers this is, from 0.
    /// @param item Of the batch, from 0; of a text, the step: the place of its byte in the output, or the output's length for its end.
    struct Subject {
        uint256 requestId;
        uint32 round;
        uint32 item;
    }

    /// @notice What a model root is the hash of (SPEC.md, section 4), but for the profile's version.
    struct Model {
        bytes32 graphRoot;
        bytes32 constRoot;
        uint256 nodesHeight;
        uint256 constantsHeight;
        uint256 nodeCount;
        uint256 outNode;
        uint256 inputBytes;
        uint256 outputBytes;
        bytes32 fileHash;
    }

    /// @notice A posted trace.
    /// @param postedAt Time of the block that it was posted in.
    struct Trace {
        bytes32 root;
        uint256 postedAt;
        Model model;
    }

    /// @notice The parts of a batch that an item is.
    /// @param inputPath From the item's input to the request's, in the tree over the items; `outputPath` likewise.
    struct Item {
        bytes32 inputRoot;
        bytes32 outputRoot;
        bytes32[] inputPath;
        bytes32[] outputPath;
    }

    /// @notice That a trace is of this input and output, and what lies below its root.
    /// @param inputPath From the input's root, leaf 0, to `root`; `outputPath` from the output's, leaf `outNode`.
    /// @param children The nodes as many levels below `root` as a reveal goes down (SPEC.md, section 6).
    struct TraceProof {
        bytes32 root;
        bytes32[] inputPath;
        bytes32[] outputPath;
        bytes32[] children;
    }

    /// @notice One of the revealed children.
    /// @param path From it to the node whose children were revealed.
    struct Pick {
        bytes32 child;
        uint256 index;
        bytes32[] path;
    }

    /// @notice A step as the model has it.
    /// @param path From the descriptor's leaf to the graph root.
    struct StepProof {
        bytes descriptor;
        bytes32[] path;
    }

    /// @notice A dispute as stored.
    /// @param level Height of the subtree in question; `position` its place among those of its height.
    /// @param node The step in question, once known; then the subtree is of its tensor, of `tensorBytes` bytes.
    /// @param operatorLeft Seconds, counted down by moves; `challengerLeft` likewise.
    /// @param since When the clock of the side to move started.
    /// @param bond The challenger's; what the challenger can withdraw, once decided. In units of 10^12 wei.
    struct Dispute {
        Phase phase;
        uint8 level;
        uint32 position;
        uint32 node;
        uint32 tensorBytes;
        uint32 operatorLeft;
        uint32 challengerLeft;
        uint32 since;
        uint48 bond;
    }

    event Challenged(
        bytes32 indexed disputeId,
        uint256 indexed requestId,
        address indexed challenger,
        uint32 round,
        uint32 item,
        uint256 bond,
        uint256 clock
    );
    event TracePosted(
        uint256 indexed requestId,
        uint32 indexed round,
        uint32 indexed item,
        bytes32 root,
        bytes32[] children
    );
    /// @param node Zero while it is not known.
    event Picked(bytes32 indexed disputeId, bytes32 child, uint256 index, uint256 node);
    event Revealed(bytes32 indexed disputeId, bytes32[] children);
    event ChunkRevealed(bytes32 indexed disputeId, bytes chunk);
    /// @param bond The operator's. Of it `gasShare` and `reward` are the challenger's, beside its own bond.
    event OperatorConvicted(
        bytes32 indexed disputeId,
        uint256 indexed requestId,
        address indexed challenger,
        uint256 bond,
        uint256 gasShare,
        uint256 reward
    );
    /// @param bond The challenger's. Of it `gasShare` and `reward` are the operator's.
    event ChallengeLost(
        bytes32 indexed disputeId,
        uint256 indexed requestId,
        address indexed operator,
        uint256 bond,
        uint256 gasShare,
        uint256 reward
    );
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    error DisputeGame_WindowOver(uint256 requestId, uint256 finalAt);
    /// The answer is another than the one meant.
    error DisputeGame_OtherAnswer(bytes32 outputRoot, bytes32 expected);
    error DisputeGame_WrongRound(uint256 requestId, uint32 round, uint32 current);
    error DisputeGame_NoSuchItem(uint256 item, uint256 batchSize);
    /// Nothing says what a right answer of this version is: it was not lowered, or its inputs or outputs have no fixed length.
    error DisputeGame_NotDisputable(uint256 versionId);
    /// Texts are disputed step by step, tensors item by item, and this version's answers are of the other kind.
    error DisputeGame_WrongKind(uint256 versionId);
    error DisputeGame_AlreadyChallenged(bytes32 disputeId);
    error DisputeGame_WrongBond(uint256 sent, uint256 least, uint256 unit);
    error DisputeGame_WrongPhase(bytes32 disputeId, Phase actual);
    error DisputeGame_NotOperator(address caller, address operator);
    error DisputeGame_TraceAlreadyPosted(bytes32 subjectId);
    /// No trace, or another, was posted for this subject.
    error DisputeGame_WrongTrace(bytes32 subjectId);
    error DisputeGame_WrongModel(bytes32 modelRoot, bytes32 registered);
    error DisputeGame_WrongRoot(bytes32 root, bytes32 expected);
    /// Leads below the root of a trace, but a step is in question already, or the other way round.
    error DisputeGame_WrongTree(bytes32 disputeId, uint256 node);
    /// The input was checked when the trace was posted; beyond the last leaf there are zeros only.
    error DisputeGame_NothingToDispute(uint256 position);
    error DisputeGame_NoSuchStep(uint256 node, uint256 nodeCount);
    error DisputeGame_NoSuchChunk(uint256 chunk, uint256 chunks);
    error DisputeGame_OperatorWasRight();
    error DisputeGame_OutOfTime(bytes32 disputeId, Side side, uint256 deadline);
    error DisputeGame_TimeLeft(bytes32 disputeId, Side side, uint256 deadline);
    error DisputeGame_NothingToWithdraw(address account);
    error DisputeGame_PaymentFailed(address to, uint256 amount);
    error DisputeGame_NotOperatorRegistry(address caller);
    error DisputeGame_BadConfig(bytes32 reason);

    /// @notice Disputes an item of an answer while its window is open, with the value as bond. One dispute per account and item.
    /// @param outputRoot Of the whole answer: so that a challenge never meets another answer than the one it was meant for.
    function challenge(Subject calldata subject, bytes32 outputRoot) external payable returns (bytes32 disputeId);

    /// @notice As `challenge`, for a step of a text that the answer claims.
    /// @param prompt The request's input; `output` the answer.
    function challengeStep(
        Subject calldata subject,
        bytes32 outputRoot,
        bytes calldata prompt,
        bytes calldata output
    ) external payable returns (bytes32 disputeId);

    /// @notice Operator only, once per subject: commits to all intermediate tensors, for all disputes of the subject, and
    /// reveals the first children. For requests of one item.
    function postTrace(Subject calldata subject, Model calldata model, TraceProof calldata proof) external;

    /// @notice As `postTrace`, for an item of a batch.
    function postItemTrace(
        Subject calldata subject,
        Model calldata model,
        TraceProof calldata proof,
        Item calldata item
    ) external;

    /// @notice As `postTrace`, for a step of a text.
    /// @param prompt The request's input; `output` the answer.
    function postStepTrace(
        Subject calldata subject,
        Model calldata model,
        TraceProof calldata proof,
        bytes calldata prompt,
        bytes calldata output
    ) external;

    /// @notice Challenger: picks a child below the root of the trace. One that is a step's tensor needs `step`, what the model
    /// says of it. One beyond the last step that is not zero convicts at once.
    /// @param step Empty where no step is reached.
    function pickStep(
        Subject calldata subject,
        Trace calldata trace,
        Pick calldata choice,
        StepProof calldata step
    ) external;

    /// @notice Challenger: picks a child below the root of the step's tensor. One beyond its last chunk that is not zero
    /// convicts at once.
    function pickChunk(Subject calldata subject, Pick calldata choice) external;

    /// @notice The children of what was picked. Anyone: no others lead to it.
    function reveal(bytes32 disputeId, bytes32[] calldata children) external;

    /// @notice The chunk that was picked. Anyone: no other has its hash. One of a wrong length convicts at once.
    function revealChunk(Subject calldata subject, address challenger, bytes calldata chunk) external;

    /// @notice Challenger: proves an element of the revealed chunk wrong.
    function prove(
        Subject calldata subject,
        Trace calldata trace,
        StepProof calldata step,
        IStepVerifier.ElementProof calldata proof
    ) external;

    /// @notice Challenger, at any time after the trace was posted: the whole case at once, by who knows the operator's trace.
    /// A chunk of a wrong length convicts as well. Not bound to a clock.
    /// @param path From the chunk to its tensor's root, and from there to the trace's.
    function proveDirect(
        Subject calldata subject,
        Trace calldata trace,
        uint256 node,
        uint256 chunkIndex,
        bytes32[] calldata path,
        StepProof calldata step,
        IStepVerifier.ElementProof calldata proof
    ) external;

    /// @notice Ends a dispute in which a side's time is up; it has lost. Anyone.
    /// @param trace What was posted, where the challenger has not picked yet; otherwise not looked at.
    function timeout(Subject calldata subject, address challenger, Trace calldata trace) external;

    /// @notice Pays the caller what it won as an operator and, of the disputes of these subjects in which it is the challenger,
    /// what is due: winnings, or the bond where somebody else convicted the operator first.
    function withdraw(Subject[] calldata subjects, address to) external;

    /// @notice True while a dispute against the current assertion of `requestId` is undecided.
    function hasOpenDispute(uint256 requestId) external view returns (bool);

    /// @notice Undecided disputes against the current answer, and how many answers were convicted before it.
    function docket(uint256 requestId) external view returns (uint32 round, uint32 open);

    /// @notice Whose turn it is, and until when. Reverts once the dispute is decided.
    function turn(
        Subject calldata subject,
        address challenger,
        Trace calldata trace
    ) external view returns (Side side, uint256 deadline);

    function dispute(bytes32 disputeId) external view returns (Dispute memory);

    /// @notice The root of the subtree in question, once one was picked.
    function cursorOf(bytes32 disputeId) external view returns (bytes32);

    /// @notice keccak256(abi.encode(root, postedAt, model root)) of the trace posted for a subject; zero while there is none, and
    /// again once the subject convicted its operator.
    function traceHashOf(bytes32 subjectId) external view returns (bytes32);

    function subjectIdOf(Subject calldata subject) external pure returns (bytes32);

    function disputeIdOf(Subject calldata subject, address challenger) external pure returns (bytes32);

    /// @notice What operators won and have not withdrawn.
    function winningsOf(address operator) external view returns (uint256);

    /// @notice What a challenge needs now: a bond a fifth of which covers the winner's gas, and at least the least of an answer.
    function leastBond() external view returns (uint256);

    function oracle() external view returns (address);

    function verifier() external view returns (address);
}
