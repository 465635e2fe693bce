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
import {PlayerTrees} from "../dispute/PlayerTrees.sol";
import {Relay} from "../dispute/Relay.sol";
import {Test} from "../support/Test.sol";
import {AuditFixture} from "./AuditFixture.sol";

/// Four operators who answer, audit, lie, deny, make roots up, are late, dispute and are convicted, in any order.
contract AuditHandler is Test {
    uint256 private constant PRICE = 0.004 ether;
    uint256 private constant RATE = 5;

    Audits private immutable AUDITS;
    DisputeGame private immutable GAME;
    InferenceOracle private immutable ORACLE;
    OperatorRegistry private immutable OPERATORS;
    RevenueRouter private immutable ROUTER;
    uint256 private immutable VERSION;
    uint256 private immutable FAMILY;
    address private immutable TREASURY;

    address[4] public who;
    IAudits.Audit[] private _audits;
    uint256[] public requests;
    /// What they may find: the right run, another with the same end, one with another end.
    bytes[3] private _runs;

    uint256 public collected;
    uint256 public withdrawn;
    uint256 public forfeited;
    mapping(bytes32 auditId => mapping(address auditor => uint256)) public paidFor;
    mapping(bytes32 auditId => mapping(address auditor => bool)) public revealed;
    mapping(bytes32 what => uint256) public done;

    constructor(Audits audits, uint256 version, uint256 family, address treasury, bytes[3] memory runs) {
        (AUDITS, VERSION, FAMILY, TREASURY, _runs) = (audits, version, family, treasury, runs);
        ORACLE = InferenceOracle(audits.oracle());
        GAME = DisputeGame(payable(ORACLE.disputeGame()));
        OPERATORS = OperatorRegistry(ORACLE.operators());
        ROUTER = RevenueRouter(ORACLE.router());
        for (uint256 i = 0; i < 4; ++i) {
            who[i] = account(string.concat("auditor ", vm.toString(i)), 1e6 ether);
            vm.startPrank(who[i]);
            OPERATORS.register{value: 1e4 ether}("");
            OPERATORS.enrol(VERSION, Relay.modelRoot());
            vm.stopPrank();
        }
    }

    // ---------------------------------------------------------------- answers

    function earn(uint256 amount) external {
        amount = bound(amount, 1, 0.1 ether);
        vm.deal(address(this), amount);
        ROUTER.distribute{value: amount}(FAMILY, address(0), amount, address(0));
    }

    function collect() external {
        uint256 due = ROUTER.creditOf(address(AUDITS), address(0));
        if (due == 0) return;
        AUDITS.collect(address(0));
        collected += due;
    }

    /// A request that is answered at once, rightly or not, and whose answer is selected.
    function answer(uint256 seed, bool right) external {
        if (requests.length == 6) return;
        IInferenceOracle.RequestOptions memory o;
        (o.window, o.maxFee) = (26 hours, type(uint256).max);
        vm.deal(address(this), PRICE);
        uint256 requestId = ORACLE.requestInference{value: PRICE}(VERSION, 1, hex"01020304", address(0), 0, "", o);
        skip(3 minutes);
        vm.roll(block.number + 2);
        bytes[] memory outputs = new bytes[](1);
        outputs[0] = right ? bytes(hex"0101") : bytes(hex"0102");
        vm.prank(who[seed % 4]);
        ORACLE.assertOutputs(requestId, outputs);
        requests.push(requestId);
        vm.roll(block.number + 2);
        select(requestId, seed);
    }

    function select(uint256 requestId, uint256 seed) private {
        uint256 decides = block.number - 1;
        for (uint256 i = 0; ; ++i) {
            bytes32 hash = keccak256(abi.encode(seed, i));
            if (uint256(keccak256(abi.encode(hash, requestId, uint32(0)))) % RATE != 0) continue;
            vm.setBlockhash(decides, hash);
            break;
        }
        try AUDITS.selection(requestId) returns (IAudits.Audit memory audit) {
            AUDITS.select(requestId);
            _audits.push(audit);
            ++done["select"];
        } catch {}
    }

    // ---------------------------------------------------------------- auditors

    function commit(uint256 which, uint256 place, uint256 what) external {
        if (_audits.length == 0) return;
        IAudits.Audit memory audit = _audits[which % _audits.length];
        address auditor = audit.auditors[place % 2];
        bytes32 root = abi.decode(_runs[what % 3], (IAudits.Run)).traceRoot;
        vm.prank(auditor);
        try AUDITS.commit(audit, keccak256(abi.encode(root, auditor))) {
            ++done["commit"];
        } catch {}
    }

    function reveal(uint256 which, uint256 place) external {
        if (_audits.length == 0) return;
        IAudits.Audit memory audit = _audits[which % _audits.length];
        address auditor = audit.auditors[place % 2];
        IDisputeGame.Item memory item;
        (item.inputRoot, item.outputRoot) = (audit.inputRoot, audit.outputRoot);
        for (uint256 i = 0; i < 3; ++i) {
            IAudits.Run memory run = abi.decode(_runs[i], (IAudits.Run));
            vm.prank(auditor);
            try AUDITS.reveal(audit, run, item) {
                assertTrue(!revealed[idOf(audit)][auditor], "revealed twice");
                revealed[idOf(audit)][auditor] = true;
                ++done["reveal"];
            } catch {}
        }
    }

    function challenge(uint256 which, uint256 place) external {
        if (_audits.length == 0) return;
        IAudits.Audit memory audit = _audits[which % _audits.length];
        address auditor = audit.auditors[place % 2];
        if (auditor == address(0)) return;
        uint256 bond = GAME.leastBond();
        vm.prank(auditor);
        try GAME.challenge{value: bond}(subjectOf(audit), audit.outputRoot) {
            ++done["challenge"];
        } catch {}
    }

    function convict(uint256 which, uint256 place) external {
        if (_audits.length == 0) return;
        IAudits.Audit memory audit = _audits[which % _audits.length];
        IDisputeGame.Trace memory none;
        try GAME.timeout(subjectOf(audit), audit.auditors[place % 2], none) {
            ++done["convict"];
        } catch {}
    }

    function finalize(uint256 which) external {
        if (requests.length == 0) return;
        try ORACLE.finalize(requests[which % requests.length]) {
            ++done["finalize"];
        } catch {}
    }

    function settle(uint256 which) public {
        if (_audits.length == 0) return;
        uint256 at = which % _audits.length;
        IAudits.Audit memory audit = _audits[at];
        uint256[2] memory before = creditsOf(audit);
        uint256 held = AUDITS.heldOf(address(0));
        try AUDITS.settle(audit) {} catch {
            return;
        }
        forfeited += AUDITS.heldOf(address(0)) - held;
        uint256[2] memory after_ = creditsOf(audit);
        for (uint256 i = 0; i < 2; ++i) {
            paidFor[idOf(audit)][audit.auditors[i]] += after_[i] - before[i];
            if (after_[i] != before[i]) {
                assertTrue(revealed[idOf(audit)][audit.auditors[i]], "paid without a reveal");
                assertEq(after_[i] - before[i], audit.share, "more than its share");
                ++done["paid"];
            }
        }
        ++done["settle"];
    }

    function withdraw(uint256 place) external {
        address account_ = place % 5 == 4 ? TREASURY : who[place % 5];
        uint256 due = AUDITS.creditOf(account_, address(0));
        if (due == 0) return;
        AUDITS.withdrawFor(account_, address(0));
        withdrawn += due;
    }

    function pass(uint256 time) external {
        skip(bound(time, 1, time % 3 == 0 ? 27 hours : 3 hours));
        vm.roll(block.number + 1);
    }

    // ---------------------------------------------------------------- what there is

    function openShares() external view returns (uint256 sum) {
        for (uint256 i = 0; i < _audits.length; ++i) {
            if (!AUDITS.stateOf(idOf(_audits[i])).open) continue;
            sum += _audits[i].share * (_audits[i].auditors[1] == address(0) ? 1 : 2);
        }
    }

    function credits() external view returns (uint256 sum) {
        for (uint256 i = 0; i < 4; ++i) sum += AUDITS.creditOf(who[i], address(0));
        sum += AUDITS.creditOf(TREASURY, address(0));
    }

    /// However it went, anyone can bring every audit to its end.
    function settleAll() external {
        skip(60 hours);
        IDisputeGame.Trace memory none;
        for (uint256 i = 0; i < _audits.length; ++i) {
            for (uint256 j = 0; j < 2; ++j) {
                try GAME.timeout(subjectOf(_audits[i]), _audits[i].auditors[j], none) {} catch {}
            }
            try ORACLE.finalize(_audits[i].requestId) {} catch {}
            this.settle(i);
            assertFalse(AUDITS.stateOf(idOf(_audits[i])).open, "settled");
        }
    }

    function creditsOf(IAudits.Audit memory audit) private view returns (uint256[2] memory due) {
        for (uint256 i = 0; i < 2; ++i) due[i] = AUDITS.creditOf(audit.auditors[i], address(0));
    }

    function idOf(IAudits.Audit memory audit) private pure returns (bytes32) {
        return keccak256(abi.encode(audit));
    }

    function subjectOf(IAudits.Audit memory audit) private pure returns (IDisputeGame.Subject memory) {
        return IDisputeGame.Subject(audit.requestId, audit.round, 0);
    }
}

