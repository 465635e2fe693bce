// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {DisputeFixture} from "./DisputeFixture.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IStepVerifier} from "../../src/interfaces/IStepVerifier.sol";
import {PlayerTrees} from "./PlayerTrees.sol";
import {Scribe} from "./Scribe.sol";

/// A version that writes text, 10 bytes at most, which Alice answers for; and the way to a dispute of one of its steps.
abstract contract TextFixture is DisputeFixture {
    uint256 internal constant MOST = 10;

    uint256 internal scribe;

    function setUp() public virtual override {
        super.setUp();
        scribe = publishText(Scribe.modelRoot(), 16, MOST);
    }

    function publishText(bytes32 root, uint256 context, uint256 most) internal returns (uint256 versionId) {
        IModelRegistry.IOBounds memory io = IModelRegistry.IOBounds(1, uint32(context - 1), 0, uint32(most), 0);
        io.context = uint32(context);
        versionId = publish(io, root, priced(ETH, PRICE));
        enrol(ALICE, versionId);
    }

    struct Text {
        bytes prompt;
        bytes output;
        IDisputeGame.Subject subject;
    }

    /// A request that Alice answers, and the step in question.
    function told(bytes memory prompt, bytes memory output, uint256 step) internal returns (Text memory) {
        return toldBy(scribe, prompt, output, step);
    }

    function toldBy(
        uint256 versionId,
        bytes memory prompt,
        bytes memory output,
        uint256 step
    ) internal returns (Text memory) {
        vm.prank(DAVE);
        uint256 requestId = oracle.requestInference{value: PRICE}(versionId, 1, prompt, address(0), 0, "", options());
        vm.roll(block.number + 2);
        answer(ALICE, requestId, output);
        return Text(prompt, output, IDisputeGame.Subject(requestId, 0, uint32(step)));
    }

    /// The same answer, and another of its steps.
    function at(Text memory text, uint256 step) internal pure returns (Text memory) {
        return Text(text.prompt, text.output, IDisputeGame.Subject(text.subject.requestId, 0, uint32(step)));
    }

    function challengeText(address who, Text memory text) internal {
        bytes32 root = outputRootOf(text.subject.requestId);
        vm.prank(who);
        game.challengeStep{value: BOND}(text.subject, root, text.prompt, text.output);
    }

    function inputOf(Text memory text) internal pure returns (bytes memory) {
        return Scribe.inputOf(text.prompt, text.output, text.subject.item);
    }

    function claimOf(Text memory text) internal pure returns (bytes memory) {
        return Scribe.claimOf(text.output, text.subject.item);
    }

    /// Alice posts the only trace that there is: of the step's input and her answer.
    function postText(Text memory text) internal returns (IDisputeGame.Trace memory) {
        postProof(text, Scribe.traceProof(inputOf(text), claimOf(text)));
        return Scribe.trace(inputOf(text), claimOf(text), block.timestamp);
    }

    function postProof(Text memory text, IDisputeGame.TraceProof memory proof) internal {
        vm.prank(ALICE);
        game.postStepTrace(text.subject, Scribe.model(), proof, text.prompt, text.output);
    }

    function proveText(address who, Text memory text, IDisputeGame.Trace memory trace) internal {
        bytes32[] memory path = Scribe.just(PlayerTrees.leafOf(inputOf(text)));
        IDisputeGame.StepProof memory step = Scribe.step();
        IStepVerifier.ElementProof memory proof = Scribe.element(inputOf(text), claimOf(text));
        vm.prank(who);
        game.proveDirect(text.subject, trace, 1, 0, path, step, proof);
    }

    function claimsOf(Text memory text) internal pure returns (uint256) {
        uint256 room = Scribe.CONTEXT - text.prompt.length;
        if (room > MOST) room = MOST;
        return text.output.length < room ? text.output.length + 1 : room;
    }
}
