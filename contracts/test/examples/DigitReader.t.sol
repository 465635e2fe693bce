// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {IAIOracle} from "../../src/interfaces/IAIOracle.sol";
import {DigitReader} from "../../src/examples/DigitReader.sol";

/// Stands where the oracle stands: remembers the request, answers when told, keeps the client's credit.
contract FakeOracle {
    uint256 public paid;
    bytes32 public requestHash;
    uint256 public callbackGasUsed;

    function requestCallback(
        uint256 modelId,
        bytes memory input,
        address callbackContract,
        uint64 gasLimit,
        bytes memory callbackData
    ) external payable returns (uint256) {
        paid = msg.value;
        requestHash = keccak256(abi.encode(msg.sender, modelId, input, callbackContract, gasLimit, callbackData));
        return 7;
    }

    function answer(DigitReader reader, uint256 requestId, bytes calldata output) external {
        uint256 before = gasleft();
        reader.aiOracleCallback{gas: reader.CALLBACK_GAS()}(requestId, output, "");
        callbackGasUsed = before - gasleft();
    }

    function fail(DigitReader reader, uint256 requestId) external {
        reader.aiOracleCallbackError(requestId, IAIOracle.AIOracleError.InvalidInput, "too dark", "");
    }

    function estimateFee(uint256 modelId, uint256 gasLimit) external pure returns (uint256) {
        return modelId * 1_000_000 + gasLimit;
    }

    /// Whoever calls has all of the credit.
    function withdrawCredit(address asset, address to) external {
        require(asset == address(0), "ETH only");
        (bool ok, ) = to.call{value: address(this).balance}("");
        require(ok, "pay");
    }
}

contract DigitReaderTest is Test {
    uint256 private constant MODEL = 3;

    FakeOracle private oracle;
    DigitReader private reader;
    address private deployer;
    address private asker;

    function setUp() public {
        (deployer, asker) = (account("deployer", 0), account("asker", 1 ether));
        oracle = new FakeOracle();
        vm.prank(deployer);
        reader = new DigitReader(address(oracle), MODEL);
    }

    /// The label in little-endian bytes, then ten logits that do not matter here.
    function output(bytes8 label) private pure returns (bytes memory) {
        return abi.encodePacked(label, bytes32(type(uint256).max), bytes8(0));
    }

    function test_ask_requestsTheModel_withItsOwnCallback_andPassesThePaymentOn() public {
        bytes memory image = hex"00ff80";
        vm.expectEmit(address(reader));
        emit DigitReader.DigitAsked(7, asker);
        vm.prank(asker);
        uint256 requestId = reader.ask{value: 0.1 ether}(image);

        assertEq(requestId, 7, "id");
        assertEq(oracle.paid(), 0.1 ether, "paid");
        bytes memory expected = abi.encode(
            address(reader),
            MODEL,
            image,
            address(reader),
            reader.CALLBACK_GAS(),
            bytes("")
        );
        assertEq(oracle.requestHash(), keccak256(expected), "request");
        assertFalse(reader.answered(7), "not answered yet");
    }

    function test_theAnswerIsStored_andAnnounced() public {
        vm.expectEmit(address(reader));
        emit DigitReader.DigitRead(7, 5);
        oracle.answer(reader, 7, output(0x0500000000000000));
        assertTrue(reader.answered(7), "answered");
        assertEq(int256(reader.labelOf(7)), 5, "label");
        assertFalse(reader.answered(8), "another request");
    }

    function test_zeroIsADigit() public {
        oracle.answer(reader, 7, output(0));
        assertTrue(reader.answered(7), "answered");
        assertEq(int256(reader.labelOf(7)), 0, "label");
    }

    /// An optimistic answer that was convicted comes a second time.
    function test_aLaterAnswerReplacesAnEarlierOne() public {
        oracle.answer(reader, 7, output(0x0500000000000000));
        oracle.answer(reader, 7, output(0x0600000000000000));
        assertEq(int256(reader.labelOf(7)), 6, "label");
    }

    function testFuzz_labelsAreLittleEndian(int64 label) public {
        uint64 bits = uint64(label);
        bytes memory raw = new bytes(8);
        for (uint256 i = 0; i < 8; ++i) {
            raw[i] = bytes1(uint8(bits >> (8 * i)));
        }
        oracle.answer(reader, 7, output(bytes8(raw)));
        assertEq(int256(reader.labelOf(7)), int256(label), "label");
    }

    function test_theCallbackUsesAtMostHalfOfItsGas() public {
        oracle.answer(reader, 7, output(0x0500000000000000));
        assertLe(oracle.callbackGasUsed(), reader.CALLBACK_GAS() / 2 + 3_000, "gas, with the call itself");
    }

    function test_onlyTheOracleAnswers() public {
        bytes memory refusal = abi.encodeWithSelector(DigitReader.DigitReader_NotOracle.selector, asker);
        vm.prank(asker);
        vm.expectRevert(refusal);
        reader.aiOracleCallback(7, "", "");
        vm.prank(asker);
        vm.expectRevert(refusal);
        reader.aiOracleCallbackError(7, IAIOracle.AIOracleError.InvalidInput, "", "");
    }

    function test_anOutputOfAnotherLength_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(DigitReader.DigitReader_WrongOutputLength.selector, 47, 48));
        oracle.answer(reader, 7, new bytes(47));
    }

    function test_anErrorIsAnnounced_andLeavesTheRequestUnanswered() public {
        vm.expectEmit(address(reader));
        emit DigitReader.DigitNotRead(7, IAIOracle.AIOracleError.InvalidInput, "too dark");
        oracle.fail(reader, 7);
        vm.expectRevert(abi.encodeWithSelector(DigitReader.DigitReader_NotAnswered.selector, 7));
        reader.labelOf(7);
    }

    function test_price_isTheOraclesEstimate() public view {
        assertEq(reader.price(), MODEL * 1_000_000 + reader.CALLBACK_GAS(), "price");
    }

    function test_withdrawCredit_goesToTheDeployer_whoeverCalls() public {
        vm.deal(address(oracle), 0.3 ether);
        vm.prank(asker);
        reader.withdrawCredit();
        assertEq(deployer.balance, 0.3 ether, "deployer");
    }
}
