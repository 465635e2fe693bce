// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";

/// A request's id is made of what was asked: after a reorganisation, what was signed for one request can reach no other.
/// `snapshotState` and `revertToState` stand for the reorganisation.
contract RequestIdsTest is OracleFixture {
    bytes private constant INPUT = hex"01020304";

    /// What `requestInference` takes, and who calls it on what.
    struct Ask {
        InferenceOracle oracle;
        address account;
        uint256 versionId;
        uint256 batchSize;
        bytes input;
        address callbackContract;
        uint64 gasLimit;
        bytes callbackData;
        IInferenceOracle.RequestOptions options;
    }

    function setUp() public override {
        super.setUp();
        enlist(ALICE, 100 ether, digits);
        usdc.mint(DAVE, 1e12);
        vm.prank(DAVE);
        usdc.approve(address(oracle), type(uint256).max);
        nextEpoch();
        nextEpoch();
    }

    // ---------------------------------------------------------------- what the id is made of

    function test_an_id_is_160_bits_of_the_hash_of_all_that_was_asked() public {
        Ask memory a = plain();
        a.options.refundTo = BOB;
        send(a);
        send(a);
        uint256 third = send(a);
        bytes memory content = abi.encode(
            [uint256(uint160(DAVE)), digits, 1, uint160(address(client)), 100_000],
            [keccak256("data"), leafOf(INPUT)],
            // Bytes of an answer, least and most; the fee, and what it would be in ETH.
            [uint256(2), 2, PRICE, PRICE],
            a.options
        );
        bytes memory head = abi.encode(keccak256("OpenIMO request"), block.chainid, address(oracle), uint256(3));
        assertEq(third, uint256(uint160(uint256(keccak256(bytes.concat(head, content))))), "id");
    }

    function test_the_same_number_with_other_content_is_another_id() public {
        uint256 id = send(plain(), 1);
        Ask memory a = plain();
        a.account = CAROL;
        assertOther(id, a, "requester");
        a = plain();
        a.versionId = tokens;
        assertOther(id, a, "version");
        a = plain();
        a.input = hex"01020305";
        assertOther(id, a, "input");
        a = plain();
        (a.batchSize, a.input) = (2, hex"0102030401020304");
        assertOther(id, a, "batch");
        a = plain();
        a.callbackContract = address(0);
        assertOther(id, a, "no callback");
        a.callbackContract = DAVE;
        assertOther(id, a, "callback");
        a = plain();
        a.gasLimit = 100_001;
        assertOther(id, a, "gas limit");
        a = plain();
        a.callbackData = "datum";
        assertOther(id, a, "data");
    }

    function test_the_same_number_on_other_terms_is_another_id() public {
        uint256 id = send(plain(), 1);
        Ask memory a = plain();
        a.options.mode = IInferenceOracle.CallbackMode.Optimistic;
        assertOther(id, a, "mode");
        a = plain();
        a.options.window = FAST;
        assertOther(id, a, "window");
        a = plain();
        a.options.minBond = 1;
        assertOther(id, a, "bond");
        a = plain();
        a.options.maxFee = PRICE;
        assertOther(id, a, "most fee");
        a = plain();
        a.options.refundTo = BOB;
        assertOther(id, a, "refunds");

        a = plain();
        a.versionId = tokens;
        id = send(a, 1);
        a.options.asset = address(usdc);
        assertOther(id, a, "asset");
    }

    function test_the_same_number_at_another_price_is_another_id() public {
        uint256 id = send(plain(), 1);
        vm.prank(PUBLISHER);
        registry.schedulePrice(digits, ETH, PRICE + 1);
        vm.warp(block.timestamp + 48 hours);
        assertOther(id, plain(), "price");
    }

    function test_another_oracle_and_another_chain_have_other_ids() public {
        uint256 id = send(plain(), 1);
        Ask memory a = plain();
        (, a.oracle) = deploy(address(judge));
        assertOther(id, a, "oracle");
        vm.chainId(block.chainid + 1);
        assertOther(id, plain(), "chain");
    }

    function test_identical_requests_in_a_block_differ() public {
        uint256 first = send(plain());
        uint256 second = send(plain());
        assertTrue(first != second, "ids");
        assertEq(oracle.requestCount(), 2, "count");
        assertStatus(first, IInferenceOracle.Status.Open);
        assertStatus(second, IInferenceOracle.Status.Open);
    }

    // ---------------------------------------------------------------- after a reorganisation

    function test_an_answer_to_a_request_that_is_gone_reaches_no_other() public {
        uint256 snapshot = vm.snapshotState();
        uint256 gone = send(plain());
        vm.revertToState(snapshot);
        Ask memory a = plain();
        a.input = hex"04030201";
        uint256 instead = send(a);
        assertEq(oracle.requestCount(), 1, "in its place");
        vm.roll(block.number + 2);

        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_WrongStatus.selector,
                gone,
                IInferenceOracle.Status.None
            )
        );
        vm.prank(ALICE);
        oracle.assertOutputs(gone, one(hex"beef"));

        uint256[] memory ids = new uint256[](1);
        bytes[][] memory outputs = new bytes[][](1);
        (ids[0], outputs[0]) = (gone, one(hex"beef"));
        vm.prank(ALICE);
        oracle.assertMany(ids, outputs);
        assertStatus(instead, IInferenceOracle.Status.Open);
        assertEq(operators.operator(ALICE).locked, 0, "no bond");
    }

    function test_an_unchanged_request_that_is_mined_again_keeps_its_id_and_the_answer_stays_good(
        uint256 blocks,
        uint256 delay,
        uint256 baseFee
    ) public {
        uint256 snapshot = vm.snapshotState();
        uint256 id = send(plain());
        vm.revertToState(snapshot);
        vm.roll(block.number + bound(blocks, 0, 1_000));
        vm.warp(block.timestamp + bound(delay, 0, 1 days));
        vm.fee(bound(baseFee, 0, 1 gwei));
        assertEq(send(plain()), id, "id");
        vm.roll(block.number + 2);
        answer(ALICE, id, hex"beef");
        assertStatus(id, IInferenceOracle.Status.Asserted);
    }

    // ---------------------------------------------------------------- helpers

    function plain() private view returns (Ask memory) {
        return Ask(oracle, DAVE, digits, 1, INPUT, address(client), 100_000, "data", options());
    }

    function send(Ask memory a) private returns (uint256) {
        vm.prank(a.account);
        return
            a.oracle.requestInference{value: 1 ether}(
                a.versionId,
                a.batchSize,
                a.input,
                a.callbackContract,
                a.gasLimit,
                a.callbackData,
                a.options
            );
    }

    /// The id of `a` where it is request `number` of its oracle; leaves no trace.
    function send(Ask memory a, uint256 number) private returns (uint256 id) {
        uint256 snapshot = vm.snapshotState();
        vm.store(address(a.oracle), bytes32(0), bytes32(number - 1));
        assertEq(a.oracle.requestCount(), number - 1, "the number is in the first slot");
        id = send(a);
        vm.revertToState(snapshot);
    }

    function assertOther(uint256 id, Ask memory a, string memory what) private {
        assertTrue(send(a, 1) != id, what);
    }
}
