// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IAIOracle, IAIOracleCallback} from "../interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";

/// @title DigitReader
/// @notice An application that asks a model on-chain: it sends a handwritten digit and is told which one it is.
/// @dev An example, written as for any OAO-style oracle. The model takes the image's bytes and answers with 48 bytes: the label
/// as a little-endian int64, then ten little-endian int32 logits.
contract DigitReader is IAIOracleCallback {
    /// @notice Gas the callback is given; it needs about half of this.
    uint64 public constant CALLBACK_GAS = 60_000;
    uint256 private constant OUTPUT_BYTES = 48;

    struct Answer {
        int64 label;
        bool given;
    }

    IInferenceOracle public immutable oracle;
    uint256 public immutable modelId;
    address public immutable deployer;

    mapping(uint256 requestId => Answer) private _answers;

    event DigitAsked(uint256 indexed requestId, address indexed asker);
    event DigitRead(uint256 indexed requestId, int64 label);
    event DigitNotRead(uint256 indexed requestId, IAIOracle.AIOracleError code, bytes message);

    error DigitReader_NotOracle(address caller);
    error DigitReader_WrongOutputLength(uint256 length, uint256 expected);
    error DigitReader_NotAnswered(uint256 requestId);

    constructor(address oracle_, uint256 modelId_) {
        (oracle, modelId, deployer) = (IInferenceOracle(oracle_), modelId_, msg.sender);
    }

    modifier onlyOracle() {
        if (msg.sender != address(oracle)) revert DigitReader_NotOracle(msg.sender);
        _;
    }

    /// @notice Asks for the digit in `image`. Send at least `price()` wei; what the callback does not use becomes credit of
    /// this contract with the oracle.
    function ask(bytes calldata image) external payable returns (uint256 requestId) {
        requestId = oracle.requestCallback{value: msg.value}(modelId, image, address(this), CALLBACK_GAS, "");
        emit DigitAsked(requestId, msg.sender);
    }

    /// @inheritdoc IAIOracleCallback
    function aiOracleCallback(uint256 requestId, bytes calldata output, bytes calldata) external onlyOracle {
        if (output.length != OUTPUT_BYTES) revert DigitReader_WrongOutputLength(output.length, OUTPUT_BYTES);
        int64 label = _littleEndianInt64(bytes8(output[:8]));
        _answers[requestId] = Answer({label: label, given: true});
        emit DigitRead(requestId, label);
    }

    /// @inheritdoc IAIOracleCallback
    function aiOracleCallbackError(
        uint256 requestId,
        IAIOracle.AIOracleError code,
        bytes calldata message,
        bytes calldata
    ) external onlyOracle {
        emit DigitNotRead(requestId, code, message);
    }

    /// @notice Sends this contract's credit with the oracle (unused callback gas, refunds) to the deployer. Anyone.
    function withdrawCredit() external {
        oracle.withdrawCredit(address(0), deployer);
    }

    /// @notice What an answer costs now, in wei.
    function price() external view returns (uint256) {
        return oracle.estimateFee(modelId, CALLBACK_GAS);
    }

    function answered(uint256 requestId) external view returns (bool) {
        return _answers[requestId].given;
    }

    /// @notice The digit that was read. Reverts `NotAnswered` before.
    function labelOf(uint256 requestId) external view returns (int64) {
        Answer memory answer = _answers[requestId];
        if (!answer.given) revert DigitReader_NotAnswered(requestId);
        return answer.label;
    }

    function _littleEndianInt64(bytes8 raw) private pure returns (int64) {
        uint64 value;
        for (uint256 i = 8; i > 0; --i) {
            value = (value << 8) | uint8(raw[i - 1]);
        }
        // Two's complement either way.
        return int64(value);
    }
}
