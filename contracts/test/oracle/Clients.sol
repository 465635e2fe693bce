// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IAIOracle, IAIOracleCallback} from "../../src/interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";

/// The receiver as the Onchain AI Oracle publishes it for its users.
abstract contract AIOracleCallbackReceiver is IAIOracleCallback {
    IAIOracle public immutable aiOracle;

    error UnauthorizedCallbackSource(IAIOracle expected, IAIOracle found);

    constructor(IAIOracle aiOracle_) {
        aiOracle = aiOracle_;
    }

    modifier onlyAIOracleCallback() {
        IAIOracle found = IAIOracle(msg.sender);
        if (address(aiOracle) != msg.sender) revert UnauthorizedCallbackSource(aiOracle, found);
        _;
    }

    function aiOracleCallbackError(uint256, IAIOracle.AIOracleError, bytes calldata, bytes calldata) external virtual {}
}

/// A contract written for OAO, and for nothing of ours: estimate, request, receive.
contract Prompt is AIOracleCallbackReceiver {
    struct AIOracleRequest {
        address sender;
        uint256 modelId;
        bytes input;
        bytes output;
    }

    event promptsUpdated(uint256 requestId, uint256 modelId, string input, string output, bytes callbackData);
    event promptRequest(uint256 requestId, address sender, uint256 modelId, string prompt);

    mapping(uint256 => AIOracleRequest) public requests;
    mapping(uint256 => mapping(string => string)) public prompts;
    uint64 private constant GAS_LIMIT = 400_000;

    constructor(IAIOracle aiOracle_) AIOracleCallbackReceiver(aiOracle_) {}

    function getAIResult(uint256 modelId, string calldata prompt) external view returns (string memory) {
        return prompts[modelId][prompt];
    }

    function aiOracleCallback(
        uint256 requestId,
        bytes calldata output,
        bytes calldata callbackData
    ) external override onlyAIOracleCallback {
        AIOracleRequest storage request = requests[requestId];
        require(request.sender != address(0), "request does not exist");
        request.output = output;
        prompts[request.modelId][string(request.input)] = string(output);
        emit promptsUpdated(requestId, request.modelId, string(request.input), string(output), callbackData);
    }

    function estimateFee(uint256 modelId) public view returns (uint256) {
        return aiOracle.estimateFee(modelId, GAS_LIMIT);
    }

    function calculateAIResult(uint256 modelId, string calldata prompt) external payable returns (uint256 requestId) {
        bytes memory input = bytes(prompt);
        requestId = aiOracle.requestCallback{value: msg.value}(modelId, input, address(this), GAS_LIMIT, "");
        AIOracleRequest storage request = requests[requestId];
        request.input = input;
        request.sender = msg.sender;
        request.modelId = modelId;
        emit promptRequest(requestId, msg.sender, modelId, prompt);
    }
}

/// Remembers what it was told; behaves as badly as it is asked to.
contract Client is IAIOracleCallback {
    enum Behaviour {
        Accept,
        Ignore,
        Revert,
        BurnAllGas,
        RevertWithMegabyte,
        Reenter
    }

    Behaviour public behaviour;
    uint256 public calls;
    uint256 public lastRequestId;
    bytes public lastOutput;
    bytes public lastData;

    address private _target;
    bytes private _call;
    uint256 private _value;
    bool public reentrySucceeded;
    bytes public reentryReturned;

    error Refused(uint256 requestId);

    receive() external payable {}

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    /// During the next callback, calls `target`.
    function reenter(address target, uint256 value, bytes calldata call) external {
        (behaviour, _target, _value, _call) = (Behaviour.Reenter, target, value, call);
    }

    function run(address target, uint256 value, bytes calldata data) external payable returns (bytes memory returned) {
        bool success;
        (success, returned) = target.call{value: value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(returned, 0x20), mload(returned))
            }
        }
    }

    function aiOracleCallback(uint256 requestId, bytes calldata output, bytes calldata callbackData) external {
        if (behaviour == Behaviour.Ignore) return;
        if (behaviour == Behaviour.Revert) revert Refused(requestId);
        if (behaviour == Behaviour.BurnAllGas) {
            assembly {
                invalid()
            }
        }
        if (behaviour == Behaviour.RevertWithMegabyte) {
            assembly {
                // Beyond all that is in use, so that every byte is zero.
                revert(0x10000, 1000000)
            }
        }
        if (behaviour == Behaviour.Reenter) {
            (reentrySucceeded, reentryReturned) = _target.call{value: _value}(_call);
        }
        ++calls;
        (lastRequestId, lastOutput, lastData) = (requestId, output, callbackData);
    }

    function aiOracleCallbackError(uint256, IAIOracle.AIOracleError, bytes calldata, bytes calldata) external {}
}

/// A judge that convicts whom it is told to.
contract TestJudge {
    mapping(uint256 requestId => bool) public hasOpenDispute;

    receive() external payable {}

    function dispute(uint256 requestId) external {
        hasOpenDispute[requestId] = true;
    }

    function acquit(uint256 requestId) external {
        hasOpenDispute[requestId] = false;
    }

    function convict(IInferenceOracle oracle, uint256 requestId, address challenger) external {
        hasOpenDispute[requestId] = false;
        oracle.voidAssertion(requestId, challenger);
    }
}
