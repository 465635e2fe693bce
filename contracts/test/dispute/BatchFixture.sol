// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {DisputeFixture} from "./DisputeFixture.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {PlayerTrees} from "./PlayerTrees.sol";
import {Relay} from "./Relay.sol";

/// A batch of requests for `relay` that Alice answers at once, and the traces of its items.
abstract contract BatchFixture is DisputeFixture {
    using Relay for Relay.Run;

    /// Three items, of which Alice got the second wrong.
    function answeredBatch() internal returns (IDisputeGame.Subject memory second, Relay.Run[3] memory runs) {
        bytes[3] memory inputs = [bytes(hex"01020304"), hex"05060708", hex"090a0b0c"];
        bytes[] memory outputs = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) {
            runs[i] = i == 1 ? Relay.faulty(inputs[i], 60, 0, true) : Relay.honest(inputs[i]);
            outputs[i] = runs[i].tensors[Relay.OUT];
        }
        uint256 requestId = ask(bytes.concat(inputs[0], inputs[1], inputs[2]), 3);
        vm.prank(ALICE);
        oracle.assertOutputs(requestId, outputs);
        second = IDisputeGame.Subject(requestId, 0, 1);
    }

    function itemOf(Relay.Run[3] memory runs, uint256 index) internal pure returns (IDisputeGame.Item memory) {
        bytes32[] memory inputs = new bytes32[](4);
        bytes32[] memory outputs = new bytes32[](4);
        for (uint256 i = 0; i < 3; ++i) {
            (inputs[i], outputs[i]) = (runs[i].roots[0], runs[i].roots[Relay.OUT]);
        }
        return
            IDisputeGame.Item(
                inputs[index],
                outputs[index],
                PlayerTrees.path(inputs, index),
                PlayerTrees.path(outputs, index)
            );
    }

    function postItem(IDisputeGame.Subject memory what, Relay.Run memory run, IDisputeGame.Item memory item) internal {
        IDisputeGame.TraceProof memory proof = run.traceProof();
        vm.prank(ALICE);
        game.postItemTrace(what, Relay.model(), proof, item);
    }
}
