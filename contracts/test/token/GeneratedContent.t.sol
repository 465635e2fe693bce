// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IAIOracle} from "../../src/interfaces/IAIOracle.sol";
import {IERC7007, IERC7007Enumerable, IERC7007Updatable} from "../../src/interfaces/IERC7007.sol";
import {IGeneratedContent} from "../../src/interfaces/IGeneratedContent.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {Till} from "../../src/revenue/Till.sol";
import {GeneratedContent} from "../../src/token/GeneratedContent.sol";
import {OracleFixture} from "../oracle/OracleFixture.sol";

/// Tokens of a version that reads 64 bytes and writes 63 at most. Alice answers, Bob mints, Carol is after his prompts.
contract GeneratedContentTest is OracleFixture {
    bytes private constant PROMPT = "function ";
    bytes private constant TEXT = "transfer(address to)";
    bytes private constant RIGHT = "transferFrom(";
    bytes32 private constant SALT = "salt";
    uint256 private constant DELAY = 60;

    uint256 private writer;
    Till private till;
    GeneratedContent private content;
    uint256 private id;

    function setUp() public override {
        super.setUp();
        IModelRegistry.Price[] memory prices = new IModelRegistry.Price[](1);
        prices[0].amount = PRICE;
        writer = publish(IModelRegistry.IOBounds(1, 63, 0, 63, 64), ROOT, prices);
        enlist(ALICE, 10 ether, writer);
        till = new Till(router, familyId);
        content = create(writer, till, 500, DELAY);
        id = uint256(keccak256(PROMPT));
    }

    function create(
        uint256 versionId,
        Till till_,
        uint256 royaltyBps,
        uint256 delay
    ) private returns (GeneratedContent) {
        return new GeneratedContent('Written "on"', "WRITTEN", oracle, versionId, till_, royaltyBps, delay);
    }

    function commit(address who, bytes memory prompt) private {
        bytes32 commitment = content.commitmentOf(who, prompt, SALT);
        vm.prank(who);
        content.commit(commitment);
    }

    function reveal(address who, bytes memory prompt) private {
        uint256 price = content.price();
        vm.prank(who);
        content.mint{value: price}(prompt, SALT);
        vm.roll(block.number + 2);
    }

    /// Bob's token of `PROMPT`, and the request that was made for it.
    function minted() private returns (uint256 requestId) {
        commit(BOB, PROMPT);
        skip(DELAY);
        reveal(BOB, PROMPT);
        (, , requestId) = content.contentOf(id);
    }

    function written(bytes memory text) private returns (uint256 requestId) {
        requestId = minted();
        answer(ALICE, requestId, text);
        oracle.deliver(requestId, one(text), "");
    }

    function makeFinal(uint256 requestId) private {
        skip(SAFE);
        oracle.finalize(requestId);
    }

    function convicted(bytes memory text) private returns (uint256 requestId) {
        requestId = written(text);
        judge.convict(oracle, requestId, address(0));
    }

    function assertContent(bytes memory expected) private view {
        (bytes memory text, bool isWritten, ) = content.contentOf(id);
        assertEq(text, expected, "content");
        assertTrue(isWritten, "written");
    }

    function assertNoContent() private view {
        (bytes memory text, bool isWritten, ) = content.contentOf(id);
        assertEq(text, "", "no content");
        assertFalse(isWritten, "not written");
    }

    // ---------------------------------------------------------------- standards

    function test_it_advertises_the_standards_by_their_own_ids() public view {
        assertEq(bytes32(type(IERC7007).interfaceId), bytes32(bytes4(0x702c55a6)), "ERC-7007");
        assertEq(bytes32(type(IERC7007Enumerable).interfaceId), bytes32(bytes4(0xfa1a557a)), "enumerable");
        assertEq(bytes32(type(IERC7007Updatable).interfaceId), bytes32(bytes4(0x3f37dce2)), "updatable");
        bytes4[7] memory ids = [
            bytes4(0x702c55a6),
            0xfa1a557a,
            0x3f37dce2,
            0x80ac58cd,
            0x5b5e139f,
            0x2a55205a,
            0x01ffc9a7
        ];
        for (uint256 i = 0; i < ids.length; ++i) {
            assertTrue(content.supportsInterface(ids[i]), "supported");
        }
        assertFalse(content.supportsInterface(0xffffffff), "none");
    }

    // ---------------------------------------------------------------- minting

    function test_a_token_is_bound_to_its_prompt_and_belongs_to_who_asked() public {
        commit(BOB, PROMPT);
        skip(DELAY);
        uint256 price = content.price();
        vm.expectEmit(true, false, true, false, address(content));
        emit IGeneratedContent.Requested(id, 0, BOB);
        vm.prank(BOB);
        content.mint{value: price}(PROMPT, SALT);
        (, , uint256 requestId) = content.contentOf(id);
        assertEq(content.ownerOf(id), BOB, "owner");
        assertEq(content.tokenId(PROMPT), id, "id");
        assertEq(bytes(content.prompt(id)), PROMPT, "prompt");
        IInferenceOracle.Request memory r = oracle.request(requestId);
        assertEq(r.versionId, writer, "version");
        assertEq(r.inputRoot, leafOf(PROMPT), "input");
        assertEq(r.refundTo, BOB, "who has the change");
        assertNoContent();
    }

    function test_what_is_paid_too_much_becomes_the_minters_credit() public {
        commit(BOB, PROMPT);
        skip(DELAY);
        uint256 price = content.price();
        vm.prank(BOB);
        content.mint{value: price + 1 ether}(PROMPT, SALT);
        assertGe(oracle.creditOf(BOB, ETH), 1 ether, "credit");
        assertEq(address(content).balance, 0, "nothing stays");
    }

    function test_a_prompt_that_the_oracle_refuses_or_nobody_pays_for_is_not_minted() public {
        bytes memory long = new bytes(64);
        commit(BOB, long);
        commit(BOB, "");
        commit(BOB, PROMPT);
        skip(DELAY);
        uint256 price = content.price();
        bytes4 wrong = IInferenceOracle.InferenceOracle_WrongInputLength.selector;
        vm.startPrank(BOB);
        refuse(abi.encodeWithSelector(wrong, 64, 1, 63));
        content.mint{value: price}(long, SALT);
        refuse(abi.encodeWithSelector(wrong, 0, 1, 63));
        content.mint{value: price}("", SALT);
        vm.expectPartialRevert(IInferenceOracle.InferenceOracle_InsufficientPayment.selector);
        content.mint{value: PRICE}(PROMPT, SALT);
        vm.stopPrank();
    }

    function test_a_prompt_is_UTF8() public {
        bytes memory bad = hex"c3";
        commit(BOB, bad);
        skip(DELAY);
        uint256 price = content.price();
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_PromptNotUtf8.selector));
        vm.prank(BOB);
        content.mint{value: price}(bad, SALT);
    }

    function test_a_contract_that_does_not_know_of_tokens_can_mint_and_is_not_called() public {
        bytes32 commitment = content.commitmentOf(address(client), PROMPT, SALT);
        content.commit(commitment);
        skip(DELAY);
        client.run(address(content), content.price(), abi.encodeCall(content.mint, (PROMPT, SALT)));
        assertEq(content.ownerOf(id), address(client), "owner");
        assertEq(client.calls(), 0, "calls");
    }

    // ---------------------------------------------------------------- commitments

    function test_a_commitment_ripens_and_expires() public {
        bytes32 commitment = content.commitmentOf(BOB, PROMPT, SALT);
        uint256 price = content.price();
        vm.startPrank(BOB);
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotCommitted.selector, commitment));
        content.mint{value: price}(PROMPT, SALT);
        vm.expectEmit(address(content));
        emit IGeneratedContent.Committed(commitment);
        content.commit(commitment);
        uint256 at = block.timestamp;
        vm.warp(at + DELAY - 1);
        refuse(
            abi.encodeWithSelector(
                IGeneratedContent.GeneratedContent_CommitmentTooYoung.selector,
                commitment,
                at + DELAY
            )
        );
        content.mint{value: price}(PROMPT, SALT);
        vm.warp(at + 1 days);
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_AlreadyCommitted.selector, commitment));
        content.commit(commitment);
        vm.warp(at + 1 days + 1);
        refuse(
            abi.encodeWithSelector(
                IGeneratedContent.GeneratedContent_CommitmentExpired.selector,
                commitment,
                at + 1 days
            )
        );
        content.mint{value: price}(PROMPT, SALT);
        content.commit(commitment);
        skip(DELAY);
        content.mint{value: price}(PROMPT, SALT);
        vm.stopPrank();
    }

    function test_a_commitment_is_spent_once() public {
        minted();
        bytes32 commitment = content.commitmentOf(BOB, PROMPT, SALT);
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotCommitted.selector, commitment));
        vm.prank(BOB);
        content.mint(PROMPT, SALT);
    }

    function test_who_sees_a_prompt_when_it_is_revealed_comes_too_late() public {
        commit(BOB, PROMPT);
        skip(DELAY);
        // Carol sees Bob's reveal before it is mined. His salt is no use to her, and her own commitment must ripen.
        bytes32 hers = content.commitmentOf(CAROL, PROMPT, SALT);
        vm.startPrank(CAROL);
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotCommitted.selector, hers));
        content.mint{value: 1 ether}(PROMPT, SALT);
        content.commit(hers);
        refuse(
            abi.encodeWithSelector(
                IGeneratedContent.GeneratedContent_CommitmentTooYoung.selector,
                hers,
                block.timestamp + DELAY
            )
        );
        content.mint{value: 1 ether}(PROMPT, SALT);
        vm.stopPrank();
        reveal(BOB, PROMPT);
        skip(DELAY);
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_AlreadyMinted.selector, id));
        vm.prank(CAROL);
        content.mint{value: 1 ether}(PROMPT, SALT);
        assertEq(content.ownerOf(id), BOB, "owner");
    }

    function testFuzz_a_commitment_is_of_one_account_one_prompt_and_one_salt(
        address account,
        bytes calldata prompt,
        bytes32 salt
    ) public view {
        bytes32 commitment = content.commitmentOf(BOB, PROMPT, SALT);
        bool same = account == BOB && keccak256(prompt) == keccak256(PROMPT) && salt == SALT;
        assertEq(content.commitmentOf(account, prompt, salt) == commitment ? 1 : 0, same ? 1 : 0, "commitment");
    }

    // ---------------------------------------------------------------- content

    function test_an_answer_is_the_content_at_once_and_verified_when_final() public {
        uint256 requestId = minted();
        answer(ALICE, requestId, TEXT);
        vm.expectEmit(address(content));
        emit IERC7007.AigcData(id, PROMPT, TEXT, abi.encode(requestId));
        oracle.deliver(requestId, one(TEXT), "");
        assertContent(TEXT);
        assertFalse(content.verify(PROMPT, TEXT, ""), "not final yet");
        makeFinal(requestId);
        assertTrue(content.verify(PROMPT, TEXT, ""), "final");
        assertTrue(content.verify(PROMPT, TEXT, abi.encode(requestId)), "with its proof");
    }

    function test_nothing_else_is_verified() public {
        uint256 requestId = written(TEXT);
        makeFinal(requestId);
        assertFalse(content.verify(PROMPT, RIGHT, ""), "another content");
        assertFalse(content.verify("other", TEXT, ""), "another prompt");
        assertFalse(content.verify(PROMPT, TEXT, abi.encode(requestId + 1)), "another request");
        assertFalse(content.verify(PROMPT, TEXT, hex"00"), "no request");
        assertFalse(content.verify("other", "", ""), "a token that is not there");
    }

    function testFuzz_only_the_final_content_is_verified(bytes calldata text, bytes calldata proof) public {
        uint256 requestId = written(TEXT);
        makeFinal(requestId);
        bool right = keccak256(text) == keccak256(TEXT);
        assertEq(content.verify(PROMPT, text, "") ? 1 : 0, right ? 1 : 0, "content");
        bool proves = proof.length == 0 || keccak256(proof) == keccak256(abi.encode(requestId));
        assertEq(content.verify(PROMPT, TEXT, proof) ? 1 : 0, proves ? 1 : 0, "proof");
    }

    function test_the_content_may_be_that_there_is_nothing_to_add() public {
        uint256 requestId = written("");
        assertContent("");
        makeFinal(requestId);
        assertTrue(content.verify(PROMPT, "", ""), "verified");
    }

    function test_the_longest_content_fits_the_callback() public {
        bytes memory prompt = "p";
        bytes memory text = new bytes(63);
        for (uint256 i = 0; i < 63; ++i) {
            text[i] = 0xff;
        }
        commit(BOB, prompt);
        skip(DELAY);
        reveal(BOB, prompt);
        (, , uint256 requestId) = content.contentOf(uint256(keccak256(prompt)));
        answer(ALICE, requestId, text);
        oracle.deliver(requestId, one(text), "");
        assertTrue(oracle.assertion(requestId).delivered, "delivered");
    }

    function test_an_answer_that_is_proven_wrong_is_replaced() public {
        uint256 requestId = convicted(TEXT);
        assertFalse(content.verify(PROMPT, TEXT, ""), "voided");
        answer(ALICE, requestId, RIGHT);
        vm.expectEmit(address(content));
        emit IERC7007Updatable.Update(id, PROMPT, RIGHT);
        oracle.deliver(requestId, one(RIGHT), "");
        assertContent(RIGHT);
        makeFinal(requestId);
        assertFalse(content.verify(PROMPT, TEXT, ""), "the wrong one");
        assertTrue(content.verify(PROMPT, RIGHT, ""), "the right one");
    }

    function test_a_final_answer_that_the_token_does_not_hold_is_not_verified() public {
        uint256 requestId = convicted(TEXT);
        answer(ALICE, requestId, RIGHT);
        makeFinal(requestId);
        assertFalse(content.verify(PROMPT, RIGHT, ""), "not current");
        content.update(PROMPT, RIGHT);
        assertTrue(content.verify(PROMPT, RIGHT, ""), "current");
    }

    function test_an_equal_answer_in_another_round_changes_nothing() public {
        uint256 requestId = convicted(TEXT);
        answer(ALICE, requestId, TEXT);
        oracle.deliver(requestId, one(TEXT), "");
        assertContent(TEXT);
        assertTrue(oracle.assertion(requestId).delivered, "delivered");
    }

    function test_where_the_callback_fails_anyone_brings_the_answer() public {
        uint256 requestId = minted();
        answer(ALICE, requestId, TEXT);
        bytes memory call = abi.encodeCall(content.aiOracleCallback, (requestId, TEXT, ""));
        vm.mockCallRevert(address(content), call, "no");
        oracle.deliver(requestId, one(TEXT), "");
        assertTrue(oracle.assertion(requestId).callbackFailed, "failed");
        vm.clearMockedCalls();
        vm.expectEmit(address(content));
        emit IERC7007.AigcData(id, PROMPT, TEXT, abi.encode(requestId));
        vm.prank(CAROL);
        content.addAigcData(id, PROMPT, TEXT, "");
        assertContent(TEXT);
        oracle.deliver(requestId, one(TEXT), "");
        assertContent(TEXT);
    }

    function test_addAigcData_takes_the_answer_that_stands_and_nothing_else() public {
        bytes4 notTheAnswer = IGeneratedContent.GeneratedContent_NotTheAnswer.selector;
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotMinted.selector, id));
        content.addAigcData(id, PROMPT, TEXT, "");
        uint256 requestId = minted();
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_WrongTokenId.selector, id + 1, id));
        content.addAigcData(id + 1, PROMPT, TEXT, "");
        refuse(abi.encodeWithSelector(notTheAnswer, id));
        content.addAigcData(id, PROMPT, TEXT, "");
        answer(ALICE, requestId, TEXT);
        refuse(abi.encodeWithSelector(notTheAnswer, id));
        content.addAigcData(id, PROMPT, RIGHT, "");
        content.addAigcData(id, PROMPT, TEXT, "");
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_AlreadyWritten.selector, id));
        content.addAigcData(id, PROMPT, TEXT, "");
    }

    function test_update_takes_another_answer_that_stands_and_nothing_else() public {
        bytes4 notTheAnswer = IGeneratedContent.GeneratedContent_NotTheAnswer.selector;
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotMinted.selector, id));
        content.update(PROMPT, TEXT);
        uint256 requestId = minted();
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotWritten.selector, id));
        content.update(PROMPT, TEXT);
        answer(ALICE, requestId, TEXT);
        oracle.deliver(requestId, one(TEXT), "");
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_Unchanged.selector, id));
        content.update(PROMPT, TEXT);
        refuse(abi.encodeWithSelector(notTheAnswer, id));
        content.update(PROMPT, RIGHT);
        judge.convict(oracle, requestId, address(0));
        refuse(abi.encodeWithSelector(notTheAnswer, id));
        content.update(PROMPT, RIGHT);
    }

    function test_only_the_oracle_calls_back_and_only_about_what_was_asked() public {
        uint256 requestId = minted();
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotOracle.selector, CAROL));
        vm.prank(CAROL);
        content.aiOracleCallback(requestId, TEXT, "");
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotOracle.selector, CAROL));
        vm.prank(CAROL);
        content.aiOracleCallbackError(requestId, IAIOracle.AIOracleError.InvalidInput, "", "");
        // Anyone can make a request that calls back here.
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_UnknownRequest.selector, requestId + 1));
        vm.prank(address(oracle));
        content.aiOracleCallback(requestId + 1, TEXT, "");
    }

    function test_a_client_that_reenters_from_its_callback_mints_once() public {
        bytes32 commitment = content.commitmentOf(address(client), PROMPT, SALT);
        content.commit(commitment);
        skip(DELAY);
        uint256 price = content.price();
        IInferenceOracle.RequestOptions memory o = options();
        o.mode = IInferenceOracle.CallbackMode.Optimistic;
        vm.prank(address(client));
        uint256 other = oracle.requestInference{value: 1 ether}(writer, 1, "other", address(client), 2_000_000, "", o);
        vm.roll(block.number + 2);
        answer(ALICE, other, TEXT);
        client.reenter(address(content), price, abi.encodeCall(content.mint, (PROMPT, SALT)));
        oracle.deliver(other, one(TEXT), "");
        assertTrue(client.reentrySucceeded(), "minted from within a callback");
        assertEq(content.ownerOf(id), address(client), "owner");
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotCommitted.selector, commitment));
        client.run(address(content), price, abi.encodeCall(content.mint, (PROMPT, SALT)));
    }

    // ---------------------------------------------------------------- asking again

    function test_a_prompt_that_nobody_answered_is_asked_again_by_anyone() public {
        uint256 first = minted();
        skip(DEADLINE + 1);
        oracle.refund(first);
        assertGt(oracle.creditOf(BOB, ETH), 0, "Bob has his fee back");
        uint256 price = content.price();
        vm.prank(CAROL);
        uint256 second = content.askAgain{value: price}(PROMPT);
        vm.roll(block.number + 2);
        assertTrue(second != first, "another request");
        assertEq(content.ownerOf(id), BOB, "owner");
        answer(ALICE, second, TEXT);
        oracle.deliver(second, one(TEXT), "");
        makeFinal(second);
        assertTrue(content.verify(PROMPT, TEXT, ""), "verified");
    }

    function test_asking_again_erases_what_was_proven_wrong() public {
        uint256 first = convicted(TEXT);
        skip(DEADLINE + 1);
        oracle.refund(first);
        assertFalse(content.verify(PROMPT, TEXT, ""), "voided");
        content.askAgain{value: content.price()}(PROMPT);
        assertNoContent();
    }

    function test_nothing_is_asked_again_that_can_still_be_answered_or_was() public {
        bytes4 stillAsked = IGeneratedContent.GeneratedContent_StillAsked.selector;
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotMinted.selector, id));
        content.askAgain{value: 1 ether}(PROMPT);
        uint256 requestId = minted();
        refuse(abi.encodeWithSelector(stillAsked, id, requestId));
        content.askAgain{value: 1 ether}(PROMPT);
        answer(ALICE, requestId, TEXT);
        refuse(abi.encodeWithSelector(stillAsked, id, requestId));
        content.askAgain{value: 1 ether}(PROMPT);
        makeFinal(requestId);
        refuse(abi.encodeWithSelector(stillAsked, id, requestId));
        content.askAgain{value: 1 ether}(PROMPT);
    }

    // ---------------------------------------------------------------- metadata and royalties

    function metadata(
        bytes memory prompt,
        string memory prompted,
        string memory data
    ) private pure returns (string memory) {
        uint256 id_ = uint256(keccak256(prompt));
        string memory svg = string.concat(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640"><rect width="640" height="640" fill="hsl(',
            Strings.toString(id_ % 360),
            ' 60% 50%)"/></svg>'
        );
        string memory json = string.concat(
            '{"name":"Written \\"on\\" ',
            Strings.toHexString(id_, 32),
            '","description":"What a model wrote on from a prompt, asked through an oracle that can be disputed.","image":"data:image/svg+xml;base64,',
            Base64.encode(bytes(svg)),
            '","prompt":"',
            prompted,
            '","aigc_type":"text","aigc_data":"',
            data,
            '","proof_type":"fraud"}'
        );
        return string.concat("data:application/json;base64,", Base64.encode(bytes(json)));
    }

    function test_the_metadata_is_the_standards_JSON_whatever_the_prompt_says() public {
        bytes memory prompt = unicode'é"},\\\n\x00';
        uint256 id_ = uint256(keccak256(prompt));
        refuse(abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotMinted.selector, id_));
        content.tokenURI(id_);
        commit(BOB, prompt);
        skip(DELAY);
        reveal(BOB, prompt);
        string memory escaped = unicode'é\\"},\\\\\\n\\u0000';
        assertEq(bytes(content.tokenURI(id_)), bytes(metadata(prompt, escaped, "")), "without content");
        (, , uint256 requestId) = content.contentOf(id_);
        bytes memory text = hex"22ff0a";
        answer(ALICE, requestId, text);
        oracle.deliver(requestId, one(text), "");
        string memory data = "data:text/plain;charset=utf-8;base64,Iv8K";
        assertEq(bytes(content.tokenURI(id_)), bytes(metadata(prompt, escaped, data)), "with content");
    }

    function test_a_token_that_is_not_there_has_nothing() public {
        bytes memory refusal = abi.encodeWithSelector(IGeneratedContent.GeneratedContent_NotMinted.selector, id);
        refuse(refusal);
        content.prompt(id);
        refuse(refusal);
        content.contentOf(id);
        refuse(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, id));
        content.ownerOf(id);
    }

    function testFuzz_royalties_are_rounded_down_and_go_to_the_familys_till(uint256 salePrice) public view {
        (address to, uint256 amount) = content.royaltyInfo(id, salePrice);
        assertEq(to, address(till), "till");
        assertLe(amount, salePrice / 20, "five percent at most");
        assertGe(amount + 1, salePrice / 20, "and no more than one unit less");
    }

    function test_royalties_enter_the_waterfall() public {
        (address to, uint256 amount) = content.royaltyInfo(id, 10 ether);
        vm.deal(BOB, amount);
        vm.prank(BOB);
        (bool paid, ) = to.call{value: amount}("");
        assertTrue(paid, "paid");
        till.empty(ETH);
        assertEq(router.creditOf(PUBLISHER, ETH), amount / 10, "publisher");
        assertEq(router.holdersPending(familyId, ETH), amount - amount / 10 - amount / 50, "holders");
    }

    // ---------------------------------------------------------------- construction

    function test_it_is_of_a_text_version_and_its_familys_till_with_a_modest_royalty() public {
        bytes4 bad = IGeneratedContent.GeneratedContent_BadConfig.selector;
        refuse(abi.encodeWithSelector(bad, bytes32("version")));
        create(digits, till, 500, DELAY);
        Till other = new Till(router, registry.familyOf(publishFor(address(usdc), 1)));
        refuse(abi.encodeWithSelector(bad, bytes32("till")));
        create(writer, other, 500, DELAY);
        refuse(abi.encodeWithSelector(bad, bytes32("royalty")));
        create(writer, till, 1_001, DELAY);
        refuse(abi.encodeWithSelector(bad, bytes32("commitDelay")));
        create(writer, till, 500, 0);
        refuse(abi.encodeWithSelector(bad, bytes32("commitDelay")));
        create(writer, till, 500, 1 days);
        create(writer, till, 1_000, 1 days - 1);
    }
}
