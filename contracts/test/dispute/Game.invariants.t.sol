// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {DisputeFixture} from "./DisputeFixture.sol";
import {Test} from "../support/Test.sol";
import {DisputeGame} from "../../src/dispute/DisputeGame.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";
import {Relay} from "./Relay.sol";

/// A right and a wrong operator, three challengers and time, doing anything they are allowed to in any order. What they send
/// was computed before, so that a run is long.
contract GameHandler is Test {
    uint256 private constant UNIT = 1e12;
    uint256 private constant PRICE = 0.004 ether;

    DisputeGame private immutable GAME;
    InferenceOracle private immutable ORACLE;
    OperatorRegistry private immutable OPERATORS;
    uint256 private immutable VERSION;
    address private immutable AUTHOR = msg.sender;

    /// The first answers rightly, the second wrongly; both know their traces.
    address[2] public operators;
    address[3] public challengers;
    bytes[2] private _outputs;
    bytes[2] private _traceProofs;
    bytes32[2] private _roots;
    /// What convicts the second: node, path, step, element.
    bytes private _proof;

    struct Play {
        IDisputeGame.Subject subject;
        uint256 operator;
        address challenger;
    }

    uint256[] public requests;
    Play[] public plays;
    mapping(bytes32 subjectId => uint256) private _postedAt;

    // In wei, what should have happened.
    uint256 public bondsIn;
    uint256 public slashedIn;
    uint256 public paidOut;
    uint256 public burned;
    /// Convictions of the operator that answers rightly, but for letting its clock run out.
    uint256 public wronged;
    mapping(bytes32 what => uint256) public done;

    constructor(
        DisputeGame game,
        InferenceOracle oracle,
        OperatorRegistry operators_,
        uint256 version,
        bytes32 modelRoot
    ) {
        (GAME, ORACLE, OPERATORS, VERSION) = (game, oracle, operators_, version);
        for (uint256 i = 0; i < 3; ++i) {
            challengers[i] = account(string.concat("challenger ", vm.toString(i)), 1e6 ether);
        }
        for (uint256 i = 0; i < 2; ++i) {
            operators[i] = account(string.concat("operator ", vm.toString(i)), 1e6 ether);
            vm.startPrank(operators[i]);
            OPERATORS.register{value: 1e5 ether}("");
            OPERATORS.enrol(VERSION, modelRoot);
            vm.stopPrank();
        }
    }

    function know(
        uint256 who,
        bytes memory output,
        bytes32 root,
        bytes memory traceProof,
        bytes memory proof
    ) external {
        if (msg.sender != AUTHOR) return;
        (_outputs[who], _roots[who], _traceProofs[who]) = (output, root, traceProof);
        if (proof.length != 0) _proof = proof;
    }

    function requestsCount() external view returns (uint256) {
        return requests.length;
    }

    function playsCount() external view returns (uint256) {
        return plays.length;
    }

    // ---------------------------------------------------------------- answers

    function ask(uint256 seed) external {
        if (requests.length == 8) return;
        IInferenceOracle.RequestOptions memory o;
        o.window = seed % 2 == 0 ? 26 hours : 1 hours;
        o.maxFee = type(uint256).max;
        address user = challengers[0];
        vm.prank(user);
        requests.push(ORACLE.requestInference{value: PRICE}(VERSION, 1, hex"01020304", address(0), 0, "", o));
        vm.roll(block.number + 2);
    }

    function answer(uint256 which, uint256 who) external {
        if (requests.length == 0) return;
        uint256 requestId = requests[which % requests.length];
        if (ORACLE.request(requestId).status != IInferenceOracle.Status.Open) return;
        if (block.timestamp > ORACLE.deadlineOf(requestId)) return;
        (address drawn, uint256 until) = ORACLE.drawnOperator(requestId);
        who = who % 2;
        if (drawn != address(0) && drawn != operators[who] && block.timestamp < until) return;
        bytes[] memory outputs = new bytes[](1);
        outputs[0] = _outputs[who];
        vm.prank(operators[who]);
        ORACLE.assertOutputs(requestId, outputs);
        ++done["answer"];
    }

    function end(uint256 which) external {
        if (requests.length == 0) return;
        uint256 at = which % requests.length;
        uint256 requestId = requests[at];
        IInferenceOracle.Status status = ORACLE.request(requestId).status;
        if (status == IInferenceOracle.Status.Asserted) {
            bool early = block.timestamp < ORACLE.assertion(requestId).finalAt;
            if (early || GAME.hasOpenDispute(requestId)) return;
            ORACLE.finalize(requestId);
        } else {
            if (status != IInferenceOracle.Status.Open || block.timestamp <= ORACLE.deadlineOf(requestId)) return;
            ORACLE.refund(requestId);
        }
        requests[at] = requests[requests.length - 1];
        requests.pop();
        ++done["end"];
    }

    // ---------------------------------------------------------------- disputes

    function challenge(uint256 which, uint256 who, uint256 more) external {
        if (requests.length == 0) return;
        uint256 requestId = requests[which % requests.length];
        IInferenceOracle.Assertion memory a = ORACLE.assertion(requestId);
        if (a.operator == address(0) || block.timestamp >= a.finalAt) return;
        (uint32 round, ) = GAME.docket(requestId);
        Play memory play = Play(
            IDisputeGame.Subject(requestId, round, 0),
            a.operator == operators[0] ? 0 : 1,
            challengers[who % 3]
        );
        if (stateOf(play).phase != IDisputeGame.Phase.None) return;
        uint256 bond = GAME.leastBond() + bound(more, 0, 1e6) * UNIT;
        vm.prank(play.challenger);
        GAME.challenge{value: bond}(play.subject, a.outputRoot);
        bondsIn += bond;
        plays.push(play);
        ++done["challenge"];
    }

    function post(uint256 which) external {
        if (plays.length == 0) return;
        Play memory play = plays[which % plays.length];
        bytes32 subjectId = GAME.subjectIdOf(play.subject);
        if (!isCurrent(play) || _postedAt[subjectId] != 0) return;
        if (ORACLE.request(play.subject.requestId).status != IInferenceOracle.Status.Asserted) return;
        IDisputeGame.TraceProof memory proof = abi.decode(_traceProofs[play.operator], (IDisputeGame.TraceProof));
        vm.prank(operators[play.operator]);
        GAME.postTrace(play.subject, Relay.model(), proof);
        _postedAt[subjectId] = block.timestamp;
        ++done["post"];
    }

    /// Convicts the operator that answered wrongly; the other cannot be convicted.
    function prove(uint256 which) external {
        if (plays.length == 0) return;
        Play memory play = plays[which % plays.length];
        bytes32 subjectId = GAME.subjectIdOf(play.subject);
        if (!isCurrent(play) || !isOpen(play) || _postedAt[subjectId] == 0) return;
        uint256 bond = ORACLE.assertion(play.subject.requestId).bond;
        vm.prank(play.challenger);
        (bool convicted, ) = address(GAME).call(proofAgainst(play));
        if (convicted) noteConviction(bond);
        if (convicted && play.operator == 0) ++wronged;
        ++done[convicted ? bytes32("conviction") : bytes32("failed proof")];
    }

    function proofAgainst(Play memory play) private view returns (bytes memory) {
        (
            uint256 node,
            bytes32[] memory path,
            IDisputeGame.StepProof memory step,
            IStepVerifier.ElementProof memory proof
        ) = abi.decode(_proof, (uint256, bytes32[], IDisputeGame.StepProof, IStepVerifier.ElementProof));
        IDisputeGame.Trace memory trace = traceOf(play);
        return abi.encodeCall(GAME.proveDirect, (play.subject, trace, node, 0, path, step, proof));
    }

    function timeOut(uint256 which) external {
        if (plays.length == 0) return;
        Play memory play = plays[which % plays.length];
        if (!isCurrent(play) || !isOpen(play)) return;
        IDisputeGame.Trace memory trace = traceOf(play);
        (IDisputeGame.Side side, uint256 deadline) = GAME.turn(play.subject, play.challenger, trace);
        if (block.timestamp <= deadline) return;
        uint256 bond = ORACLE.assertion(play.subject.requestId).bond;
        uint256 challengersBond = uint256(stateOf(play).bond) * UNIT;
        GAME.timeout(play.subject, play.challenger, trace);
        if (side == IDisputeGame.Side.Operator) noteConviction(bond);
        else burned += challengersBond - half(challengersBond);
        ++done[side == IDisputeGame.Side.Operator ? bytes32("operator late") : bytes32("challenger late")];
    }

    function withdraw(uint256 which) external {
        if (plays.length == 0) return;
        Play memory play = plays[which % plays.length];
        uint256 due = dueTo(play);
        if (due == 0) return;
        IDisputeGame.Subject[] memory subjects = new IDisputeGame.Subject[](1);
        subjects[0] = play.subject;
        vm.prank(play.challenger);
        GAME.withdraw(subjects, play.challenger);
        paidOut += due;
        ++done["withdraw"];
    }

    function withdrawWinnings(uint256 who) external {
        uint256 due = GAME.winningsOf(operators[who % 2]);
        if (due == 0) return;
        vm.prank(operators[who % 2]);
        GAME.withdraw(new IDisputeGame.Subject[](0), operators[who % 2]);
        paidOut += due;
        ++done["winnings"];
    }

    function pass(uint256 time) external {
        skip(bound(time, 1, time % 4 == 0 ? 20 hours : 10 minutes));
        vm.roll(block.number + 1);
    }

    /// Anyone can end every dispute once both clocks are up, and then all that is due can be withdrawn.
    function settleAll() external {
        if (msg.sender != AUTHOR) return;
        skip(3 * 26 hours);
        for (uint256 i = 0; i < plays.length; ++i) {
            this.timeOut(i);
        }
        for (uint256 i = 0; i < plays.length; ++i) {
            this.withdraw(i);
        }
        this.withdrawWinnings(0);
        this.withdrawWinnings(1);
    }

    // ---------------------------------------------------------------- what there is

    function noteConviction(uint256 bond) private {
        slashedIn += bond;
        burned += bond - half(bond);
    }

    /// 20% and 30%, each rounded down to units.
    function half(uint256 bond) private pure returns (uint256) {
        return ((bond / UNIT / 5) + ((bond / UNIT) * 3) / 10) * UNIT;
    }

    function traceOf(Play memory play) private view returns (IDisputeGame.Trace memory) {
        return IDisputeGame.Trace(_roots[play.operator], _postedAt[GAME.subjectIdOf(play.subject)], Relay.model());
    }

    function stateOf(Play memory play) private view returns (IDisputeGame.Dispute memory) {
        return GAME.dispute(GAME.disputeIdOf(play.subject, play.challenger));
    }

    function isCurrent(Play memory play) private view returns (bool) {
        (uint32 round, ) = GAME.docket(play.subject.requestId);
        return round == play.subject.round;
    }

    function isOpen(Play memory play) private view returns (bool) {
        IDisputeGame.Phase phase = stateOf(play).phase;
        return phase != IDisputeGame.Phase.None && phase < IDisputeGame.Phase.OperatorLost;
    }

    function dueTo(Play memory play) public view returns (uint256) {
        IDisputeGame.Dispute memory d = stateOf(play);
        bool moot = isOpen(play) && !isCurrent(play);
        return moot || d.phase == IDisputeGame.Phase.OperatorLost ? uint256(d.bond) * UNIT : 0;
    }

    /// What the game owes or holds for somebody.
    function held() external view returns (uint256 sum) {
        for (uint256 i = 0; i < plays.length; ++i) {
            sum += uint256(stateOf(plays[i]).bond) * UNIT;
        }
        for (uint256 i = 0; i < 2; ++i) {
            sum += GAME.winningsOf(operators[i]);
        }
    }

    function openOf(uint256 requestId) external view returns (uint256 open) {
        for (uint256 i = 0; i < plays.length; ++i) {
            Play memory play = plays[i];
            if (play.subject.requestId == requestId && isCurrent(play) && isOpen(play)) ++open;
        }
    }
}

