// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IModelToken} from "../interfaces/IModelToken.sol";
import {RevenueBooks} from "./RevenueBooks.sol";
import {StreamLib} from "./libraries/Stream.sol";
import {AccountWord, ClaimWord, MarkWord} from "./libraries/Words.sol";

/// @notice Who holds what, since when, and what that has earned: balances, corrections, marks, and who shares.
/// @dev Accrued revenue of an account is `(correction + steps x shares) >> 48`, normal units, less what `claim(id)` paid.
/// An account's word is copied to `_history` on its first change after a mark, under that mark; the copy's own `mark` field
/// points to the copy before it. No copy under the mark in the word means that nothing is owed up to it.
/// Marks count from 1, the creation, so that 0 in a word says that the account has never been seen; public ids are one less.
abstract contract ShareLedger is RevenueBooks {
    /// A word on its own, so that its storage slot is computed once per use.
    struct Slot {
        uint256 word;
    }

    address internal immutable DISTRIBUTOR;
    uint256 internal immutable SNAPSHOT_INTERVAL;

    mapping(address account => Slot) internal _accounts;
    /// Corrections for the ERC-20 assets, in 2^-48 of a normal unit.
    mapping(address account => int256)[MAX_ASSETS + 1] private _corrections;
    /// By `account << 16 | mark`.
    mapping(uint256 key => uint256) private _history;
    mapping(uint256 mark => uint256) private _marks;
    mapping(address account => uint256) internal _claims;
    /// By `account << 16 | mark >> 8`: which marks the account was paid for since it last settled everything.
    mapping(uint256 key => uint256) private _paidMarks;

    constructor(IModelToken.Config memory config) RevenueBooks(config) {
        if (config.distributor == address(0)) revert IModelToken.ModelToken_BadConfig("distributor");
        DISTRIBUTOR = config.distributor;
        SNAPSHOT_INTERVAL = config.snapshotInterval;
        _marks[1] = MarkWord.pack(0);

        _excludeAtCreation(config.distributor);
        _excludeAtCreation(address(this));
        _excludeAtCreation(address(0xdead));
        for (uint256 i; i < config.nonSharing.length; ++i) _excludeAtCreation(config.nonSharing[i]);
        _accounts[config.distributor].word |= config.supply;
        emit IERC20.Transfer(address(0), config.distributor, config.supply);
    }

    function _excludeAtCreation(address account) private {
        _accounts[account].word = AccountWord.NON_SHARING | (1 << AccountWord.MARK_SHIFT);
        _claims[account] = ClaimWord.BY_CREATION;
        emit IModelToken.SharingChanged(account, false);
    }

    // ------------------------------------------------------------------------------------------------------- transfers

    function _move(address from, address to, uint256 amount) internal {
        if (to == address(0)) revert IModelToken.ModelToken_ZeroAddress();
        // Nothing can be moved by anybody: it must not decide for the receiver.
        if (from == DISTRIBUTOR && amount != 0) _admit(to);
        Slot storage fromSlot = _accounts[from];
        uint256 sender = fromSlot.word;
        if (sender & AccountWord.BALANCE < amount) {
            revert IModelToken.ModelToken_InsufficientBalance(from, sender & AccountWord.BALANCE, amount);
        }
        if (from != to) {
            // Unchecked: the balance was checked, balances sum to the supply, and corrections wrap in their own top bits.
            unchecked {
                Slot storage toSlot = _accounts[to];
                uint256 receiver = toSlot.word;
                uint256 stream = _streams[0];
                uint256 mark = (stream >> StreamLib.ASIDE_SHIFT) & 0xffff;
                if ((sender >> AccountWord.MARK_SHIFT) & 0xffff != mark) sender = _turnPage(from, sender, mark);
                if ((receiver >> AccountWord.MARK_SHIFT) & 0xffff != mark) receiver = _turnPage(to, receiver, mark);

                uint256 shares = amount << SHARE_SHIFT;
                uint256 moved = (StreamLib.steps(stream) * shares) << AccountWord.CORRECTION_SHIFT;
                sender -= amount;
                receiver += amount;
                if (sender & AccountWord.NON_SHARING == 0) sender += moved;
                if (receiver & AccountWord.NON_SHARING == 0) receiver -= moved;
                fromSlot.word = sender;
                toSlot.word = receiver;
                if (TOKENS != 0) _moveCorrections(from, sender, to, receiver, shares);
                if ((sender ^ receiver) & AccountWord.NON_SHARING != 0) {
                    _resize(sender & AccountWord.NON_SHARING == 0 ? -int256(amount) : int256(amount), 0);
                }
            }
        }
        emit IERC20.Transfer(from, to, amount);
    }

    function _moveCorrections(address from, uint256 sender, address to, uint256 receiver, uint256 shares) private {
        // Unchecked: |correction| < 2^149, see StreamLib.
        unchecked {
            for (uint256 asset = 1; asset <= TOKENS; ++asset) {
                int256 moved = int256(StreamLib.steps(_streams[asset]) * shares);
                if (moved == 0) continue;
                if (sender & AccountWord.NON_SHARING == 0) _corrections[asset][from] += moved;
                if (receiver & AccountWord.NON_SHARING == 0) _corrections[asset][to] -= moved;
            }
        }
    }

    /// The first change of an account after a mark: its word as it was at the mark is kept, and the next one points there.
    /// A first receipt decides whether the account shares. Pools, bridges and lockers cannot claim and would strand their part.
    function _turnPage(address account, uint256 word, uint256 mark) private returns (uint256) {
        if (word == 0) {
            word = mark << AccountWord.MARK_SHIFT;
            if (!_hasCode(account)) return word;
            emit IModelToken.SharingChanged(account, false);
            return word | AccountWord.NON_SHARING;
        }
        _history[_key(account, mark)] = word;
        return AccountWord.withMark(word, mark);
    }

    /// Whoever receives from the sale shares, unless it was excluded at creation.
    function _admit(address account) private {
        uint256 word = _accounts[account].word;
        if (word == 0) {
            _accounts[account].word = _newestMark() << AccountWord.MARK_SHIFT;
        } else if (!AccountWord.isSharing(word) && _claims[account] & ClaimWord.BY_CREATION == 0) {
            _setSharing(account, true);
        }
    }

    /// @return Whether `account` has code of its own; an EIP-7702 delegation (0xef0100 and an address) is none.
    function _hasCode(address account) internal view returns (bool) {
        uint256 size = account.code.length;
        return size == 23 ? bytes3(account.code) != 0xef0100 : size != 0;
    }

    // --------------------------------------------------------------------------------------------------------- sharing

    function _setSharing(address account, bool sharing) internal {
        Slot storage slot = _accounts[account];
        uint256 word = slot.word;
        uint256 mark = _newestMark();
        // An account never seen shares only if it has no code; saying so makes it known.
        if (word == 0) word = (mark << AccountWord.MARK_SHIFT) | (sharing ? AccountWord.NON_SHARING : 0);
        if (AccountWord.isSharing(word) == sharing) return;
        if (AccountWord.mark(word) != mark) word = _turnPage(account, word, mark);
        uint256 balance = AccountWord.balance(word);
        // Unchecked: as in `_move`.
        unchecked {
            uint256 shares = balance << SHARE_SHIFT;
            uint256 moved = (StreamLib.steps(_streams[0]) * shares) << AccountWord.CORRECTION_SHIFT;
            slot.word = sharing ? (word & ~AccountWord.NON_SHARING) - moved : (word | AccountWord.NON_SHARING) + moved;
            for (uint256 asset = 1; asset <= TOKENS; ++asset) {
                int256 other = int256(StreamLib.steps(_streams[asset]) * shares);
                _corrections[asset][account] += sharing ? -other : other;
            }
        }
        if (balance != 0) _resize(sharing ? int256(balance) : -int256(balance), 0);
        emit IModelToken.SharingChanged(account, sharing);
    }

    /// Settles and removes `amount` tokens of `account`.
    function _burn(address account, uint256 amount) internal {
        Slot storage slot = _accounts[account];
        uint256 word = slot.word;
        if (word & AccountWord.BALANCE < amount) {
            revert IModelToken.ModelToken_InsufficientBalance(account, word & AccountWord.BALANCE, amount);
        }
        uint256 stream = _streams[0];
        uint256 mark = (stream >> StreamLib.ASIDE_SHIFT) & 0xffff;
        if (AccountWord.mark(word) != mark) word = _turnPage(account, word, mark);
        bool sharing = AccountWord.isSharing(word);
        // Unchecked: the balance was checked; corrections as in `_move`.
        unchecked {
            word -= amount;
            if (sharing) {
                uint256 shares = amount << SHARE_SHIFT;
                word += (StreamLib.steps(stream) * shares) << AccountWord.CORRECTION_SHIFT;
                if (TOKENS != 0) _moveCorrections(account, word, address(0), AccountWord.NON_SHARING, shares);
            }
        }
        slot.word = word;
        _resize(sharing ? -int256(amount) : int256(0), amount);
        emit IERC20.Transfer(account, address(0), amount);
    }

    // ----------------------------------------------------------------------------------------------------------- marks

    /// @return The newest mark; 1 is the creation.
    function _newestMark() internal view returns (uint256) {
        return (_streams[0] >> StreamLib.ASIDE_SHIFT) & 0xffff;
    }

    function _mark() internal returns (uint256 mark) {
        uint256 stream = _streams[0];
        mark = (stream >> StreamLib.ASIDE_SHIFT) & 0xffff;
        uint256 notBefore = MarkWord.time(_marks[mark]) + SNAPSHOT_INTERVAL;
        if (block.timestamp < notBefore) revert IModelToken.ModelToken_SnapshotTooSoon(notBefore);
        if (mark == 0xffff) revert IModelToken.ModelToken_TooManySnapshots();
        ++mark;
        _marks[mark] = MarkWord.pack(StreamLib.steps(stream));
        _streams[0] = stream + (1 << StreamLib.ASIDE_SHIFT);
    }

    /// ETH accrued by `account` when `mark` was taken and not settled since, normal units.
    /// Walks back over the account's own history, one read for every mark after which it moved.
    function _accruedAt(address account, uint256 mark) private view returns (uint256) {
        if (mark == 1) return 0;
        uint256 word = _accounts[account].word;
        for (uint256 seen = AccountWord.mark(word); seen >= mark; seen = AccountWord.mark(word)) {
            word = _history[_key(account, seen)];
        }
        return _gross(AccountWord.correction(word), word, MarkWord.steps(_marks[mark]));
    }

    /// @return The part of the ETH accrued at `mark` that came after the mark before it, unless it was paid.
    function _claimableAt(address account, uint256 mark) internal view returns (uint256) {
        if (_paidMarks[_key(account, mark >> 8)] & (1 << (mark & 0xff)) != 0) return 0;
        return _accruedAt(account, mark) - _accruedAt(account, mark - 1);
    }

    /// Takes what `_claimableAt` says, once.
    function _takeMark(address account, uint256 mark) internal returns (uint256 taken) {
        taken = _claimableAt(account, mark);
        if (taken == 0) return 0;
        _paidMarks[_key(account, mark >> 8)] |= 1 << (mark & 0xff);
        _claims[account] += taken;
        _takeFromBooks(0, taken);
    }

    // --------------------------------------------------------------------------------------------------------- accrual

    /// Normal units of `asset` that `account` could be paid, given the index in steps.
    function _accrued(uint256 asset, address account, uint256 steps) internal view returns (uint256) {
        uint256 word = _accounts[account].word;
        if (asset != 0) return _gross(_corrections[asset][account], word, steps);
        return _gross(AccountWord.correction(word), word, steps) - (_claims[account] & ClaimWord.PAID);
    }

    function _gross(int256 correction, uint256 word, uint256 steps) private view returns (uint256) {
        // Unchecked: below 2^149; never negative, because an account joins at an index it has already passed.
        unchecked {
            if (AccountWord.isSharing(word)) correction += int256(steps * (AccountWord.balance(word) << SHARE_SHIFT));
            return uint256(correction) >> 48;
        }
    }

    /// Takes everything `account` has accrued of `asset`, in whole units of it; the rest stays with the account.
    function _takeAccrued(uint256 asset, address account) internal returns (uint256 taken) {
        _refresh(asset);
        if (asset == 0) return _settle(account);
        uint256 scale = _scale(asset);
        taken = (_accrued(asset, account, StreamLib.steps(_streams[asset])) / scale) * scale;
        if (taken == 0) return 0;
        _corrections[asset][account] -= int256(taken << 48);
        _takeFromBooks(asset, taken);
    }

    /// Takes all ETH and forgets how it came about: nothing is owed up to the newest mark any more.
    function _settle(address account) private returns (uint256 taken) {
        Slot storage slot = _accounts[account];
        uint256 word = slot.word;
        if (word == 0) return 0;
        uint256 stream = _streams[0];
        uint256 mark = (stream >> StreamLib.ASIDE_SHIFT) & 0xffff;
        uint256 gross = _gross(AccountWord.correction(word), word, StreamLib.steps(stream));

        uint256 claims = _claims[account];
        taken = gross - (claims & ClaimWord.PAID);
        if (claims & ClaimWord.PAID != 0) _claims[account] = claims & ~ClaimWord.PAID;
        if (AccountWord.mark(word) == mark) {
            uint256 key = _key(account, mark);
            if (_history[key] != 0) _history[key] = 0;
        }
        // Unchecked: the correction holds what is taken from it.
        unchecked {
            slot.word = AccountWord.withMark(word, mark) - (gross << (48 + AccountWord.CORRECTION_SHIFT));
        }
        if (taken != 0) _takeFromBooks(0, taken);
    }

    /// Gives `account` an amount that left the books and could not be paid.
    function _owe(uint256 asset, address account, uint256 amount) internal {
        _corrections[asset][account] += int256(amount << 48);
        _returnToBooks(asset, amount);
    }

    function _key(address account, uint256 mark) private pure returns (uint256) {
        return (uint256(uint160(account)) << 16) | mark;
    }
}
