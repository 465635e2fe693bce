// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title IDisputeGame
/// @notice What the oracle asks of the judge of its assertions. The judge calls `IInferenceOracle.voidAssertion` on a
/// conviction.
interface IDisputeGame {
    /// @notice True while a dispute against the current assertion of `requestId` is undecided.
    function hasOpenDispute(uint256 requestId) external view returns (bool);
}
