// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {Client} from "./Clients.sol";
import {Turns} from "./Turns.sol";
import {Test} from "../support/Test.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";
import {TestJudge} from "./Clients.sol";

/// Three operators, two clients, a judge and time, doing anything they are allowed to in any order.
contract OracleHandler is Test {
    uint32 private constant SAFE = 26 hours;
    uint32 private constant FAST = 1 hours;

    InferenceOracle private immutable ORACLE;
    OperatorRegistry private immutable OPERATORS;
    TestJudge private immutable JUDGE;
    TestERC20 private immutable USDC;
    /// Sold for ETH and USDC; 4 bytes in, 2 out.
    uint256 private immutable VERSION;
    bytes32 private immutable ROOT;

    address[3] public operators;
    Client[2] public clients;

    /// Every request there was.
    uint256[] public all;
    /// Requests that have not ended.
    uint256[] public live;
    /// How often each request ended.
    mapping(uint256 requestId => uint256) public ended;
    mapping(uint256 requestId => bytes2) private _answers;
    /// Prepaid gas not yet settled. Settling more than was prepaid would make it negative, and the run fail.
    mapping(uint256 requestId => uint256) public gasHeld;
    uint256 public gasHeldInAll;

    mapping(address asset => uint256) public paidIn;
    mapping(address asset => uint256) public feesDistributed;
    mapping(address asset => uint256) public creditPaid;
    /// Stake that came as penalties, in wei.
    uint256 public penalties;
    /// Calls that did something, by name.
    mapping(bytes32 what => uint256) public done;

    constructor(
        InferenceOracle oracle,
        OperatorRegistry operators_,
        TestJudge judge,
        TestERC20 usdc,
        uint256 version,
        bytes32 root
    ) {
        (ORACLE, OPERATORS, JUDGE, USDC, VERSION, ROOT) = (oracle, operators_, judge, usdc, version, root);
        for (uint256 i = 0; i < 3; ++i) {
            operators[i] = account(string.concat("operator ", vm.toString(i)), 1e6 ether);
            vm.startPrank(operators[i]);
            OPERATORS.register{value: 2 ether}("");
            OPERATORS.enrol(VERSION, ROOT);
            vm.stopPrank();
        }
        for (uint256 i = 0; i < 2; ++i) {
            clients[i] = new Client();
            vm.deal(address(clients[i]), 1e6 ether);
            USDC.mint(address(clients[i]), 1e15);
            vm.prank(address(clients[i]));
            USDC.approve(address(ORACLE), type(uint256).max);
        }
    }

    // ---------------------------------------------------------------- clients

    function request(uint256 who, uint256 batchSize, uint256 excess, uint8 kind, uint256 minBond) external {
        if (live.length == 12) return;
        IInferenceOracle.RequestOptions memory o;
        o.mode = IInferenceOracle.CallbackMode(kind & 1);
        o.window = kind & 2 == 0 ? SAFE : FAST;
        o.maxFee = type(uint256).max;
        o.minBond = kind & 4 == 0 ? 0 : uint128(bound(minBond, 0, 3 ether));
        o.asset = kind & 8 == 0 ? address(0) : address(USDC);
        o.refundTo = kind & 16 == 0 ? address(0) : operators[who % 3];
        address client = address(clients[who % 2]);
        address callback = kind & 32 == 0 ? address(0) : address(clients[(who / 2) % 2]);
        batchSize = bound(batchSize, 1, 3);
        _request(client, callback, batchSize, bound(excess, 0, 1 ether), o);
    }

    function _request(
        address client,
        address callback,
        uint256 batchSize,
        uint256 excess,
        IInferenceOracle.RequestOptions memory o
    ) private {
        (uint256 fee, uint256 gasPrepaid) = ORACLE.quote(VERSION, 60_000, batchSize, o.asset);
        if (callback == address(0)) gasPrepaid = 0;
        uint256 due = gasPrepaid + (o.asset == address(0) ? fee : 0);
        uint256 credit = ORACLE.creditOf(client, address(0));
        // Half of the time what the credit does not cover, otherwise more than enough.
        uint256 value = excess % 2 == 0 ? due + (due == 0 ? 0 : excess) : due - (credit < due ? credit : due);
        vm.prank(client);
        uint256 requestId = ORACLE.requestInference{value: value}(
            VERSION,
            batchSize,
            new bytes(4 * batchSize),
            callback,
            60_000,
            "",
            o
        );
        all.push(requestId);
        live.push(requestId);
        gasHeld[requestId] = gasPrepaid;
        gasHeldInAll += gasPrepaid;
        ++done["request"];
        paidIn[address(0)] += value;
        if (o.asset != address(0)) paidIn[o.asset] += fee;
        vm.roll(block.number + 1);
    }

    function behave(uint256 who, uint8 behaviour) external {
        clients[who % 2].behave(Client.Behaviour(behaviour % 4));
    }

    function withdrawCredit(uint256 who, bool usdc) external {
        address asset = usdc ? address(USDC) : address(0);
        address owner = _party(who % 5);
        uint256 credit = ORACLE.creditOf(owner, asset);
        if (credit == 0) return;
        creditPaid[asset] += credit;
        ++done["withdraw"];
        vm.prank(owner);
        ORACLE.withdrawCredit(asset, owner);
    }

    // ---------------------------------------------------------------- operators

    function answer(uint256 which, uint256 who, bytes2 output) external {
        if (live.length == 0) return;
        uint256 requestId = live[which % live.length];
        address operator = operators[who % 3];
        if (!Turns.mayAssert(ORACLE, requestId, operator)) {
            // Usually the drawn one may.
            for (uint256 i = 0; i < 3 && !Turns.mayAssert(ORACLE, requestId, operator); ++i) operator = operators[i];
            if (!Turns.mayAssert(ORACLE, requestId, operator)) return;
        }
        uint256 before = address(ORACLE).balance;
        bytes[] memory outputs = _outputs(requestId, output);
        vm.prank(operator);
        ORACLE.assertOutputs(requestId, outputs);
        penalties += address(ORACLE).balance - before;
        _answers[requestId] = output;
        ++done["answer"];
    }

    function stake(uint256 who, uint256 amount) external {
        vm.prank(operators[who % 3]);
        OPERATORS.addStake{value: bound(amount, 0, 2 ether)}();
    }

    function exit(uint256 who, uint256 amount) external {
        address operator = operators[who % 3];
        IOperatorRegistry.Operator memory o = OPERATORS.operator(operator);
        uint256 free = OPERATORS.freeStake(operator);
        if (o.exiting != 0 || free == 0) return;
        amount = bound(amount, 1, free);
        if (o.enrolments != 0 && o.stake - amount < 1 ether) return;
        vm.prank(operator);
        OPERATORS.requestExit(amount);
    }

    function leaveExit(uint256 who, bool cancel) external {
        address operator = operators[who % 3];
        IOperatorRegistry.Operator memory o = OPERATORS.operator(operator);
        if (o.exiting == 0) return;
        vm.startPrank(operator);
        if (cancel || block.timestamp < o.exitAt) OPERATORS.cancelExit();
        else OPERATORS.withdrawStake(operator);
        vm.stopPrank();
    }

    function comeAndGo(uint256 who) external {
        address operator = operators[who % 3];
        vm.startPrank(operator);
        if (OPERATORS.isEnrolled(operator, VERSION)) OPERATORS.withdrawFrom(VERSION);
        else if (_counting(operator) >= 1 ether) OPERATORS.enrol(VERSION, ROOT);
        vm.stopPrank();
    }

    function sync(uint256 who) external {
        OPERATORS.sync(operators[who % 3]);
    }

    // ---------------------------------------------------------------- endings

    function dispute(uint256 which, bool open) external {
        if (live.length == 0) return;
        if (open) JUDGE.dispute(live[which % live.length]);
        else JUDGE.acquit(live[which % live.length]);
    }

    function convict(uint256 which, uint256 who) external {
        if (live.length == 0) return;
        uint256 requestId = live[which % live.length];
        if (ORACLE.request(requestId).status != IInferenceOracle.Status.Asserted) return;
        ++done["convict"];
        JUDGE.convict(ORACLE, requestId, who % 4 == 3 ? address(0) : operators[who % 4]);
    }

    function finalize(uint256 which, bool deliver_) public {
        if (live.length == 0) return;
        which = which % live.length;
        uint256 requestId = live[which];
        IInferenceOracle.Request memory r = ORACLE.request(requestId);
        if (r.status != IInferenceOracle.Status.Asserted || JUDGE.hasOpenDispute(requestId)) return;
        uint256 finalAt = ORACLE.assertion(requestId).finalAt;
        if (block.timestamp < finalAt) vm.warp(finalAt);
        bytes[] memory outputs = _outputs(requestId, _answers[requestId]);
        uint256 before = credits(address(0));
        vm.prank(operators[requestId % 3]);
        if (deliver_) ORACLE.finalizeAndDeliver(requestId, outputs, "");
        else ORACLE.finalize(requestId);
        _gasLeaves(requestId, credits(address(0)) - before);
        feesDistributed[r.asset] += r.fee;
        ++done["finalize"];
        _end(which);
    }

    function deliver(uint256 which) public {
        if (all.length == 0) return;
        uint256 requestId = all[which % all.length];
        IInferenceOracle.Request memory r = ORACLE.request(requestId);
        bool current =
            r.status == IInferenceOracle.Status.Final ||
                (r.status == IInferenceOracle.Status.Asserted && r.mode == IInferenceOracle.CallbackMode.Optimistic);
        if (!current || r.callbackContract == address(0) || ORACLE.assertion(requestId).delivered) return;
        bytes[] memory outputs = _outputs(requestId, _answers[requestId]);
        uint256 before = credits(address(0));
        vm.prank(operators[requestId % 3]);
        ORACLE.deliver(requestId, outputs, "");
        _gasLeaves(requestId, credits(address(0)) - before);
        ++done["deliver"];
    }

    function refund(uint256 which) public {
        if (live.length == 0) return;
        which = which % live.length;
        uint256 requestId = live[which];
        IInferenceOracle.Request memory r = ORACLE.request(requestId);
        if (r.status != IInferenceOracle.Status.Open) return;
        uint256 deadline = ORACLE.deadlineOf(requestId);
        if (block.timestamp <= deadline) vm.warp(deadline + 1);
        uint256 balance = address(ORACLE).balance;
        uint256 before = credits(address(0));
        ORACLE.refund(requestId);
        uint256 penalty = address(ORACLE).balance - balance;
        uint256 fee = r.asset == address(0) ? r.fee : 0;
        _gasLeaves(requestId, credits(address(0)) - before - fee - penalty);
        penalties += penalty;
        ++done["refund"];
        _end(which);
    }

    /// Whatever happened before: brings every request to its end, and every callback to its last attempt.
    function endAll() external {
        for (uint256 i = 0; i < 2; ++i) clients[i].behave(Client.Behaviour.Ignore);
        while (live.length != 0) {
            JUDGE.acquit(live[0]);
            finalize(0, false);
            if (live.length != 0) refund(0);
        }
        for (uint256 i = 0; i < all.length; ++i) deliver(i);
    }

    function pass(uint256 seconds_, uint256 blocks) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 2 hours));
        vm.roll(block.number + bound(blocks, 1, 300));
    }

    function changeGasPrice(uint256 baseFee) external {
        vm.fee(bound(baseFee, 0, 20 gwei));
    }

    // ---------------------------------------------------------------- bookkeeping

    function liveCount() external view returns (uint256) {
        return live.length;
    }

    function count() external view returns (uint256) {
        return all.length;
    }

    function _end(uint256 which) private {
        ++ended[live[which]];
        live[which] = live[live.length - 1];
        live.pop();
    }

    function _gasLeaves(uint256 requestId, uint256 amount) private {
        gasHeld[requestId] -= amount;
        gasHeldInAll -= amount;
    }

    /// The credits of everybody who can have any.
    function credits(address asset) public view returns (uint256 sum) {
        for (uint256 i = 0; i < 5; ++i) sum += ORACLE.creditOf(_party(i), asset);
    }

    function _party(uint256 i) private view returns (address) {
        return i < 3 ? operators[i] : address(clients[i - 3]);
    }

    function _outputs(uint256 requestId, bytes2 output) private view returns (bytes[] memory outputs) {
        outputs = new bytes[](ORACLE.request(requestId).batchSize);
        for (uint256 i = 0; i < outputs.length; ++i) outputs[i] = abi.encodePacked(output);
    }

    function _counting(address operator) private view returns (uint256) {
        IOperatorRegistry.Operator memory o = OPERATORS.operator(operator);
        return o.stake - o.exiting;
    }
}

