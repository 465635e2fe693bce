// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IAIOracle, IAIOracleCallback} from "../interfaces/IAIOracle.sol";

/// @title AIOracleCallbackReceiver
/// @notice The receiver, in the shape in which the Onchain AI Oracle (OAO) gives it to its users.
abstract contract AIOracleCallbackReceiver is IAIOracleCallback {
    IAIOracle public immutable aiOracle;

    error UnauthorizedCallbackSource(IAIOracle expected, IAIOracle found);

    constructor(IAIOracle aiOracle_) {
        aiOracle = aiOracle_;
    }

    modifier onlyAIOracleCallback() {
        if (address(aiOracle) != msg.sender) revert UnauthorizedCallbackSource(aiOracle, IAIOracle(msg.sender));
        _;
    }

    /// @inheritdoc IAIOracleCallback
    function aiOracleCallbackError(uint256, IAIOracle.AIOracleError, bytes calldata, bytes calldata) external virtual {}
}

/// @title Prompt
/// @notice An application that asks a model to write on from a prompt and keeps what it wrote: OAO's own example, and nothing
/// in it knows that the oracle is ours.
contract Prompt is AIOracleCallbackReceiver {
    struct AIOracleRequest {
        address sender;
        uint256 modelId;
        bytes input;
        bytes output;
    }

    /// Enough to store a prompt's answer of some 200 bytes.
    uint64 private constant CALLBACK_GAS = 400_000;

    mapping(uint256 requestId => AIOracleRequest) public requests;
    mapping(uint256 modelId => mapping(string prompt => string output)) public prompts;

    event promptsUpdated(uint256 requestId, uint256 modelId, string input, string output, bytes callbackData);
    event promptRequest(uint256 requestId, address sender, uint256 modelId, string prompt);

    constructor(IAIOracle aiOracle_) AIOracleCallbackReceiver(aiOracle_) {}

    /// @notice Asks for the text that follows `prompt`. Send `estimateFee(modelId)` wei.
    function calculateAIResult(uint256 modelId, string calldata prompt) external payable returns (uint256 requestId) {
        bytes memory input = bytes(prompt);
        requestId = aiOracle.requestCallback{value: msg.value}(modelId, input, address(this), CALLBACK_GAS, "");
        AIOracleRequest storage request = requests[requestId];
        (request.sender, request.modelId, request.input) = (msg.sender, modelId, input);
        emit promptRequest(requestId, msg.sender, modelId, prompt);
    }

    /// @inheritdoc IAIOracleCallback
    function aiOracleCallback(
        uint256 requestId,
        bytes calldata output,
        bytes calldata callbackData
    ) external onlyAIOracleCallback {
        AIOracleRequest storage request = requests[requestId];
        require(request.sender != address(0), "request does not exist");
        request.output = output;
        prompts[request.modelId][string(request.input)] = string(output);
        emit promptsUpdated(requestId, request.modelId, string(request.input), string(output), callbackData);
    }

    function estimateFee(uint256 modelId) external view returns (uint256) {
        return aiOracle.estimateFee(modelId, CALLBACK_GAS);
    }

    /// @notice What the model wrote; empty before.
    function getAIResult(uint256 modelId, string calldata prompt) external view returns (string memory) {
        return prompts[modelId][prompt];
    }
}
