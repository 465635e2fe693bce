// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {DisputeBase} from "./DisputeBase.sol";

/// @title DisputeBonds
/// @notice Who has lost, what becomes of the bonds, and paying what is due.
/// @dev Invariants: the balance covers the bonds of undecided disputes, what decided ones owe, and winnings; the rest is burned.
/// `open` counts the undecided disputes of the current round. A decided dispute never changes again but for being paid.
///
/// The only calls that change anything elsewhere are `voidAssertion`, to the oracle that this game judges, and the payment at
/// the end of `withdraw`; before each, all that a caller could gain by coming back is written.
abstract contract DisputeBonds is DisputeBase {
    using SafeCast for uint256;

    uint256 private constant BOND_UNIT = 1e12;
    uint256 private constant GAS_PERCENT = 20;
    uint256 private constant REWARD_PERCENT = 30;

    address private immutable OPERATORS;
    uint256 private immutable GAS_PRICE_FLOOR;
    uint256 private immutable MIN_BOND;
    uint256 private immutable WINNER_GAS;

    mapping(address operator => uint256) public winningsOf;

    constructor() {
        IInferenceOracle.Parameters memory p = ORACLE.parameters();
        OPERATORS = ORACLE.operators();
        (GAS_PRICE_FLOOR, MIN_BOND, WINNER_GAS) = (p.gasPriceFloor, p.minBond, p.winnerGas);
    }

    /// Slashed bonds arrive here.
    receive() external payable {
        if (msg.sender != OPERATORS) revert DisputeGame_NotOperatorRegistry(msg.sender);
    }

    // ---------------------------------------------------------------- a challenger's bond

    /// @inheritdoc IDisputeGame
    function leastBond() public view returns (uint256 bond) {
        uint256 gasPrice = block.basefee > GAS_PRICE_FLOOR ? block.basefee : GAS_PRICE_FLOOR;
        bond = 5 * WINNER_GAS * gasPrice;
        if (bond < MIN_BOND) bond = MIN_BOND;
        bond = ((bond + BOND_UNIT - 1) / BOND_UNIT) * BOND_UNIT;
    }

    function _bondUnits(uint256 value) internal view returns (uint48) {
        uint256 least = leastBond();
        if (value < least || value % BOND_UNIT != 0) revert DisputeGame_WrongBond(value, least, BOND_UNIT);
        return (value / BOND_UNIT).toUint48();
    }

    // ---------------------------------------------------------------- decisions

    /// The operator has lost: its answer is void, its bond is split, and all other disputes against the answer are moot.
    function _convict(Subject calldata subject, address challenger, bytes32 disputeId, Dispute memory d) internal {
        Docket memory current = _requireRound(subject);
        docket[subject.requestId] = Docket(current.round + 1, 0);
        // No dispute of this round can be decided any more, so none needs the trace.
        delete traceHashOf[subjectIdOf(subject)];
        d.phase = Phase.OperatorLost;
        _disputes[disputeId] = d;

        uint256 before = address(this).balance;
        ORACLE.voidAssertion(subject.requestId, challenger);
        uint256 bond = address(this).balance - before;
        (uint256 gasShare, uint256 reward) = _sharesDown(bond);
        d.bond = ((gasShare + reward) / BOND_UNIT + d.bond).toUint48();
        _disputes[disputeId] = d;
        emit OperatorConvicted(disputeId, subject.requestId, challenger, bond, gasShare, reward);
    }

    /// The challenger has lost. That makes nothing final: the window and the other disputes do.
    function _acquit(Subject calldata subject, bytes32 disputeId, Dispute memory d) internal {
        Docket memory current = _requireRound(subject);
        docket[subject.requestId].open = current.open - 1;
        uint256 bond = d.bond * BOND_UNIT;
        (d.phase, d.bond) = (Phase.ChallengerLost, 0);
        _disputes[disputeId] = d;

        address operator = ORACLE.standing(subject.requestId).operator;
        (uint256 gasShare, uint256 reward) = _sharesDown(bond);
        winningsOf[operator] += gasShare + reward;
        emit ChallengeLost(disputeId, subject.requestId, operator, bond, gasShare, reward);
    }

    /// The winner's shares of a bond, each rounded down to units; the rest is burned.
    function _sharesDown(uint256 bond) private pure returns (uint256 gasShare, uint256 reward) {
        uint256 units = bond / BOND_UNIT;
        gasShare = ((units * GAS_PERCENT) / 100) * BOND_UNIT;
        reward = ((units * REWARD_PERCENT) / 100) * BOND_UNIT;
    }

    // ---------------------------------------------------------------- payment

    /// @inheritdoc IDisputeGame
    function withdraw(Subject[] calldata subjects, address to) external {
        uint256 amount = winningsOf[msg.sender];
        if (amount != 0) winningsOf[msg.sender] = 0;
        for (uint256 i = 0; i < subjects.length; ++i) {
            amount += _takeDue(subjects[i]);
        }
        if (amount == 0) revert DisputeGame_NothingToWithdraw(msg.sender);
        emit Withdrawn(msg.sender, to, amount);
        if (!LowLevelCall.callNoReturn(to, amount, "")) revert DisputeGame_PaymentFailed(to, amount);
    }

    /// What a dispute of the caller's owes it, if it is decided or somebody else convicted the operator first.
    function _takeDue(Subject calldata subject) private returns (uint256 due) {
        Dispute storage d = _disputes[disputeIdOf(subject, msg.sender)];
        bool moot = _isOpen(d.phase) && docket[subject.requestId].round != subject.round;
        if (!moot && d.phase != Phase.OperatorLost) return 0;
        due = d.bond * BOND_UNIT;
        (d.phase, d.bond) = (Phase.OperatorLost, 0);
    }
}
