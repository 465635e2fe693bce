// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IDisputeGame} from "./IDisputeGame.sol";

/// @title Audits
/// @notice Answers drawn at random are run again by two other operators, who are paid for it: so that watching pays where nobody
/// cheats. Nobody owns it.
/// @dev The hash of the block after an answer's selects one answer in `rate`, and by their stake two operators that are enrolled
/// for the version and did not give the answer. Each runs the model once more, on one item of the batch or one step of the text,
/// and commits to the root of its trace; when both have, or the time is up, they reveal it. The answer holds that root no more
/// than the chain does, so it is to be had by running the model, or by being told by who did.
///
/// An audit takes three quarters of the answer's dispute window and leaves the last one for disputes:
///
///     [assertedAt, + quarter)                 `select`
///     up to assertedAt + 2 * quarter          `commit`
///     up to assertedAt + 3 * quarter          `reveal`, once both have committed or `commit` is over
///     when the answer is final or convicted   `settle`
///
/// Who is paid, once the fate of the answer is known:
///
/// - The answer is final: who revealed a trace that ends in the answer. Where two did, with different roots, nobody: one of them at
///   least made its root up, and the chain cannot tell which.
/// - The answer was convicted: who revealed a trace that ends in something else, and disputed that very item or step. A denial
///   that is not brought before the judge is worth nothing.
/// - Who was drawn and revealed nothing, while the answer became final, forfeits as much stake as it would have been paid, where that
///   is ETH.
///
/// Money. The contract is what the router's waterfall pays the protocol's share to: of it `auditBps` of each fee go into the
/// asset's pot, the rest is the treasury's. An audit pays `fee * auditBps * rate / 10,000`, half to each auditor, rounded down,
/// which is what all answers between two audits bring in; never more than the pot holds when it is selected, and never more than
/// the fee. What is not paid and what is forfeited goes back into the pots.
interface IAudits {
    /// @notice Immutable.
    struct Parameters {
        /// One answer in so many is audited.
        uint16 rate;
        /// Basis points of every fee that pay for audits: a part of the router's `protocolBps`.
        uint16 auditBps;
    }

    /// @notice What an auditor found.
    enum Stance {
        None,
        Committed,
        /// Its trace ends in the answer.
        Confirmed,
        /// Its trace ends in something else.
        Denied
    }

    /// @notice An audit as it was selected. Not in storage: its hash is its id, and every move repeats it.
    /// @param round As `IDisputeGame.Subject`.
    /// @param quarter Of the dispute window, in seconds.
    /// @param seed What decides the item or step.
    /// @param auditors The second is zero where only one was found.
    /// @param share Of each auditor, in units of `asset`.
    struct Audit {
        uint256 requestId;
        uint32 round;
        uint40 assertedAt;
        uint32 quarter;
        uint256 versionId;
        uint256 batchSize;
        bytes32 inputRoot;
        bytes32 outputRoot;
        bytes32 seed;
        address[2] auditors;
        address asset;
        uint256 share;
    }

    /// @notice A run of the model as an auditor reveals it.
    /// @param outputRoot Of what the trace ends in.
    /// @param inputPath From the input's root, leaf 0, to `traceRoot`; `outputPath` from the output's, leaf `outNode`.
    struct Run {
        bytes32 traceRoot;
        bytes32 outputRoot;
        IDisputeGame.Model model;
        bytes32[] inputPath;
        bytes32[] outputPath;
    }

    /// @param item The item or step that was audited, once one auditor revealed it.
    struct State {
        bool open;
        uint32 item;
        Stance first;
        Stance second;
    }

    event AuditSelected(bytes32 indexed auditId, uint256 indexed requestId, Audit audit);
    event Committed(bytes32 indexed auditId, address indexed auditor, bytes32 commitment);
    event Revealed(
        bytes32 indexed auditId,
        address indexed auditor,
        bytes32 traceRoot,
        bytes32 outputRoot,
        uint32 item,
        bool confirmed
    );
    event AuditorPaid(bytes32 indexed auditId, address indexed auditor, address asset, uint256 amount);
    /// @notice An auditor revealed nothing; `amount` is what its stake gave.
    event AuditorMissed(bytes32 indexed auditId, address indexed auditor, uint256 amount);
    event AuditSettled(bytes32 indexed auditId, uint256 indexed requestId, bool convicted);
    event Collected(address indexed asset, uint256 amount, uint256 toPot);
    event Withdrawn(address indexed account, address indexed asset, address indexed to, uint256 amount);

