// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IFixedPriceOffering} from "../../interfaces/IFixedPriceOffering.sol";
import {Currency} from "../Currency.sol";

/// @title Commitments
/// @notice The first part of a sale: its terms, and money that comes and goes until it closes.
abstract contract Commitments is IFixedPriceOffering, ReentrancyGuardTransient {
    using Currency for address;

    /// One slot. A commitment never falls to zero again after the close, so it also says who is a buyer.
    struct Buyer {
        uint128 committed;
        uint104 exited;
        bool listed;
        bool claimed;
        bool refunded;
    }

    /// One slot. `listed`: buyers ever, `active`: those with a commitment.
    struct Totals {
        uint128 committed;
        uint64 listed;
        uint64 active;
    }

    address public override factory;
    uint32 internal _uncommitCutoff;
    uint32 internal _exitWindow;
    uint32 internal _revenueHold;
    address public override token;
    address public override escrow;
    uint256 public override familyId;
    uint256 public override offered;
    SaleTerms internal _terms;

    Totals internal _totals;
    mapping(address buyer => Buyer) internal _buyers;
    mapping(uint256 index => address buyer) internal _listed;

    constructor() {
        factory = address(this);
    }

    /// @inheritdoc IFixedPriceOffering
    function initialize(Setup calldata setup, SaleTerms calldata terms_) external override {
        if (factory != address(0)) revert FixedPriceOffering_AlreadyInitialized();
        factory = msg.sender;
        (_uncommitCutoff, _exitWindow, _revenueHold) = (setup.uncommitCutoff, setup.exitWindow, setup.revenueHold);
        (token, escrow, familyId, offered) = (setup.token, setup.escrow, setup.familyId, setup.offered);
        _storeTerms(terms_);
        // The widths of `Totals` and `Buyer`: every amount of currency and of tokens fits once these two do.
        if (terms_.hardCap > type(uint128).max) revert FixedPriceOffering_AmountTooLarge(terms_.hardCap);
        if (setup.offered > type(uint104).max) revert FixedPriceOffering_AmountTooLarge(setup.offered);
        uint256 held = IERC20(setup.token).balanceOf(address(this));
        if (held > setup.offered) IERC20(setup.token).transfer(setup.escrow, held - setup.offered);
    }

    /// @inheritdoc IFixedPriceOffering
    function commit(uint256 amount, uint256 cap, bytes32[] calldata proof) external payable override nonReentrant {
        _requireState(State.Open);
        if (amount == 0) revert FixedPriceOffering_ZeroAmount();
        Buyer storage buyer = _buyers[msg.sender];
        uint256 committed = buyer.committed + amount;
        _requireAllowed(committed, cap, proof);
        Totals memory totals = _totals;
        uint256 total = totals.committed + amount;
        if (total > type(uint128).max) revert FixedPriceOffering_AmountTooLarge(amount);

        if (!buyer.listed) {
            buyer.listed = true;
            _listed[totals.listed++] = msg.sender;
        }
        if (buyer.committed == 0) ++totals.active;
        buyer.committed = uint128(committed);
        totals.committed = uint128(total);
        _totals = totals;
        emit Committed(msg.sender, amount, committed);
        _receive(amount);
    }

    /// @inheritdoc IFixedPriceOffering
    function uncommit(uint256 amount, address to) external override nonReentrant {
        _requireState(State.Open);
        uint256 cutoff = _terms.closesAt - _uncommitCutoff;
        if (block.timestamp >= cutoff) revert FixedPriceOffering_TooLateToUncommit(cutoff);
        if (amount == 0) revert FixedPriceOffering_ZeroAmount();
        Buyer storage buyer = _buyers[msg.sender];
        uint256 committed = buyer.committed;
        if (amount > committed) revert FixedPriceOffering_InsufficientCommitment(committed, amount);

        uint256 payment = _backedDown(amount, _totals.committed);
        if (amount == committed) --_totals.active;
        buyer.committed = uint128(committed - amount);
        _totals.committed -= uint128(amount);
        emit Uncommitted(msg.sender, amount, committed - amount);
        _pay(to, payment);
    }

    /// @inheritdoc IFixedPriceOffering
    function state() public view virtual override returns (State) {
        if (block.timestamp < _terms.opensAt) return State.Scheduled;
        return block.timestamp < _terms.closesAt ? State.Open : State.Closed;
    }

    /// @inheritdoc IFixedPriceOffering
    function terms() external view override returns (SaleTerms memory) {
        return _terms;
    }

    /// @inheritdoc IFixedPriceOffering
    function totalCommitted() external view override returns (uint256) {
        return _totals.committed;
    }

    /// @inheritdoc IFixedPriceOffering
    function commitmentOf(address buyer) external view override returns (uint256) {
        return _buyers[buyer].committed;
    }

    /// @inheritdoc IFixedPriceOffering
    function buyerCount() external view override returns (uint256) {
        return _totals.listed;
    }

    /// @inheritdoc IFixedPriceOffering
    function buyerAt(uint256 index) external view override returns (address) {
        return _listed[index];
    }

    /// @inheritdoc IFixedPriceOffering
    function allowListLeaf(address account, uint256 cap) public view override returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(block.chainid, address(this), account, cap))));
    }

    function _requireState(State wanted) internal view {
        State actual = state();
        if (actual != wanted) revert FixedPriceOffering_WrongState(actual);
    }

    /// What of `amount` the sale can pay if all of `outstanding` were asked for: all of it, unless the currency has taken
    /// units away; then the same fraction for everyone, rounded down. ETH is never taken away.
    function _backedDown(uint256 amount, uint256 outstanding) internal view returns (uint256) {
        address currency = _terms.currency;
        if (currency == Currency.ETH) return amount;
        uint256 backing = currency.held();
        return backing < outstanding ? Math.mulDiv(amount, backing, outstanding) : amount;
    }

    /// Pays or reverts. Zero is paid by doing nothing: some ERC-20s refuse it.
    function _pay(address to, uint256 amount) internal {
        if (to == address(0)) revert FixedPriceOffering_ZeroAddress();
        if (amount == 0) return;
        if (!_terms.currency.tryPay(to, amount, gasleft())) revert FixedPriceOffering_PaymentFailed(to, amount);
    }

    function _receive(uint256 amount) private {
        address currency = _terms.currency;
        uint256 expected = currency == Currency.ETH ? amount : 0;
        if (msg.value != expected) revert FixedPriceOffering_WrongValue(msg.value, expected);
        if (currency == Currency.ETH) return;
        uint256 received = currency.pull(msg.sender, amount);
        if (received != amount) revert FixedPriceOffering_ShortTransfer(amount, received);
    }

    function _requireAllowed(uint256 committed, uint256 cap, bytes32[] calldata proof) private view {
        uint256 walletCap = _terms.walletCap;
        if (walletCap != 0 && committed > walletCap) revert FixedPriceOffering_OverWalletCap(committed, walletCap);
        bytes32 root = _terms.allowListRoot;
        if (root == 0) return;
        if (!MerkleProof.verifyCalldata(proof, root, allowListLeaf(msg.sender, cap))) {
            revert FixedPriceOffering_NotAllowed(msg.sender);
        }
        if (committed > cap) revert FixedPriceOffering_OverWalletCap(committed, cap);
    }

    function _storeTerms(SaleTerms calldata terms_) private {
        _terms.currency = terms_.currency;
        _terms.softCap = terms_.softCap;
        _terms.hardCap = terms_.hardCap;
        _terms.walletCap = terms_.walletCap;
        _terms.allowListRoot = terms_.allowListRoot;
        _terms.oversubscription = terms_.oversubscription;
        _terms.opensAt = terms_.opensAt;
        _terms.closesAt = terms_.closesAt;
        _terms.fundsRecipient = terms_.fundsRecipient;
        for (uint256 i = 0; i < terms_.tranches.length; ++i) _terms.tranches.push(terms_.tranches[i]);
    }
}
