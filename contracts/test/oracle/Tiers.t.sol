// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";
import {OracleFixture} from "./OracleFixture.sol";

/// When a version's answers count as disputable: two operators that are not its publisher attest to its roots.
contract TiersTest is OracleFixture {
    function assertTier(uint256 versionId, IModelRegistry.Tier expected, string memory what) private view {
        assertEq(uint256(registry.tierOf(versionId)), uint256(expected), what);
    }

    function assertDisputable(uint256 versionId, string memory what) private view {
        assertTier(versionId, IModelRegistry.Tier.Disputable, what);
    }

    function assertUnverified(uint256 versionId, string memory what) private view {
        assertTier(versionId, IModelRegistry.Tier.Unverified, what);
    }

    function attesters(uint256 versionId) private view returns (uint256) {
        return operators.attestations(versionId, [address(0), address(0)], type(uint256).max);
    }

    function slash(address who, uint256 amount) private {
        vm.prank(address(oracle));
        operators.slash(who, amount, 0, TREASURY);
    }

    function publishShaped(IModelRegistry.IOBounds memory io, bytes32 root) private returns (uint256) {
        IModelRegistry.Price[] memory prices = new IModelRegistry.Price[](1);
        prices[0].amount = PRICE;
        return publish(io, root, prices);
    }

    function two(uint256 versionId) private {
        enlist(ALICE, MIN_STAKE, versionId);
        enlist(BOB, MIN_STAKE, versionId);
    }

    // ---------------------------------------------------------------- enough operators

    function test_a_version_is_disputable_while_enough_operators_attest_to_its_roots() public {
        assertUnverified(digits, "nobody");
        enlist(ALICE, MIN_STAKE, digits);
        assertUnverified(digits, "one");
        enlist(BOB, MIN_STAKE, digits);
        assertDisputable(digits, "two");
        enlist(CAROL, MIN_STAKE, digits);
        assertDisputable(digits, "three");
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        assertDisputable(digits, "two again");
        vm.prank(BOB);
        operators.withdrawFrom(digits);
        assertUnverified(digits, "one again");
        enrol(ALICE, digits);
        assertDisputable(digits, "who left may come back");
        assertEq(attesters(digits), 2, "once each");
    }

    function test_who_attests_to_one_version_attests_to_no_other() public {
        two(digits);

        assertUnverified(tokens, "tokens");
    }

    function test_a_request_that_asks_for_the_tier_is_refused_below_it_and_taken_at_it() public {
        IInferenceOracle.RequestOptions memory o = options();
        o.minTier = IModelRegistry.Tier.Disputable;
        bytes memory tooLow = abi.encodeWithSelector(
            IInferenceOracle.InferenceOracle_TierTooLow.selector,
            IModelRegistry.Tier.Unverified,
            IModelRegistry.Tier.Disputable
        );
        enlist(ALICE, MIN_STAKE, digits);
        vm.startPrank(DAVE);
        refuse(tooLow);
        oracle.requestInference{value: PRICE}(digits, 1, hex"01020304", address(0), 0, "", o);
        vm.stopPrank();

        enlist(BOB, MIN_STAKE, digits);
        vm.prank(DAVE);
        uint256 requestId = oracle.requestInference{value: PRICE}(digits, 1, hex"01020304", address(0), 0, "", o);
        assertStatus(requestId, IInferenceOracle.Status.Open);

        vm.prank(BOB);
        operators.withdrawFrom(digits);
        vm.startPrank(DAVE);
        refuse(tooLow);
        oracle.requestInference{value: PRICE}(digits, 1, hex"01020304", address(0), 0, "", o);
        vm.stopPrank();
    }

    // ---------------------------------------------------------------- of which versions

    function test_nothing_says_what_a_right_answer_is_of_a_version_without_roots() public {
        uint256 plain = publishShaped(IModelRegistry.IOBounds(4, 4, 2, 2, 0), 0);
        two(plain);

        assertUnverified(plain, "plain");
    }

    function test_answers_of_no_fixed_length_are_no_answers_of_a_graph() public {
        uint256 longer = publishShaped(IModelRegistry.IOBounds(4, 4, 2, 3, 0), ROOT);
        uint256 fed = publishShaped(IModelRegistry.IOBounds(3, 4, 2, 2, 0), ROOT);
        two(longer);
        enrol(ALICE, fed);
        enrol(BOB, fed);

        assertUnverified(longer, "longer");
        assertUnverified(fed, "fed");
    }

    function test_a_text_is_disputable_step_by_step() public {
        uint256 writer = publishShaped(IModelRegistry.IOBounds(1, 15, 0, 10, 16), ROOT);
        two(writer);

        assertDisputable(writer, "writer");
    }

    function test_there_is_no_tier_of_a_version_that_does_not_exist() public {
        refuse(abi.encodeWithSelector(IModelRegistry.ModelRegistry_NoSuchVersion.selector, 99));
        registry.tierOf(99);
    }

    // ---------------------------------------------------------------- the publisher's word is not enough

    function test_the_publisher_does_not_count() public {
        vm.deal(PUBLISHER, 10 ether);
        enlist(ALICE, MIN_STAKE, digits);
        enlist(PUBLISHER, MIN_STAKE, digits);
        assertUnverified(digits, "Alice and the publisher");

        enlist(BOB, MIN_STAKE, digits);
        assertDisputable(digits, "and Bob");
    }

    function test_neither_the_former_nor_the_next_publisher_counts() public {
        vm.deal(PUBLISHER, 10 ether);
        two(digits);
        enlist(PUBLISHER, MIN_STAKE, digits);
        vm.prank(PUBLISHER);
        registry.transferPublisher(familyId, ALICE);
        assertDisputable(digits, "offered");
        vm.prank(ALICE);
        registry.acceptPublisher(familyId);

        assertUnverified(digits, "only Bob is neither");
        enlist(CAROL, MIN_STAKE, digits);
        assertDisputable(digits, "and Carol");
    }

    function test_who_published_for_the_family_after_a_version_counts_again_once_it_hands_it_on() public {
        two(digits);
        vm.prank(PUBLISHER);
        registry.transferPublisher(familyId, ALICE);
        vm.prank(ALICE);
        registry.acceptPublisher(familyId);
        vm.prank(ALICE);
        registry.transferPublisher(familyId, CAROL);
        vm.prank(CAROL);
        registry.acceptPublisher(familyId);

        assertDisputable(digits, "Alice published nothing of it");
        assertEq(registry.version(digits).publishedBy, PUBLISHER, "published by");
    }

    // ---------------------------------------------------------------- stake

    function test_a_slash_below_the_least_stake_counts_at_once_and_until_it_is_made_up_for() public {
        two(digits);
        slash(ALICE, 1);
        assertUnverified(digits, "at once");
        operators.sync(ALICE);
        assertUnverified(digits, "written down");
        vm.prank(ALICE);
        operators.addStake{value: 1}();
        assertDisputable(digits, "made up for");
    }

    function test_a_slash_made_up_for_before_anybody_wrote_it_down_leaves_no_trace() public {
        two(digits);
        slash(ALICE, 0.5 ether);
        vm.prank(ALICE);
        operators.addStake{value: 0.5 ether}();

        assertDisputable(digits, "as before");
        assertEq(attesters(digits), 2, "once each");
    }

    function test_stake_that_is_exiting_does_not_count() public {
        enlist(ALICE, 2 * MIN_STAKE, digits);
        enlist(BOB, MIN_STAKE, digits);
        vm.prank(ALICE);
        operators.requestExit(MIN_STAKE);
        assertDisputable(digits, "the least is left");

        slash(ALICE, MIN_STAKE / 2);
        assertUnverified(digits, "half of it is left, and the rest exits");
        vm.prank(ALICE);
        operators.cancelExit();
        assertDisputable(digits, "it stays");
    }

    function test_who_was_slashed_leaves_and_comes_back_like_anybody() public {
        two(digits);
        slash(ALICE, MIN_STAKE / 2);
        vm.prank(ALICE);
        operators.withdrawFrom(digits);
        vm.prank(ALICE);
        operators.addStake{value: MIN_STAKE}();
        assertUnverified(digits, "left");
        enrol(ALICE, digits);

        assertDisputable(digits, "back");
        assertEq(attesters(digits), 2, "once each");
    }

    // ---------------------------------------------------------------- what counting costs

    function test_counting_ends_with_the_number_asked_for() public {
        two(digits);
        enlist(CAROL, MIN_STAKE, digits);

        assertEq(operators.attestations(digits, [address(0), address(0)], 2), 2, "two of three");
        assertEq(operators.attestations(digits, [address(0), address(0)], 0), 0, "none of three");
    }

    function test_slashed_operators_hide_others_only_until_somebody_tells() public {
        for (uint256 i = 0; i < 32; ++i) {
            address who = vm.addr(0xF00 + i);
            vm.deal(who, MIN_STAKE);
            enlist(who, MIN_STAKE, digits);
            slash(who, 1);
        }
        two(digits);
        uint256 before = gasleft();
        assertUnverified(digits, "hidden");
        assertLt(before - gasleft(), 250_000, "gas");

        operators.sync(vm.addr(0xF00));
        operators.sync(vm.addr(0xF01));

        assertDisputable(digits, "found");
    }

    // ---------------------------------------------------------------- whatever happens to whom

    /// After any moves of four operators in two versions, who attests is who is enrolled and holds the least stake.
    function testFuzz_who_attests_is_who_is_enrolled_and_holds_the_least_stake(uint256[24] memory moves) public {
        address[4] memory all = [ALICE, BOB, CAROL, DAVE];
        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(all[i]);
            operators.register{value: MIN_STAKE}("");
        }
        for (uint256 i = 0; i < moves.length; ++i) {
            move(all[moves[i] % 4], (moves[i] >> 8) % 8, (moves[i] >> 16) % 2 == 0 ? digits : tokens);
            if (i % 6 == 5) skip(EPOCH);
            assertEq(attesters(digits), naive(digits), "digits");
            assertEq(attesters(tokens), naive(tokens), "tokens");
        }
    }

    /// What is refused changes nothing.
    function move(address who, uint256 kind, uint256 versionId) private {
        if (kind == 7) return slash(who, 0.3 ether);
        bytes memory call = abi.encodeCall(operators.enrol, (versionId, ROOT));
        if (kind == 1) call = abi.encodeCall(operators.withdrawFrom, (versionId));
        if (kind == 2) call = abi.encodeCall(operators.addStake, ());
        if (kind == 3) call = abi.encodeCall(operators.requestExit, (0.2 ether));
        if (kind == 4) call = abi.encodeCall(operators.cancelExit, ());
        if (kind == 5) call = abi.encodeCall(operators.sync, (who));
        vm.prank(who);
        (bool done, ) = address(operators).call{value: kind == 2 ? 0.4 ether : 0}(call);
        done;
    }

    function naive(uint256 versionId) private view returns (uint256 count) {
        address[] memory enrolled = operators.enrolled(versionId);
        for (uint256 i = 0; i < enrolled.length; ++i) {
            IOperatorRegistry.Operator memory o = operators.operator(enrolled[i]);
            if (o.stake - o.exiting >= MIN_STAKE) ++count;
        }
    }
}
