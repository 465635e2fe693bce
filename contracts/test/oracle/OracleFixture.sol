// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {People} from "../support/People.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {IAIOracle} from "../../src/interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";
import {ModelRegistry} from "../../src/registry/ModelRegistry.sol";
import {RevenueRouter} from "../../src/revenue/RevenueRouter.sol";
import {Client, TestJudge} from "./Clients.sol";
import {Turns} from "./Turns.sol";

/// The oracle, the operators and the judge of a deployment with the production bounds, over the real registry and router.
/// Three versions: `digits` of fixed shape (4 bytes in, 2 out), `prose` of any length up to 300 (output too), and `tokens`,
/// shaped as `digits` but sold for USDC too.
abstract contract OracleFixture is People {
    uint32 internal constant EPOCH = 1 hours;
    uint128 internal constant MIN_STAKE = 1 ether;
    uint32 internal constant EXIT_DELAY = 14 days;
    uint32 internal constant SAFE = 26 hours;
    uint32 internal constant FAST = 1 hours;
    uint32 internal constant DEADLINE = 30 minutes;
    uint32 internal constant EXCLUSIVE = 2 minutes;
    uint128 internal constant FLOOR = 0.01 gwei;
    uint128 internal constant MIN_BOND = 0.01 ether;
    uint256 internal constant PRICE = 0.004 ether;
    uint256 internal constant USDC_PRICE = 5e6;
    bytes32 internal constant ROOT = keccak256("model root");
    address internal constant ETH = address(0);
    uint256 internal constant START = 1_800_000_000;

    address internal immutable AUDITS = vm.addr(0xA0D175);

    ModelRegistry internal registry;
    RevenueRouter internal router;
    OperatorRegistry internal operators;
    InferenceOracle internal oracle;
    TestJudge internal judge;
    TestERC20 internal usdc;
    Client internal client;

    uint256 internal familyId;
    uint256 internal digits;
    uint256 internal prose;
    uint256 internal tokens;

    function setUp() public virtual {
        // The start of an epoch.
        vm.warp(START);
        vm.roll(1_000);
        vm.fee(1 gwei);
        registry = new ModelRegistry(
            IModelRegistry.Parameters({
                priceDelay: 48 hours,
                priceBoundPeriod: 7 days,
                maxOperatorBps: 5_000,
                maxLineageBps: 5_000,
                minHoldersBps: 2_000,
                protocolBps: 200,
                attestingOperators: 2
            }),
            address(0xFAC),
            // Router and judge come between.
            vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3)
        );
        router = new RevenueRouter(registry, 200, TREASURY);
        judge = new TestJudge();
        (operators, oracle) = deploy(address(judge));
        client = new Client();
        usdc = new TestERC20("USDC", 6);
        _publish();
        for (uint256 i = 0; i < 4; ++i) {
            vm.deal([ALICE, BOB, CAROL, DAVE][i], 1_000 ether);
        }
        vm.deal(address(client), 1_000 ether);
    }

    function deploy(address judge_) internal returns (OperatorRegistry o, InferenceOracle i) {
        return deploy(judge_, AUDITS);
    }

    function deploy(address judge_, address audits_) internal returns (OperatorRegistry o, InferenceOracle i) {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        o = new OperatorRegistry(operatorBounds(), registry, predicted, audits_);
        i = new InferenceOracle(bounds(), registry, router, o, judge_);
    }

    function operatorBounds() internal pure virtual returns (IOperatorRegistry.Parameters memory) {
        return IOperatorRegistry.Parameters({minStake: MIN_STAKE, exitDelay: EXIT_DELAY, epochLength: EPOCH});
    }

    function bounds() internal pure virtual returns (IInferenceOracle.Parameters memory) {
        return
            IInferenceOracle.Parameters({
                safeWindow: SAFE,
                fastWindow: FAST,
                requestDeadline: DEADLINE,
                exclusiveWindow: EXCLUSIVE,
                maxOutputBytes: 8_192,
                maxBatchSize: 64,
                gasPriceFloor: FLOOR,
                minBond: MIN_BOND,
                winnerGas: 850_000
            });
    }

    function _publish() private {
        familyId = registerFamily("digits", address(usdc));
        IModelRegistry.Price[] memory prices = priced(ETH, PRICE);
        digits = publish(IModelRegistry.IOBounds(4, 4, 2, 2, 0), ROOT, prices);
        prose = publish(IModelRegistry.IOBounds(0, 300, 0, 1_000, 0), 0, prices);
        prices = new IModelRegistry.Price[](2);
        prices[0] = IModelRegistry.Price({asset: ETH, amount: PRICE});
        prices[1] = IModelRegistry.Price({asset: address(usdc), amount: USDC_PRICE});
        tokens = publish(IModelRegistry.IOBounds(4, 4, 2, 2, 0), ROOT, prices);
    }

    /// A family that takes ETH and `asset`: operator 20%, publisher 10%, holders at least 50%.
    function registerFamily(string memory name, address asset) internal returns (uint256) {
        IModelRegistry.FamilyParams memory family;
        family.name = name;
        family.operatorBps = 2_000;
        family.publisherBps = 1_000;
        family.holdersFloorBps = 5_000;
        family.assets = new address[](1);
        family.assets[0] = asset;
        vm.prank(PUBLISHER);
        return registry.registerFamily(family);
    }

    function priced(address asset, uint256 amount) internal pure returns (IModelRegistry.Price[] memory prices) {
        prices = new IModelRegistry.Price[](1);
        prices[0] = IModelRegistry.Price({asset: asset, amount: amount});
    }

    function publish(
        IModelRegistry.IOBounds memory io,
        bytes32 modelRoot,
        IModelRegistry.Price[] memory prices
    ) internal returns (uint256) {
        return publishIn(familyId, io, modelRoot, prices);
    }

    function publishIn(
        uint256 family,
        IModelRegistry.IOBounds memory io,
        bytes32 modelRoot,
        IModelRegistry.Price[] memory prices
    ) internal returns (uint256) {
        IModelRegistry.VersionParams memory version;
        version.familyId = family;
        version.fileHash = sha256("model.onnx");
        version.modelRoot = modelRoot;
        version.licence = "Apache-2.0";
        version.io = io;
        version.prices = prices;
        vm.prank(PUBLISHER);
        return registry.publishVersion(version);
    }

    /// A version, shaped as `digits`, of a family of its own, sold for `amount` of `asset` alone.
    function publishFor(address asset, uint256 amount) internal returns (uint256) {
        uint256 other = registerFamily("other", asset);
        return publishIn(other, IModelRegistry.IOBounds(4, 4, 2, 2, 0), ROOT, priced(asset, amount));
    }

    // ---------------------------------------------------------------- operators

    /// Registers `who` with `stake` and enrols it for `versionId`.
    function enlist(address who, uint256 stake, uint256 versionId) internal {
        vm.prank(who);
        operators.register{value: stake}("");
        enrol(who, versionId);
    }

    function enrol(address who, uint256 versionId) internal {
        bytes32 root = registry.version(versionId).modelRoot;
        vm.prank(who);
        operators.enrol(versionId, root);
    }

    /// So much of the stake of `who`, who is enrolled, stands behind an answer from here on.
    function lock(address who, uint256 versionId, uint256 amount) internal {
        vm.prank(address(oracle));
        (IOperatorRegistry.Engagement result, ) = operators.engage(who, versionId, block.timestamp, 0, amount, false);
        assertEq(uint256(result), uint256(IOperatorRegistry.Engagement.Engaged), "engaged");
    }

    function nextEpoch() internal {
        vm.warp((block.timestamp / EPOCH + 1) * EPOCH);
    }

    // ---------------------------------------------------------------- requests

    function options() internal pure returns (IInferenceOracle.RequestOptions memory o) {
        o.window = SAFE;
        o.maxFee = type(uint256).max;
    }

    /// A request for `digits` by `client`, to be called back at `client` with "data".
    function requestDigits() internal returns (uint256) {
        return requestDigits(options());
    }

    function requestDigits(IInferenceOracle.RequestOptions memory o) internal returns (uint256 requestId) {
        uint256 value = total(digits);
        vm.prank(address(client));
        requestId = oracle.requestInference{value: value}(
            digits,
            1,
            hex"01020304",
            address(client),
            100_000,
            "data",
            o
        );
        // Two blocks on, the draw is known.
        vm.roll(block.number + 2);
    }

    /// Fee and prepaid gas of one item with a callback of 100,000 gas.
    function total(uint256 versionId) internal view returns (uint256) {
        return oracle.estimateFee(versionId, 100_000);
    }

    function gasHalf(uint256 versionId) internal view returns (uint256) {
        (, uint256 gasPrepaid) = oracle.quote(versionId, 100_000, 1, ETH);
        return gasPrepaid / 2;
    }

    // ---------------------------------------------------------------- answers

    function one(bytes memory output) internal pure returns (bytes[] memory outputs) {
        outputs = new bytes[](1);
        outputs[0] = output;
    }

    function answer(address who, uint256 requestId, bytes memory output) internal {
        vm.prank(who);
        oracle.assertOutputs(requestId, one(output));
    }

    /// A request for `digits` that Alice, the only operator, has answered with 0xbeef.
    function answered() internal returns (uint256 requestId) {
        return answered(options());
    }

    function answered(IInferenceOracle.RequestOptions memory o) internal virtual returns (uint256 requestId) {
        requestId = requestDigits(o);
        answer(ALICE, requestId, hex"beef");
    }

    function mayAssert(uint256 requestId, address who) internal view returns (bool) {
        return Turns.mayAssert(oracle, requestId, who);
    }

    function status(uint256 requestId) internal view returns (uint256) {
        return uint256(oracle.request(requestId).status);
    }

    function assertStatus(uint256 requestId, IInferenceOracle.Status expected) internal view {
        assertEq(status(requestId), uint256(expected), "status");
    }

    function leafOf(bytes memory data) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0), data));
    }

    function refuse(bytes memory error_) internal {
        vm.expectRevert(error_);
    }
}