contract AuditInvariants is AuditFixture {
    using Relay for Relay.Run;

    AuditHandler private handler;
    address[] private _targets;

    function setUp() public override {
        super.setUp();
        bytes[3] memory runs = [
            abi.encode(runOf(honest)),
            abi.encode(runOf(madeUp())),
            abi.encode(runOf(Relay.faulty(INPUT, Relay.OUT, 1, true)))
        ];
        handler = new AuditHandler(audits, relay, familyId, TREASURY, runs);
        nextEpoch();
        _targets.push(address(handler));
    }

    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    /// hardhat-config: default.invariant.runs = 32
    /// hardhat-config: deep.invariant.runs = 256
    function invariant_what_came_in_is_in_the_pot_reserved_credited_or_paid_out() public view {
        uint256 held = audits.potOf(ETH) + handler.openShares() + handler.credits();
        assertEq(audits.heldOf(ETH), held + strangers(), "held");
        assertEq(handler.collected() + handler.forfeited(), audits.heldOf(ETH) + handler.withdrawn(), "conserved");
        assertEq(address(audits).balance, audits.heldOf(ETH), "balance");
    }

    /// The fixture's operators can be drawn as well; they only ever forfeit.
    function strangers() private view returns (uint256 sum) {
        for (uint256 i = 0; i < 3; ++i) sum += audits.creditOf([ALICE, BOB, CAROL][i], ETH);
    }

    function afterInvariant() public {
        handler.settleAll();
        assertEq(handler.openShares(), 0, "open");
        invariant_what_came_in_is_in_the_pot_reserved_credited_or_paid_out();
    }
}