contract OracleInvariants is OracleFixture {
    OracleHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new OracleHandler(oracle, operators, judge, usdc, tokens, ROOT);
        nextEpoch();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// After any sequence of calls:
    /// - the oracle holds, per asset, exactly the fees of requests that have not ended, the prepaid gas that is not settled,
    ///   and all credits; and what came in is there, distributed or paid out;
    /// - the operator registry holds exactly the stakes;
    /// - what is locked is exactly the bonds of the answers that stand.
    function invariant_the_books_balance() public view {
        uint256 fees;
        uint256 usdcFees;
        uint256 bonds;
        for (uint256 i = 0; i < _handler.liveCount(); ++i) {
            uint256 requestId = _handler.live(i);
            IInferenceOracle.Request memory r = oracle.request(requestId);
            if (r.asset == ETH) fees += r.fee;
            else usdcFees += r.fee;
            bonds += oracle.assertion(requestId).bond;
        }
        assertEq(address(oracle).balance, fees + _handler.gasHeldInAll() + _handler.credits(ETH), "ETH");
        assertEq(usdc.balanceOf(address(oracle)), usdcFees + _handler.credits(address(usdc)), "USDC");
        assertEq(
            _handler.paidIn(ETH) + _handler.penalties(),
            address(oracle).balance + _handler.feesDistributed(ETH) + _handler.creditPaid(ETH),
            "ETH in and out"
        );
        assertEq(
            _handler.paidIn(address(usdc)),
            usdc.balanceOf(address(oracle)) +
                _handler.feesDistributed(address(usdc)) +
                _handler.creditPaid(address(usdc)),
            "USDC in and out"
        );

        uint256 stakes;
        uint256 locked;
        for (uint256 i = 0; i < 3; ++i) {
            IOperatorRegistry.Operator memory o = operators.operator(_handler.operators(i));
            stakes += o.stake;
            locked += o.locked;
            assertLe(o.locked + o.exiting, o.stake, "parts of a stake");
        }
        assertEq(address(operators).balance, stakes, "stakes");
        assertEq(locked, bonds, "bonds");
    }

    /// Anyone can bring every request to its end; each ends once; then no gas is held, no stake locked, and the draw weighs
    /// operators as their stakes say.
    function afterInvariant() public {
        _handler.endAll();
        assertEq(oracle.requestCount(), _handler.count(), "every request is known");
        for (uint256 i = 0; i < _handler.count(); ++i) {
            uint256 requestId = _handler.all(i);
            assertEq(_handler.ended(requestId), 1, "ended once");
            uint256 end = status(requestId);
            assertTrue(
                end == uint256(IInferenceOracle.Status.Final) || end == uint256(IInferenceOracle.Status.Refunded),
                "final or refunded"
            );
            assertEq(_handler.gasHeld(requestId), 0, "no gas is left behind");
        }
        invariant_the_books_balance();
        uint256 weight;
        for (uint256 i = 0; i < 3; ++i) {
            address operator = _handler.operators(i);
            operators.sync(operator);
            IOperatorRegistry.Operator memory o = operators.operator(operator);
            assertEq(o.locked, 0, "nothing locked");
            if (operators.isEnrolled(operator, tokens)) weight += (o.stake - o.exiting) / 1e12;
        }
        nextEpoch();
        assertEq(operators.weightAt(tokens, block.timestamp), weight, "weight");
    }
}