    error Audits_NotSelected(uint256 requestId, uint32 round);
    error Audits_AlreadySelected(uint256 requestId, uint32 round);
    /// The block that decides, `decides`, has no hash yet.
    error Audits_BlockToCome(uint256 requestId, uint256 decides);
    error Audits_BlockForgotten(uint256 requestId, uint256 decides);
    /// Nothing says what a right answer of this version is.
    error Audits_NotAuditable(uint256 versionId);
    error Audits_NobodyToAudit(uint256 requestId);
    /// No audit that is not settled has this id.
    error Audits_UnknownAudit(bytes32 auditId);
    error Audits_NotAuditor(bytes32 auditId, address caller);
    /// `auditId` is zero where none was selected.
    error Audits_TooLate(bytes32 auditId, uint256 until);
    error Audits_TooEarly(bytes32 auditId, uint256 from);
    error Audits_NoCommitment();
    error Audits_WrongStance(bytes32 auditId, address auditor, Stance actual);
    error Audits_OtherCommitment(bytes32 commitment, bytes32 expected);
    error Audits_WrongModel(bytes32 modelRoot, bytes32 registered);
    error Audits_WrongRoot(bytes32 root, bytes32 expected);
    /// Texts are audited step by step, tensors item by item, and this version's answers are of the other kind.
    error Audits_WrongKind(uint256 versionId);
    error Audits_NotDecided(uint256 requestId);
    error Audits_NothingToCollect(address asset);
    error Audits_NothingToWithdraw(address account, address asset);
    error Audits_PaymentFailed(address to, uint256 amount);
    error Audits_UnexpectedPayer(address payer);
    error Audits_BadConfig(bytes32 reason);
    error Audits_ZeroAddress();

    /// @notice Begins the audit of an answer that the hash of the block after its own selects. Anyone, once per answer, in the
    /// first quarter of its window and while that hash is known.
    /// @dev The draws are from the stakes as they stood in the epoch before the answer's. They skip who gave the answer and who is
    /// drawn already, up to `MAX_DRAWS` draws: who holds most of a version's stake can leave an audit with one auditor or none.
    function select(uint256 requestId) external returns (bytes32 auditId);

    /// @notice Auditors only: `commitment` is keccak256(abi.encode(traceRoot, auditor)). It is worth nothing to anybody else.
    function commit(Audit calldata audit, bytes32 commitment) external;

    /// @notice Auditors only: opens the commitment with what shows where the trace begins and ends, for an item of a batch, or the
    /// only item of a request.
    /// @param item With empty paths where the request has one item.
    function reveal(Audit calldata audit, Run calldata run, IDisputeGame.Item calldata item) external;

    /// @notice As `reveal`, for a step of a text.
    /// @param prompt The request's input; `output` the answer.
    function revealStep(Audit calldata audit, Run calldata run, bytes calldata prompt, bytes calldata output) external;

    /// @notice Credits what is due, once the answer is final or convicted and the time to reveal is over. Anyone.
    function settle(Audit calldata audit) external;

    /// @notice Takes what the router holds for the protocol, and whatever else arrived, into the pot and the treasury's credit.
    /// Anyone.
    function collect(address asset) external;

    /// @notice Pays the caller's credit to `to`.
    function withdraw(address asset, address to) external;

    /// @notice Pays `account` its own credit. Anyone.
    function withdrawFor(address account, address asset) external;

    /// @notice The audit that `select` would begin; reverts for the reason that it would.
    function selection(uint256 requestId) external view returns (Audit memory);

    /// @notice The item of the batch that an audit is about.
    function itemOf(Audit calldata audit) external pure returns (uint32);

    /// @notice The step that the audit of a text is about, of a prompt and an answer of these lengths.
    function stepOf(Audit calldata audit, uint256 promptBytes, uint256 outputBytes) external view returns (uint32);

    function idOf(Audit calldata audit) external pure returns (bytes32);

    /// @notice The id of the audit of an answer; zero if there is none.
    function auditOf(uint256 requestId, uint256 round) external view returns (bytes32);

    function stateOf(bytes32 auditId) external view returns (State memory);

    /// @notice What an auditor committed to; once revealed, its trace root.
    function wordOf(bytes32 auditId, address auditor) external view returns (bytes32);

    /// @notice What is there for audits that are yet to be selected.
    function potOf(address asset) external view returns (uint256);

    function creditOf(address account, address asset) external view returns (uint256);

    /// @notice All that the contract owes or keeps in pots and for open audits.
    function heldOf(address asset) external view returns (uint256);

    function parameters() external view returns (Parameters memory);

    function oracle() external view returns (address);

    function router() external view returns (address);

    function treasury() external view returns (address);
}
