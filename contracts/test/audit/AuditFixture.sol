// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Audits} from "../../src/audit/Audits.sol";
import {DisputeGame} from "../../src/dispute/DisputeGame.sol";
import {IAudits} from "../../src/interfaces/IAudits.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";
import {RevenueRouter} from "../../src/revenue/RevenueRouter.sol";
import {DisputeFixture} from "../dispute/DisputeFixture.sol";
import {PlayerTrees} from "../dispute/PlayerTrees.sol";
import {Relay} from "../dispute/Relay.sol";

/// The audits over the real router, operators, oracle and game. Alice answers requests for `relay`, Bob and Carol are the only
/// others enrolled, Dave looks on. One answer in five is audited.
abstract contract AuditFixture is DisputeFixture {
    using Relay for Relay.Run;

    uint16 internal constant RATE = 5;
    uint16 internal constant AUDIT_BPS = 50;
    uint256 internal constant QUARTER = uint256(SAFE) / 4;
    /// Of each auditor of a request for one item: half of 0.5% of five fees.
    uint256 internal constant SHARE = (PRICE * AUDIT_BPS * RATE) / 10_000 / 2;
    bytes internal constant WRONG = hex"0102";

    Audits internal audits;

    function setUp() public virtual override {
        super.setUp();
        deploy(bounds());
        enlist(ALICE, STAKE, relay);
        enlist(BOB, STAKE, relay);
        enlist(CAROL, STAKE, relay);
        nextEpoch();
    }

    /// The platform with these bounds of its oracle, and nobody enrolled.
    function deploy(IInferenceOracle.Parameters memory parameters) internal {
        address me = address(this);
        uint256 nonce = vm.getNonce(me);
        router = new RevenueRouter(registry, 200, vm.computeCreateAddress(me, nonce + 4));
        operators = new OperatorRegistry(
            operatorBounds(),
            registry,
            vm.computeCreateAddress(me, nonce + 2),
            vm.computeCreateAddress(me, nonce + 4)
        );
        oracle = new InferenceOracle(parameters, registry, router, operators, vm.computeCreateAddress(me, nonce + 3));
        game = new DisputeGame(oracle, verifier);
        audits = new Audits(auditBounds(), oracle, TREASURY);
    }

    function auditBounds() internal pure returns (IAudits.Parameters memory) {
        return IAudits.Parameters({rate: RATE, auditBps: AUDIT_BPS});
    }

    // ---------------------------------------------------------------- money

    /// Income of the family, of which the protocol's share is collected.
    function earn(uint256 amount) internal {
        vm.deal(DAVE, DAVE.balance + amount);
        vm.prank(DAVE);
        router.distribute{value: amount}(familyId, ETH, amount, address(0));
        audits.collect(ETH);
    }

    // ---------------------------------------------------------------- answers

    /// A request for `relay` whose draw fell on Alice, who answers it.
    function answeredWith(bytes memory output) internal returns (uint256 requestId) {
        return answeredWith(relay, INPUT, one(output));
    }

    function answeredWith(
        uint256 versionId,
        bytes memory input,
        bytes[] memory outputs
    ) internal returns (uint256 requestId) {
        requestId = requestOf(versionId, input, outputs.length);
        for (uint256 i = 1; !mayAssert(requestId, ALICE); ++i) {
            vm.setBlockhash(block.number - 1, keccak256(abi.encode("draw", i)));
        }
        vm.prank(ALICE);
        oracle.assertOutputs(requestId, outputs);
        vm.roll(block.number + 2);
    }

    function requestOf(uint256 versionId, bytes memory input, uint256 batchSize) internal returns (uint256 requestId) {
        vm.deal(DAVE, DAVE.balance + PRICE * batchSize);
        vm.prank(DAVE);
        requestId = oracle.requestInference{value: PRICE * batchSize}(
            versionId,
            batchSize,
            input,
            address(0),
            0,
            "",
            options()
        );
        vm.roll(block.number + 2);
    }

    /// Gives the block after the answer's a hash that selects it, the `which`th of those, or one that does not.
    function setSelected(uint256 requestId, bool selected, uint256 which) internal {
        uint256 decides = uint256(oracle.request(requestId).turnedBlock) + 1;
        (uint32 round, ) = game.docket(requestId);
        for (uint256 i = 0; ; ++i) {
            bytes32 hash = keccak256(abi.encode("audit", i));
            bool hit = uint256(keccak256(abi.encode(hash, requestId, round))) % RATE == 0;
            if (hit != selected) continue;
            if (which == 0) return vm.setBlockhash(decides, hash);
            --which;
        }
    }

    /// The audit of that answer, begun.
    function begin(uint256 requestId) internal returns (IAudits.Audit memory audit) {
        setSelected(requestId, true, 0);
        audit = audits.selection(requestId);
        audits.select(requestId);
    }

    // ---------------------------------------------------------------- moves

    function commitment(address who, bytes32 traceRoot) internal pure returns (bytes32) {
        return keccak256(abi.encode(traceRoot, who));
    }

    function commitAs(address who, IAudits.Audit memory audit, bytes32 traceRoot) internal {
        vm.prank(who);
        audits.commit(audit, commitment(who, traceRoot));
    }

    function revealAs(address who, IAudits.Audit memory audit, Relay.Run memory run) internal {
        IAudits.Run memory mine = runOf(run);
        IDisputeGame.Item memory item = whole(audit);
        vm.prank(who);
        audits.reveal(audit, mine, item);
    }

    function runOf(Relay.Run memory run) internal pure returns (IAudits.Run memory) {
        return
            IAudits.Run({
                traceRoot: run.rootOf(),
                outputRoot: run.roots[Relay.OUT],
                model: Relay.model(),
                inputPath: PlayerTrees.path(run.roots, 0),
                outputPath: PlayerTrees.path(run.roots, Relay.OUT)
            });
    }

    /// The only item of a request.
    function whole(IAudits.Audit memory audit) internal pure returns (IDisputeGame.Item memory item) {
        (item.inputRoot, item.outputRoot) = (audit.inputRoot, audit.outputRoot);
    }

    /// Both auditors find `run`.
    function bothFind(IAudits.Audit memory audit, Relay.Run memory run) internal {
        commitAs(audit.auditors[0], audit, run.rootOf());
        commitAs(audit.auditors[1], audit, run.rootOf());
        revealAs(audit.auditors[0], audit, run);
        revealAs(audit.auditors[1], audit, run);
    }

    function finish(IAudits.Audit memory audit) internal {
        vm.warp(oracle.assertion(audit.requestId).finalAt);
        oracle.finalize(audit.requestId);
    }

    /// Convicts Alice by her clock, in Dave's dispute, unless there is one already.
    function convict(IAudits.Audit memory audit, address challenger) internal {
        IDisputeGame.Subject memory subject = subjectOf(audit.requestId);
        if (phaseOf(subject, challenger) == IDisputeGame.Phase.None) challengeBy(challenger, subject);
        skip(CLOCK + 1);
        timeOut(subject, challenger, noTrace());
    }

    function stanceOf(IAudits.Audit memory audit, uint256 place) internal view returns (uint256) {
        IAudits.State memory state = audits.stateOf(audits.idOf(audit));
        return uint256(place == 0 ? state.first : state.second);
    }

    /// A run with the same end but another root: made up on the way.
    function madeUp() internal pure returns (Relay.Run memory run) {
        run = Relay.honest(INPUT);
        run.roots[3] = keccak256("made up");
    }
}
