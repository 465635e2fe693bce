// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title IAIOracle
/// @notice The interface of the Onchain AI Oracle (OAO), kept so that contracts written for it work unchanged.
/// @dev `modelId` is an immutable version id of the ModelRegistry. DA modes Blob and IPFS revert.
interface IAIOracle {
    enum DA {
        Calldata,
        Blob,
        IPFS
    }

    enum AIOracleError {
        InvalidInput,
        InvalidBatchSize
    }

    event AICallbackRequest(
        address indexed account,
        uint256 indexed requestId,
        uint256 modelId,
        bytes input,
        address callbackContract,
        uint64 gasLimit,
        bytes callbackData
    );

    event AICallbackResult(address indexed account, uint256 indexed requestId, address invoker, bytes output);

    function requestCallback(
        uint256 modelId,
        bytes memory input,
        address callbackContract,
        uint64 gasLimit,
        bytes memory callbackData
    ) external payable returns (uint256);

    function requestCallback(
        uint256 modelId,
        bytes memory input,
        address callbackContract,
        uint64 gasLimit,
        bytes memory callbackData,
        DA inputDA,
        DA outputDA
    ) external payable returns (uint256);

    function requestBatchInference(
        uint256 batchSize,
        uint256 modelId,
        bytes memory input,
        address callbackContract,
        uint64 gasLimit,
        bytes memory callbackData,
        DA inputDA,
        DA outputDA
    ) external payable returns (uint256);

    function estimateFee(uint256 modelId, uint256 gasLimit) external view returns (uint256);

    function estimateFeeBatch(uint256 modelId, uint256 gasLimit, uint256 batchSize) external view returns (uint256);

    function isFinalized(uint256 requestId) external view returns (bool);
}

/// @notice What a client contract implements; it must check that `msg.sender` is the oracle.
interface IAIOracleCallback {
    /// @dev selector 0xb0347814
    function aiOracleCallback(uint256 requestId, bytes calldata output, bytes calldata callbackData) external;

    /// @dev selector 0x8e6fd006
    function aiOracleCallbackError(
        uint256 requestId,
        IAIOracle.AIOracleError code,
        bytes calldata message,
        bytes calldata callbackData
    ) external;
}
