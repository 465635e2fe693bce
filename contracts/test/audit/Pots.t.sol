// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Audits} from "../../src/audit/Audits.sol";
import {IAudits} from "../../src/interfaces/IAudits.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";
import {InferenceOracle} from "../../src/oracle/InferenceOracle.sol";
import {OperatorRegistry} from "../../src/oracle/OperatorRegistry.sol";
import {Relay} from "../dispute/Relay.sol";
import {ReenteringERC20} from "../support/ReenteringERC20.sol";
import {AuditFixture} from "./AuditFixture.sol";

/// Refuses ETH, or asks for it twice.
contract Grasping {
    IAudits private immutable AUDITS;
    bool private immutable REFUSES;
    bytes4 public refusal;

    error NotNow();

    constructor(IAudits audits_, bool refuses) {
        (AUDITS, REFUSES) = (audits_, refuses);
    }

    receive() external payable {
        if (REFUSES) revert NotNow();
        try AUDITS.withdrawFor(msg.sender, address(0)) {
            refusal = 0;
        } catch (bytes memory reason) {
            refusal = bytes4(reason);
        }
    }
}

/// The money of the audits, apart from who earns it.
contract AuditPotsTest is AuditFixture {
    using Relay for Relay.Run;

    // ---------------------------------------------------------------- in

    function test_a_quarter_of_the_protocols_share_is_the_pots_the_rest_the_treasurys() public {
        vm.deal(DAVE, 10 ether);
        vm.prank(DAVE);
        router.distribute{value: 1 ether}(familyId, ETH, 1 ether, address(0));
        vm.expectEmit(address(audits));
        emit IAudits.Collected(ETH, 0.02 ether, 0.005 ether);
        audits.collect(ETH);
        assertEq(audits.potOf(ETH), 0.005 ether, "pot");
        assertEq(audits.creditOf(TREASURY, ETH), 0.015 ether, "treasury");
    }

    function test_what_is_collected_is_split_to_the_unit(uint256[4] memory amounts) public {
        uint256 sum = 0;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 amount = bound(amounts[i], 50, 1e30);
            earn(amount);
            sum += (amount * 200) / 10_000;
            assertEq(audits.potOf(ETH) + audits.creditOf(TREASURY, ETH), sum, "parts");
            assertLe(audits.potOf(ETH), (sum * AUDIT_BPS) / 200, "pot");
            assertGe(audits.potOf(ETH) + 4, (sum * AUDIT_BPS) / 200, "pot");
        }
        assertEq(audits.heldOf(ETH), sum, "held");
        assertEq(address(audits).balance, sum, "balance");
    }

    function test_what_others_had_the_router_pay_out_is_not_lost() public {
        vm.deal(DAVE, 10 ether);
        vm.prank(DAVE);
        router.distribute{value: 1 ether}(familyId, ETH, 1 ether, address(0));
        router.withdrawFor(address(audits), ETH);
        audits.collect(ETH);
        assertEq(audits.potOf(ETH), 0.005 ether, "pot");
    }

    function test_there_is_nothing_to_collect_twice() public {
        earn(1 ether);
        begin(answeredWith(RIGHT));
        refuse(abi.encodeWithSelector(IAudits.Audits_NothingToCollect.selector, ETH));
        audits.collect(ETH);
    }

    function test_only_the_router_and_the_registry_send_ether() public {
        vm.deal(address(this), 1 ether);
        refuse(abi.encodeWithSelector(IAudits.Audits_UnexpectedPayer.selector, address(this)));
        (bool sent, ) = address(audits).call{value: 1}("");
        assertTrue(sent, "expectRevert swallows it");
    }

    function test_nobody_else_takes_forfeits() public {
        refuse(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistry_NotAudits.selector, address(oracle)));
        vm.prank(address(oracle));
        operators.forfeit(ALICE, 1);
    }

    // ---------------------------------------------------------------- out

    function test_the_treasury_withdraws_where_it_likes_and_once() public {
        earn(1 ether);
        vm.expectEmit(address(audits));
        emit IAudits.Withdrawn(TREASURY, ETH, CAROL, 0.015 ether);
        uint256 before = CAROL.balance;
        vm.prank(TREASURY);
        audits.withdraw(ETH, CAROL);
        assertEq(CAROL.balance - before, 0.015 ether, "paid");
        refuse(abi.encodeWithSelector(IAudits.Audits_NothingToWithdraw.selector, TREASURY, ETH));
        audits.withdrawFor(TREASURY, ETH);
        refuse(abi.encodeWithSelector(IAudits.Audits_ZeroAddress.selector));
        vm.prank(TREASURY);
        audits.withdraw(ETH, address(0));
    }

    function test_anyone_has_an_account_paid_its_own() public {
        earn(1 ether);
        vm.prank(DAVE);
        audits.withdrawFor(TREASURY, ETH);
        assertEq(TREASURY.balance, 0.015 ether, "paid");
        assertEq(audits.heldOf(ETH), audits.potOf(ETH), "held");
    }

    function test_a_receiver_that_refuses_keeps_its_credit() public {
        earn(1 ether);
        Grasping to = new Grasping(audits, true);
        refuse(abi.encodeWithSelector(IAudits.Audits_PaymentFailed.selector, address(to), 0.015 ether));
        vm.prank(TREASURY);
        audits.withdraw(ETH, address(to));
        assertEq(audits.creditOf(TREASURY, ETH), 0.015 ether, "credit");
    }

    function test_a_receiver_that_comes_back_is_turned_away() public {
        earn(1 ether);
        Grasping to = new Grasping(audits, false);
        vm.prank(TREASURY);
        audits.withdraw(ETH, address(to));
        assertReentered(to.refusal(), "refusal");
        assertEq(address(to).balance, 0.015 ether, "paid once");
    }

    // ---------------------------------------------------------------- ERC-20s

    /// A version sold for `token` alone, and an audit of an answer to it, after its pot was filled.
    function auditIn(ReenteringERC20 token, uint256 price) private returns (IAudits.Audit memory audit) {
        uint256 versionId = publishRelayFor(address(token), price);
        enrol(ALICE, versionId);
        enrol(BOB, versionId);
        enrol(CAROL, versionId);
        nextEpoch();
        token.mint(DAVE, 1_000 * price);
        vm.startPrank(DAVE);
        token.approve(address(router), type(uint256).max);
        token.approve(address(oracle), type(uint256).max);
        router.distribute(registry.familyOf(versionId), address(token), 100 * price, address(0));
        vm.stopPrank();
        audits.collect(address(token));

        IInferenceOracle.RequestOptions memory o = options();
        o.asset = address(token);
        vm.prank(DAVE);
        uint256 requestId = oracle.requestInference(versionId, 1, INPUT, address(0), 0, "", o);
        vm.roll(block.number + 2);
        skip(EXCLUSIVE);
        answer(ALICE, requestId, RIGHT);
        vm.roll(block.number + 2);
        return begin(requestId);
    }

    function publishRelayFor(address asset, uint256 price) private returns (uint256) {
        familyId = registerFamily("other", asset);
        return publish(IModelRegistry.IOBounds(4, 4, 2, 2, 0), Relay.modelRoot(), priced(asset, price));
    }

    function test_an_audit_is_paid_in_the_asset_of_the_request() public {
        ReenteringERC20 token = new ReenteringERC20();
        IAudits.Audit memory audit = auditIn(token, 4e6);
        assertEq(audit.asset, address(token), "asset");
        assertEq(audit.share, uint256(4e6 * 50 * 5) / 10_000 / 2, "share");
        bothFind(audit, honest);
        finish(audit);
        audits.settle(audit);
        vm.prank(audit.auditors[0]);
        audits.withdraw(address(token), CAROL);
        assertEq(token.balanceOf(CAROL), audit.share, "paid");
        assertEq(token.balanceOf(address(audits)), audits.heldOf(address(token)), "held");
    }

    function test_nobody_forfeits_ether_for_an_audit_paid_in_something_else() public {
        IAudits.Audit memory audit = auditIn(new ReenteringERC20(), 4e6);
        finish(audit);
        vm.expectEmit(address(audits));
        emit IAudits.AuditorMissed(audits.idOf(audit), audit.auditors[0], 0);
        audits.settle(audit);
        assertEq(operators.operator(BOB).stake + operators.operator(CAROL).stake, 2 * STAKE, "stakes");
    }

    function test_a_token_that_comes_back_is_turned_away() public {
        ReenteringERC20 token = new ReenteringERC20();
        IAudits.Audit memory audit = auditIn(token, 4e6);
        bothFind(audit, honest);
        finish(audit);
        bytes[4] memory calls = [
            abi.encodeCall(IAudits.collect, (address(token))),
            abi.encodeCall(IAudits.settle, (audit)),
            abi.encodeCall(IAudits.select, (audit.requestId)),
            abi.encodeCall(IAudits.withdrawFor, (TREASURY, ETH))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 state = vm.snapshotState();
            token.arm(address(audits), calls[i]);
            audits.collect(address(token));
            assertTrue(token.called(), "called");
            assertReentered(bytes4(token.callReturned()), "while it collects");
            vm.revertToState(state);

            state = vm.snapshotState();
            token.arm(address(audits), calls[i]);
            audits.withdrawFor(TREASURY, address(token));
            assertTrue(token.called(), "called");
            assertReentered(bytes4(token.callReturned()), "while it pays");
            vm.revertToState(state);
        }
    }

    function assertReentered(bytes4 refusal, string memory what) private pure {
        assertEq(bytes32(refusal), bytes32(bytes4(keccak256("ReentrancyGuardReentrantCall()"))), what);
    }

    // ---------------------------------------------------------------- deployment

    function test_it_tells_its_bounds_and_neighbours() public view {
        assertEq(keccak256(abi.encode(audits.parameters())), keccak256(abi.encode(auditBounds())), "parameters");
        assertEq(audits.oracle(), address(oracle), "oracle");
        assertEq(audits.router(), address(router), "router");
        assertEq(audits.treasury(), TREASURY, "treasury");
        assertEq(operators.audits(), address(audits), "operators");
        assertEq(router.protocolTreasury(), address(audits), "beneficiary");
    }

    function test_a_deployment_is_refused_among_strangers() public {
        refuse(abi.encodeWithSelector(IAudits.Audits_BadConfig.selector, bytes32("router")));
        new Audits(auditBounds(), oracle, TREASURY);
        refuse(abi.encodeWithSelector(IAudits.Audits_ZeroAddress.selector));
        new Audits(auditBounds(), oracle, address(0));
    }

    function test_a_deployment_is_refused_with_shares_that_do_not_fit() public {
        expectBadConfig(IAudits.Parameters(5, 0), "auditBps");
        expectBadConfig(IAudits.Parameters(5, 201), "auditBps");
        expectBadConfig(IAudits.Parameters(0, 50), "rate");
        expectBadConfig(IAudits.Parameters(201, 50), "rate");
    }

    /// In place of the audits that the router and the registry know.
    function expectBadConfig(IAudits.Parameters memory p, bytes32 reason) private {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.mockCall(address(router), abi.encodeCall(router.protocolTreasury, ()), abi.encode(next));
        vm.mockCall(address(operators), abi.encodeCall(operators.audits, ()), abi.encode(next));
        refuse(abi.encodeWithSelector(IAudits.Audits_BadConfig.selector, reason));
        new Audits(p, oracle, TREASURY);
        vm.clearMockedCalls();
    }
}
