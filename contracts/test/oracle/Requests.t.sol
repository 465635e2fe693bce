// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {OracleFixture} from "./OracleFixture.sol";
import {FeeERC20} from "../support/FeeERC20.sol";
import {IAIOracle} from "../../src/interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";
import {IRevenueRouter} from "../../src/interfaces/IRevenueRouter.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";
import {ModelRegistry} from "../../src/registry/ModelRegistry.sol";

/// Making requests: what is refused, what it costs, and what is remembered of it.
contract RequestsTest is OracleFixture {
    bytes private constant INPUT = hex"01020304";

    // ---------------------------------------------------------------- construction

    function test_a_deployment_is_refused_without_bounds_that_make_sense() public {
        IInferenceOracle.Parameters memory p = bounds();
        p.fastWindow = 0;
        expectBadConfig(p, "windows");
        p.fastWindow = SAFE + 1;
        expectBadConfig(p, "windows");
        p = bounds();
        p.exclusiveWindow = 0;
        expectBadConfig(p, "exclusiveWindow");
        p.exclusiveWindow = DEADLINE;
        expectBadConfig(p, "exclusiveWindow");
        p = bounds();
        p.maxOutputBytes = 0;
        expectBadConfig(p, "maxOutputBytes");
        p.maxOutputBytes = 65_536;
        expectBadConfig(p, "maxOutputBytes");
        p = bounds();
        p.maxBatchSize = 0;
        expectBadConfig(p, "maxBatchSize");
        p.maxBatchSize = 65_536;
        expectBadConfig(p, "maxBatchSize");
        p = bounds();
        p.gasPriceFloor = 0;
        expectBadConfig(p, "gasPriceFloor");
        p.gasPriceFloor = 1 << 56;
        expectBadConfig(p, "gasPriceFloor");
        p = bounds();
        p.minBond = 0;
        expectBadConfig(p, "minBond");
        p.minBond = (1 << 48) * 1e12;
        expectBadConfig(p, "minBond");
        // An epoch too short to remember a draw for as long as it is needed.
        p = bounds();
        p.requestDeadline = 2 hours;
        p.exclusiveWindow = EPOCH + 1;
        expectBadConfig(p, "epochLength");
    }

    function test_a_deployment_is_refused_among_strangers() public {
        bytes4 badConfig = IInferenceOracle.InferenceOracle_BadConfig.selector;
        refuse(abi.encodeWithSelector(badConfig, bytes32("operators")));
        new InferenceOracle(bounds(), registry, router, operators, address(0));

        ModelRegistry other = new ModelRegistry(registry.parameters(), address(0xFAC), address(operators));
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        OperatorRegistry own = new OperatorRegistry(operatorBounds(), other, predicted, address(0));
        refuse(abi.encodeWithSelector(badConfig, bytes32("router")));
        new InferenceOracle(bounds(), other, router, own, address(0));

        bytes memory zero = abi.encodeWithSelector(IInferenceOracle.InferenceOracle_ZeroAddress.selector);
        refuse(zero);
        new InferenceOracle(bounds(), IModelRegistry(address(0)), router, operators, address(0));
        refuse(zero);
        new InferenceOracle(bounds(), registry, IRevenueRouter(address(0)), operators, address(0));
        refuse(zero);
        new InferenceOracle(bounds(), registry, router, IOperatorRegistry(address(0)), address(0));
    }

    function test_it_tells_its_bounds_and_neighbours() public view {
        assertEq(keccak256(abi.encode(oracle.parameters())), keccak256(abi.encode(bounds())), "parameters");
        assertEq(oracle.registry(), address(registry), "registry");
        assertEq(oracle.router(), address(router), "router");
        assertEq(oracle.operators(), address(operators), "operators");
        assertEq(oracle.disputeGame(), address(judge), "judge");
    }

    // ---------------------------------------------------------------- what is remembered

    function test_a_request_is_remembered_as_it_was_made() public {
        IInferenceOracle.RequestOptions memory o = IInferenceOracle.RequestOptions({
            mode: IInferenceOracle.CallbackMode.Optimistic,
            window: FAST,
            minBond: 3 ether,
            maxFee: PRICE,
            minTier: IModelRegistry.Tier.Unverified,
            asset: ETH,
            refundTo: BOB
        });
        uint256 value = total(digits);
        // What becomes the id, `RequestIds` tells.
        vm.expectEmit(true, false, true, true, address(oracle));
        emit IAIOracle.AICallbackRequest(ALICE, 0, digits, INPUT, address(client), 100_000, "data");
        vm.expectEmit(false, true, true, true, address(oracle));
        emit IInferenceOracle.RequestOpened(
            0,
            digits,
            ALICE,
            1,
            ETH,
            PRICE,
            value - PRICE,
            block.timestamp + DEADLINE,
            leafOf(INPUT),
            o
        );
        vm.prank(ALICE);
        uint256 requestId = oracle.requestInference{value: value}(
            digits,
            1,
            INPUT,
            address(client),
            100_000,
            "data",
            o
        );

        IInferenceOracle.Request memory r = oracle.request(requestId);
        assertEq(r.account, ALICE, "account");
        assertEq(uint256(r.status), uint256(IInferenceOracle.Status.Open), "status");
        assertEq(uint256(r.mode), uint256(IInferenceOracle.CallbackMode.Optimistic), "mode");
        assertEq(r.window, FAST, "window");
        assertEq(r.requestedAt, block.timestamp, "time");
        assertEq(r.turnedBlock, block.number, "block");
        assertEq(r.versionId, digits, "version");
        assertEq(r.batchSize, 1, "batch");
        assertEq(r.callbackContract, address(client), "callback");
        assertEq(r.gasLimit, 100_000, "gas limit");
        assertEq(r.refundTo, BOB, "refunds");
        assertEq(r.asset, ETH, "asset");
        assertEq(r.fee, PRICE, "fee");
        assertEq(r.gasPrepaid, value - PRICE, "gas");
        assertEq(r.minBond, 3 ether, "bond");
        assertEq(r.inputRoot, leafOf(INPUT), "input");
        assertEq(r.callbackDataHash, keccak256("data"), "data");
        assertEq(oracle.bondOf(requestId), 3 ether, "bond");
        assertEq(oracle.deadlineOf(requestId), block.timestamp + DEADLINE, "deadline");
        assertEq(oracle.assertion(requestId).operator, address(0), "no answer");
        assertEq(oracle.assertion(requestId).outputRoot, bytes32(0), "no answer");
    }

    function test_a_standard_request_has_the_safe_window_and_a_final_callback_to_whom_it_says() public {
        uint256 requestId = standard(ALICE, address(client), total(digits));
        IInferenceOracle.Request memory r = oracle.request(requestId);
        assertEq(r.window, SAFE, "window");
        assertEq(uint256(r.mode), uint256(IInferenceOracle.CallbackMode.Final), "mode");
        assertEq(r.refundTo, ALICE, "refunds");
        assertEq(r.minBond, 0, "bond");
        assertEq(r.callbackContract, address(client), "callback");
        assertEq(r.callbackDataHash, keccak256(""), "no data");
    }

    function test_a_client_that_opted_in_is_called_back_optimistically() public {
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.CallbackModeSet(ALICE, IInferenceOracle.CallbackMode.Optimistic);
        vm.prank(ALICE);
        oracle.setCallbackMode(IInferenceOracle.CallbackMode.Optimistic);
        uint256 hers = standard(ALICE, address(client), total(digits));
        uint256 his = standard(BOB, address(client), total(digits));
        assertEq(uint256(oracle.request(hers).mode), 1, "hers");
        assertEq(uint256(oracle.request(his).mode), 0, "his");
        assertEq(uint256(oracle.callbackModeOf(ALICE)), 1, "mode");
    }

    function test_identical_requests_in_a_block_are_two_requests() public {
        uint256 first = standard(ALICE, address(client), total(digits));
        uint256 second = standard(ALICE, address(client), total(digits));
        assertTrue(first != second, "ids");
        assertStatus(first, IInferenceOracle.Status.Open);
        assertStatus(second, IInferenceOracle.Status.Open);
        assertEq(oracle.requestCount(), 2, "count");
    }

    function test_an_unknown_request_is_all_zero() public view {
        assertStatus(7, IInferenceOracle.Status.None);
        assertEq(oracle.request(7).callbackDataHash, bytes32(0), "nothing");
        assertFalse(oracle.isFinalized(7), "final");
        assertFalse(mayAssert(7, ALICE), "answerable");
    }

    function test_the_three_standard_entry_points_are_one() public {
        uint256 value = total(digits);
        vm.startPrank(ALICE);
        uint256 a = oracle.requestCallback{value: value}(digits, INPUT, address(client), 100_000, "");
        uint256 b = oracle.requestCallback{value: value}(
            digits,
            INPUT,
            address(client),
            100_000,
            "",
            IAIOracle.DA.Calldata,
            IAIOracle.DA.Calldata
        );
        uint256 c = oracle.requestBatchInference{value: value}(
            1,
            digits,
            INPUT,
            address(client),
            100_000,
            "",
            IAIOracle.DA.Calldata,
            IAIOracle.DA.Calldata
        );
        vm.stopPrank();
        bytes32 request = keccak256(abi.encode(oracle.request(a)));
        assertEq(keccak256(abi.encode(oracle.request(b))), request, "the same");
        assertEq(keccak256(abi.encode(oracle.request(c))), request, "the same");
    }

    // ---------------------------------------------------------------- what is refused

    function test_other_data_availability_is_refused() public {
        bytes4 unsupported = IInferenceOracle.InferenceOracle_UnsupportedDA.selector;
        IAIOracle.DA calldata_ = IAIOracle.DA.Calldata;
        refuse(abi.encodeWithSelector(unsupported, IAIOracle.DA.Blob));
        oracle.requestCallback(digits, INPUT, address(0), 0, "", IAIOracle.DA.Blob, calldata_);
        refuse(abi.encodeWithSelector(unsupported, IAIOracle.DA.IPFS));
        oracle.requestCallback(digits, INPUT, address(0), 0, "", calldata_, IAIOracle.DA.IPFS);
        refuse(abi.encodeWithSelector(unsupported, IAIOracle.DA.IPFS));
        oracle.requestBatchInference(1, digits, INPUT, address(0), 0, "", IAIOracle.DA.IPFS, calldata_);
    }

    function test_input_of_a_wrong_length_is_refused_in_the_request_itself() public {
        bytes4 wrong = IInferenceOracle.InferenceOracle_WrongInputLength.selector;
        refuse(abi.encodeWithSelector(wrong, 3, 4, 4));
        oracle.requestCallback(digits, hex"010203", address(0), 0, "");
        refuse(abi.encodeWithSelector(wrong, 5, 4, 4));
        oracle.requestCallback(digits, hex"0102030405", address(0), 0, "");
        refuse(abi.encodeWithSelector(wrong, 301, 0, 300));
        oracle.requestCallback(prose, new bytes(301), address(0), 0, "");
        refuse(abi.encodeWithSelector(wrong, 8, 12, 12));
        oracle.requestInference(digits, 3, new bytes(8), address(0), 0, "", options());
        // The bounds themselves are met.
        oracle.requestCallback{value: PRICE}(prose, "", address(0), 0, "");
        oracle.requestCallback{value: PRICE}(prose, new bytes(300), address(0), 0, "");
    }

    function test_batches_are_bounded_and_need_one_length_of_inputs_and_outputs() public {
        bytes4 wrong = IInferenceOracle.InferenceOracle_WrongBatchSize.selector;
        refuse(abi.encodeWithSelector(wrong, 0, 64));
        oracle.requestInference(digits, 0, "", address(0), 0, "", options());
        refuse(abi.encodeWithSelector(wrong, 65, 64));
        oracle.requestInference(digits, 65, new bytes(260), address(0), 0, "", options());
        refuse(abi.encodeWithSelector(wrong, 2, 1));
        oracle.requestInference(prose, 2, "", address(0), 0, "", options());
        uint256 oneInput = publish(IModelRegistry.IOBounds(4, 4, 1, 2, 0), 0, ethPrice(1));
        refuse(abi.encodeWithSelector(wrong, 2, 1));
        oracle.requestInference(oneInput, 2, new bytes(8), address(0), 0, "", options());
        oracle.requestInference{value: 64 * PRICE}(digits, 64, new bytes(256), address(0), 0, "", options());
    }

    function test_a_version_whose_outputs_cannot_be_answered_on_chain_is_refused() public {
        uint256 large = publish(IModelRegistry.IOBounds(1, 1, 8_193, 9_000, 0), 0, ethPrice(1));
        refuse(
            abi.encodeWithSelector(IInferenceOracle.InferenceOracle_WrongOutputLength.selector, 0, 8_193, 8_193, 8_192)
        );
        oracle.requestCallback{value: 1}(large, hex"01", address(0), 0, "");
    }

    function test_a_version_that_is_not_sold_for_the_asset_is_refused() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(usdc);
        refuse(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NotSold.selector, digits, address(usdc)));
        oracle.requestInference(digits, 1, INPUT, address(0), 0, "", o);
        refuse(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchVersion.selector, 99));
        oracle.requestCallback(99, INPUT, address(0), 0, "");
    }

    function test_a_fee_above_what_the_requester_accepts_is_refused() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.maxFee = PRICE - 1;
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_FeeAboveMax.selector, PRICE, PRICE - 1));
        oracle.requestInference{value: PRICE}(digits, 1, INPUT, address(0), 0, "", o);
    }

    function test_a_fee_beyond_96_bits_is_refused() public {
        uint256 dear = publish(IModelRegistry.IOBounds(1, 1, 1, 1, 0), 0, ethPrice(1 << 96));
        refuse(
            abi.encodeWithSelector(
                IInferenceOracle.InferenceOracle_FeeAboveMax.selector,
                uint256(1 << 96),
                type(uint96).max
            )
        );
        oracle.requestCallback(dear, hex"01", address(0), 0, "");
    }

    function test_a_bond_beyond_what_can_be_stored_is_refused() public {
        IInferenceOracle.RequestOptions memory o = options();
        uint256 most = ((1 << 48) - 1) * 1e12;
        o.minBond = uint128(most + 1);
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_BondTooHigh.selector, most + 1, most));
        oracle.requestInference{value: PRICE}(digits, 1, INPUT, address(0), 0, "", o);
    }

    function test_a_tier_the_version_does_not_have_is_refused() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.minTier = IModelRegistry.Tier.Disputable;
        bytes memory error_ = abi.encodeWithSelector(
            IInferenceOracle.InferenceOracle_TierTooLow.selector,
            IModelRegistry.Tier.Unverified,
            IModelRegistry.Tier.Disputable
        );
        refuse(error_);
        oracle.requestInference{value: PRICE}(digits, 1, INPUT, address(0), 0, "", o);

        enlist(ALICE, MIN_STAKE, digits);
        enlist(BOB, MIN_STAKE, digits);
        oracle.requestInference{value: PRICE}(digits, 1, INPUT, address(0), 0, "", o);

        // Where there is no judge, nothing is disputable.
        (, InferenceOracle unjudged) = deploy(address(0));
        refuse(error_);
        unjudged.requestInference{value: PRICE}(digits, 1, INPUT, address(0), 0, "", o);
    }

    function test_a_window_that_is_neither_safe_nor_fast_is_refused() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.window = SAFE - 1;
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_UnknownWindow.selector, SAFE - 1));
        oracle.requestInference{value: PRICE}(digits, 1, INPUT, address(0), 0, "", o);
    }

    function test_a_gas_limit_beyond_the_block_or_32_bits_is_refused() public {
        uint256 most = block.gaslimit < type(uint32).max ? block.gaslimit : type(uint32).max;
        bytes4 tooHigh = IInferenceOracle.InferenceOracle_GasLimitTooHigh.selector;
        refuse(abi.encodeWithSelector(tooHigh, most + 1, most));
        oracle.requestCallback(digits, INPUT, address(client), uint64(most + 1), "");
        refuse(abi.encodeWithSelector(tooHigh, type(uint64).max, most));
        oracle.requestCallback(digits, INPUT, address(client), type(uint64).max, "");
    }

    // ---------------------------------------------------------------- what it costs

    function test_the_quote_is_the_fee_and_gas_for_two_callbacks() public {
        uint256 perCallback = 100_000 + oracle.DELIVERY_GAS() + 2 * 3 * oracle.DELIVERY_GAS_PER_BYTE();
        (uint256 fee, uint256 gasPrepaid) = oracle.quote(digits, 100_000, 3, ETH);
        assertEq(fee, 3 * PRICE, "fee");
        assertEq(gasPrepaid, 2 * perCallback * 1 gwei, "gas");
        assertEq(oracle.estimateFeeBatch(digits, 100_000, 3), fee + gasPrepaid, "estimate");
        vm.fee(1);
        (, gasPrepaid) = oracle.quote(digits, 100_000, 3, ETH);
        assertEq(gasPrepaid, 2 * perCallback * FLOOR, "at the floor");
    }

    function test_a_request_without_a_callback_prepays_no_gas() public {
        uint256 requestId = standard(ALICE, address(0), PRICE);
        assertEq(oracle.request(requestId).gasPrepaid, 0, "gas");
        assertEq(address(oracle).balance, PRICE, "the fee alone");
    }

    function test_what_is_paid_beyond_the_price_becomes_credit_of_refundTo() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.refundTo = BOB;
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.CreditAdded(BOB, ETH, 7);
        vm.prank(ALICE);
        oracle.requestInference{value: PRICE + 7}(digits, 1, INPUT, address(0), 0, "", o);
        assertEq(oracle.creditOf(BOB, ETH), 7, "credit");
    }

    function test_credit_pays_what_the_value_does_not() public {
        standard(ALICE, address(0), 3 * PRICE);
        vm.expectEmit(address(oracle));
        emit IInferenceOracle.CreditUsed(ALICE, PRICE - 1);
        standard(ALICE, address(0), 1);
        assertEq(oracle.creditOf(ALICE, ETH), PRICE + 1, "credit");
        standard(ALICE, address(0), 0);
        assertEq(oracle.creditOf(ALICE, ETH), 1, "credit");
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_InsufficientPayment.selector, PRICE - 1, PRICE));
        standard(ALICE, address(0), PRICE - 2);
    }

    function test_nobody_pays_with_somebody_elses_credit() public {
        standard(ALICE, address(0), 3 * PRICE);
        IInferenceOracle.RequestOptions memory o = options();
        o.refundTo = ALICE;
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_InsufficientPayment.selector, 0, PRICE));
        vm.prank(BOB);
        oracle.requestInference(digits, 1, INPUT, address(0), 0, "", o);
    }

    function test_the_bond_is_the_greatest_of_its_four_bounds() public {
        // Ten times the fee is 0.04 ether; a dispute's gas is 5 * 850,000 * 1 gwei = 0.00425 ether.
        uint256 requestId = standard(ALICE, address(0), PRICE);
        assertEq(oracle.bondOf(requestId), 10 * PRICE, "by the fee");
        uint256 cheap = publish(IModelRegistry.IOBounds(4, 4, 2, 2, 0), 0, ethPrice(1));
        vm.prank(ALICE);
        uint256 other = oracle.requestCallback{value: 1}(cheap, INPUT, address(0), 0, "");
        assertEq(oracle.bondOf(other), MIN_BOND, "by the least bond");
        vm.fee(100 gwei);
        assertEq(oracle.bondOf(requestId), 0.425 ether, "by gas");
        IInferenceOracle.RequestOptions memory o = options();
        o.minBond = 7 ether + 1;
        vm.prank(ALICE);
        other = oracle.requestInference{value: 1}(cheap, 1, INPUT, address(0), 0, "", o);
        assertEq(oracle.bondOf(other), 7 ether + 1e12, "by the request, rounded up to a millionth");
    }

    // ---------------------------------------------------------------- ERC-20

    function test_a_fee_in_an_erc20_is_pulled_and_the_gas_paid_in_eth() public {
        usdc.mint(ALICE, USDC_PRICE);
        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(usdc);
        (uint256 fee, uint256 gasPrepaid) = oracle.quote(tokens, 100_000, 1, address(usdc));
        assertEq(fee, USDC_PRICE, "quote");
        vm.startPrank(ALICE);
        usdc.approve(address(oracle), fee);
        uint256 requestId = oracle.requestInference{value: gasPrepaid}(
            tokens,
            1,
            INPUT,
            address(client),
            100_000,
            "",
            o
        );
        vm.stopPrank();
        assertEq(usdc.balanceOf(address(oracle)), USDC_PRICE, "fee");
        assertEq(address(oracle).balance, gasPrepaid, "gas");
        assertEq(oracle.request(requestId).asset, address(usdc), "asset");
        assertEq(oracle.bondOf(requestId), 10 * PRICE, "the bond goes by the price in ETH");
    }

    function test_value_that_nothing_is_due_for_is_refused() public {
        usdc.mint(ALICE, USDC_PRICE);
        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(usdc);
        vm.startPrank(ALICE);
        usdc.approve(address(oracle), USDC_PRICE);
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_UnexpectedValue.selector, 1));
        oracle.requestInference{value: 1}(tokens, 1, INPUT, address(0), 0, "", o);
        oracle.requestInference(tokens, 1, INPUT, address(0), 0, "", o);
        vm.stopPrank();
    }

    function test_an_erc20_that_keeps_a_part_is_refused() public {
        FeeERC20 token = new FeeERC20(0);
        uint256 version = publishFor(address(token), 1_000);
        token.setFee(100);
        token.mint(ALICE, 1_000);
        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(token);
        vm.startPrank(ALICE);
        token.approve(address(oracle), 1_000);
        refuse(
            abi.encodeWithSelector(IInferenceOracle.InferenceOracle_ShortPayment.selector, address(token), 1_000, 990)
        );
        oracle.requestInference(version, 1, INPUT, address(0), 0, "", o);
        vm.stopPrank();
    }

    // ---------------------------------------------------------------- helpers

    function standard(address who, address callback, uint256 value) private returns (uint256) {
        vm.prank(who);
        return oracle.requestCallback{value: value}(digits, INPUT, callback, 100_000, "");
    }

    function ethPrice(uint256 amount) private pure returns (IModelRegistry.Price[] memory prices) {
        prices = new IModelRegistry.Price[](1);
        prices[0].amount = amount;
    }

    function expectBadConfig(IInferenceOracle.Parameters memory p, bytes32 reason) private {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        OperatorRegistry own = new OperatorRegistry(operatorBounds(), registry, predicted, address(0));
        refuse(abi.encodeWithSelector(IInferenceOracle.InferenceOracle_BadConfig.selector, reason));
        new InferenceOracle(p, registry, router, own, address(0));
    }
}