contract GameInvariants is DisputeFixture {
    using Relay for Relay.Run;

    uint256 private constant WRONG = 60;

    GameHandler private handler;
    address[] private _targets;

    function setUp() public override {
        super.setUp();
        handler = new GameHandler(game, oracle, operators, relay, Relay.modelRoot());
        handler.know(0, RIGHT, honest.rootOf(), abi.encode(honest.traceProof()), "");
        Relay.Run memory wrong = wrongAt(WRONG, 0);
        handler.know(
            1,
            wrong.tensors[Relay.OUT],
            wrong.rootOf(),
            abi.encode(wrong.traceProof()),
            abi.encode(WRONG, wrong.chunkPath(WRONG, 0), Relay.step(WRONG), wrong.element(WRONG, 0))
        );
        _targets.push(address(handler));
    }

    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    /// hardhat-config: default.invariant.runs = 32
    /// hardhat-config: deep.invariant.runs = 256
    function invariant_every_bond_is_paid_burned_or_held() public view {
        assertEq(
            handler.bondsIn() + handler.slashedIn(),
            handler.paidOut() + handler.burned() + handler.held(),
            "bonds"
        );
        assertEq(address(game).balance, handler.burned() + handler.held(), "balance");
    }

    /// hardhat-config: default.invariant.runs = 32
    /// hardhat-config: deep.invariant.runs = 256
    function invariant_the_open_disputes_are_counted_and_right_answers_stand() public view {
        for (uint256 i = 0; i < handler.requestsCount(); ++i) {
            uint256 requestId = handler.requests(i);
            (, uint32 open) = game.docket(requestId);
            assertEq(open, handler.openOf(requestId), "open");
        }
        assertEq(handler.wronged(), 0, "convictions of a right answer");
    }

    /// However it ends, nothing but what was burned is left.
    function afterInvariant() public {
        handler.settleAll();
        assertEq(handler.held(), 0, "held");
        assertEq(address(game).balance, handler.burned(), "balance");
        invariant_every_bond_is_paid_burned_or_held();
        invariant_the_open_disputes_are_counted_and_right_answers_stand();
    }
}
