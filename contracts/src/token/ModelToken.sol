// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC7641, IERC7641AltRevToken} from "../interfaces/IERC7641.sol";
import {IModelToken} from "../interfaces/IModelToken.sol";
import {ShareLedger} from "./ShareLedger.sol";
import {Payment} from "./libraries/Payment.sol";
import {Stream, StreamLib} from "./libraries/Stream.sol";
import {AccountWord, ClaimWord, SupplyWord} from "./libraries/Words.sol";

/// @title ModelToken
/// @notice See IModelToken. The accumulator is derived in `libraries/Stream.sol`; money is kept in RevenueBooks, accounts in
/// ShareLedger, and this contract is what callers see of both.
contract ModelToken is IModelToken, IERC20Metadata, ShareLedger, EIP712 {
    using StreamLib for Stream;

    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    address private constant ETH = address(0);

    uint8 public constant override decimals = 18;
    uint256 public constant override MAX_SUPPLY = SUPPLY_LIMIT;

    address public immutable override publisher;
    string public override name;
    string public override symbol;

    mapping(address owner => mapping(address spender => uint256)) public override allowance;
    mapping(address owner => uint256) public override nonces;
    /// A whole word: a boolean would be read again before every write.
    uint256 private transient _entered;

    /// Around everything that pays or books money. Balances and streams are consistent at every call out, so that transfers
    /// need no guard.
    modifier nonReentrant() {
        if (_entered != 0) revert ModelToken_Reentered();
        _entered = 1;
        _;
        _entered = 0;
    }

    constructor(Config memory config) ShareLedger(config) EIP712(config.name, "1") {
        if (config.publisher == address(0)) revert ModelToken_BadConfig("publisher");
        publisher = config.publisher;
        name = config.name;
        symbol = config.symbol;
    }

    /// Empty, so that senders with a 2,300 gas stipend can pay: the next sync, notification, snapshot, claim or burn books it.
    receive() external payable {}

    // ---------------------------------------------------------------------------------------------------------- ERC-20

    /// @inheritdoc IERC20
    function totalSupply() external view returns (uint256) {
        return SupplyWord.total(_supplies);
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) external view returns (uint256) {
        return AccountWord.balance(_accounts[account].word);
    }

    /// @inheritdoc IERC20
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < amount) revert ModelToken_InsufficientAllowance(msg.sender, allowed, amount);
            // Unchecked: compared above.
            unchecked {
                allowance[from][msg.sender] = allowed - amount;
            }
        }
        _move(from, to, amount);
        return true;
    }

    /// @inheritdoc IERC20
    function approve(address spender, uint256 amount) external returns (bool) {
        _approve(msg.sender, spender, amount);
        return true;
    }

    function _approve(address owner, address spender, uint256 amount) private {
        if (spender == address(0)) revert ModelToken_ZeroAddress();
        allowance[owner][spender] = amount;
        emit Approval(owner, spender, amount);
    }

    /// @inheritdoc IERC20Permit
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (block.timestamp > deadline) revert ModelToken_PermitExpired(deadline);
        bytes32 message = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, nonces[owner]++, deadline));
        (address signer, ECDSA.RecoverError failure, ) = ECDSA.tryRecover(_hashTypedDataV4(message), v, r, s);
        if (failure != ECDSA.RecoverError.NoError || signer != owner) revert ModelToken_InvalidSigner(signer, owner);
        _approve(owner, spender, value);
    }

    /// @inheritdoc IERC20Permit
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return
            id == type(IERC165).interfaceId ||
            id == type(IERC20).interfaceId ||
            id == type(IERC20Permit).interfaceId ||
            id == type(IERC7641).interfaceId ||
            id == type(IERC7641AltRevToken).interfaceId;
    }

    // -------------------------------------------------------------------------------------------------------- money in

    /// @inheritdoc IModelToken
    function notifyRevenue(address asset, uint256 amount) external payable nonReentrant {
        if (asset == ETH) {
            if (msg.value != amount) revert ModelToken_ShortNotification(asset, amount, msg.value);
            _receive(0, msg.sender, amount, address(this).balance);
        } else {
            uint256 number = _assetNumber(asset);
            if (msg.value != 0) revert ModelToken_UnexpectedEther(msg.value);
            uint256 before = Payment.balanceOrZero(asset);
            if (!Payment.tryPull(asset, msg.sender, amount)) revert ModelToken_ShortNotification(asset, amount, 0);
            uint256 held = Payment.balanceOrZero(asset);
            uint256 received = held > before ? held - before : 0;
            if (received < amount) revert ModelToken_ShortNotification(asset, amount, received);
            _receive(number, msg.sender, amount, held);
        }
    }

    /// @inheritdoc IModelToken
    function sync(address asset) external nonReentrant {
        _sync(_assetNumber(asset));
    }

    /// @inheritdoc IModelToken
    function openRevenue(uint256 at) external {
        if (msg.sender != DISTRIBUTOR) revert ModelToken_NotDistributor(msg.sender);
        uint256 opensAt = SupplyWord.opensAt(_supplies);
        if (opensAt != SupplyWord.NEVER) revert ModelToken_RevenueAlreadyOpen(opensAt);
        if (at >= SupplyWord.NEVER) revert ModelToken_BadConfig("opensAt");
        _open(at);
        emit RevenueOpening(at);
    }

    // ----------------------------------------------------------------------------------------------------------- marks

    /// @inheritdoc IERC7641
    function snapshot() external nonReentrant returns (uint256 id) {
        _refresh(0);
        id = _mark() - 1;
        emit Marked(id, block.timestamp);
    }

    /// @inheritdoc IERC7641
    function claimableRevenue(address account, uint256 snapshotId) external view returns (uint256) {
        return _claimableAt(account, _markOf(snapshotId));
    }

    /// @inheritdoc IERC7641AltRevToken
    /// @dev Only ETH is divided by snapshot. For other assets everything accrued stands under the newest one.
    function claimableERC20(address account, uint256 snapshotId, address token) external view returns (uint256) {
        uint256 asset = _assetNumber(token);
        uint256 mark = _markOf(snapshotId);
        if (asset == 0) return _claimableAt(account, mark);
        return mark == _newestMark() ? accruedRevenue(account, token) : 0;
    }

    /// @inheritdoc IERC7641
    function claim(uint256 snapshotId) external nonReentrant {
        if (_claim(_markOf(snapshotId)) == 0) revert ModelToken_NothingToClaim();
    }

    /// @inheritdoc IModelToken
    function claimBatch(uint256[] calldata ids) external nonReentrant {
        for (uint256 i; i < ids.length; ++i) _claim(_markOf(ids[i]));
    }

    /// @return taken The sum over assets, which is good for telling something from nothing only.
    function _claim(uint256 mark) private returns (uint256 taken) {
        taken = _takeMark(msg.sender, mark);
        _pay(0, msg.sender, msg.sender, taken);
        if (mark != _newestMark()) return taken;
        for (uint256 asset = 1; asset <= TOKENS; ++asset) {
            uint256 amount = _takeAccrued(asset, msg.sender);
            taken += amount;
            _pay(asset, msg.sender, msg.sender, amount);
        }
    }

    function _markOf(uint256 snapshotId) private view returns (uint256) {
        if (snapshotId == 0 || snapshotId >= _newestMark()) revert NoSuchMark(snapshotId);
        return snapshotId + 1;
    }

    // ---------------------------------------------------------------------------------------------------------- claims

    /// @inheritdoc IModelToken
    function accruedRevenue(address account, address asset) public view returns (uint256) {
        uint256 number = _assetNumber(asset);
        return _accrued(number, account, _synced(number).stream.index >> 32) / _scale(number);
    }

    /// @inheritdoc IModelToken
    function claimAll(address to) external nonReentrant {
        _claimAll(msg.sender, to);
    }

    /// @inheritdoc IModelToken
    function claimFor(address account) external nonReentrant {
        if (_hasCode(account) && _claims[account] & ClaimWord.PUSHABLE == 0) revert ModelToken_NotPushable(account);
        _claimAll(account, account);
    }

    /// @inheritdoc IModelToken
    function claimAsset(address asset, address to) external nonReentrant {
        if (to == address(0)) revert ModelToken_ZeroAddress();
        uint256 number = _assetNumber(asset);
        _pay(number, msg.sender, to, _takeAccrued(number, msg.sender));
    }

    /// @inheritdoc IModelToken
    function setClaimFor(bool allowed) external {
        uint256 claims = _claims[msg.sender];
        _claims[msg.sender] = allowed ? claims | ClaimWord.PUSHABLE : claims & ~ClaimWord.PUSHABLE;
        emit ClaimForChanged(msg.sender, allowed);
    }

    function _claimAll(address account, address to) private {
        if (to == address(0)) revert ModelToken_ZeroAddress();
        for (uint256 asset; asset <= TOKENS; ++asset) _pay(asset, account, to, _takeAccrued(asset, account));
    }

    /// Pays `amount`, normal and whole units, that already left the books. ETH that cannot be delivered reverts; an ERC-20
    /// that cannot be delivered is owed to `account` again.
    function _pay(uint256 asset, address account, address to, uint256 amount) private {
        if (amount != 0 && _send(asset, account, to, amount)) {
            emit RevenueClaimed(account, _assetAddress(asset), to, amount / _scale(asset));
        }
    }

    function _send(uint256 asset, address account, address to, uint256 amount) private returns (bool) {
        if (asset == 0) {
            if (!Payment.sendEth(to, amount)) revert ModelToken_PaymentFailed(to, amount);
            return true;
        }
        uint256 units = amount / _scale(asset);
        if (Payment.tryTransfer(_assetAddress(asset), to, units)) return true;
        _owe(asset, account, amount);
        emit PayoutFailed(account, _assetAddress(asset), units);
        return false;
    }

    // ------------------------------------------------------------------------------------------------------ redemption

    /// @inheritdoc IERC7641
    function redeemableOnBurn(uint256 amount) external view returns (uint256) {
        return redeemableERC20OnBurn(amount, ETH);
    }

    /// @inheritdoc IERC7641AltRevToken
    function redeemableERC20OnBurn(uint256 amount, address token) public view returns (uint256) {
        uint256 asset = _assetNumber(token);
        Books memory b = _synced(asset);
        return _redeemable(asset, amount, SupplyWord.total(b.supplies), b.pool) / _scale(asset);
    }

    /// @inheritdoc IERC7641
    function burn(uint256 amount) external nonReentrant {
        _redeem(amount, msg.sender);
    }

    /// @inheritdoc IModelToken
    function burnTo(uint256 amount, address to) external nonReentrant {
        if (to == address(0)) revert ModelToken_ZeroAddress();
        _redeem(amount, to);
    }

    function _redeem(uint256 amount, address to) private {
        // Unchecked: at most five assets.
        unchecked {
            uint256[MAX_ASSETS + 1] memory taken;
            for (uint256 asset; asset <= TOKENS; ++asset) {
                _refresh(asset);
                taken[asset] = _takeRedemption(asset, amount);
            }
            _burn(msg.sender, amount);
            for (uint256 asset; asset <= TOKENS; ++asset) {
                if (taken[asset] == 0 || !_send(asset, msg.sender, to, taken[asset])) continue;
                emit Redeemed(msg.sender, _assetAddress(asset), to, amount, taken[asset] / _scale(asset));
            }
        }
    }

    /// @inheritdoc IModelToken
    function publisherCredit(address asset) external view returns (uint256) {
        uint256 number = _assetNumber(asset);
        return _creditOf(_synced(number)) / _scale(number);
    }

    /// @inheritdoc IModelToken
    function withdrawPublisherCredit(address asset) external nonReentrant {
        uint256 number = _assetNumber(asset);
        uint256 amount = _takeCredit(number);
        if (amount == 0) revert ModelToken_NothingToClaim();
        uint256 units = amount / _scale(number);
        bool ok = number == 0 ? Payment.sendEth(publisher, units) : Payment.tryTransfer(asset, publisher, units);
        if (!ok) revert ModelToken_PaymentFailed(publisher, units);
        emit PublisherPaid(asset, units);
    }

    // --------------------------------------------------------------------------------------------------------- sharing

    /// @inheritdoc IModelToken
    function setSharing(bool sharing) external {
        _setSharing(msg.sender, sharing);
    }

    /// @inheritdoc IModelToken
    function isSharing(address account) external view returns (bool) {
        uint256 word = _accounts[account].word;
        return word == 0 ? !_hasCode(account) : AccountWord.isSharing(word);
    }

    /// @inheritdoc IModelToken
    function sharingSupply() external view returns (uint256) {
        return SupplyWord.sharing(_supplies);
    }

    // ----------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IModelToken
    function revenueAssets() external view returns (address[] memory assets) {
        assets = new address[](TOKENS + 1);
        for (uint256 asset = 1; asset <= TOKENS; ++asset) assets[asset] = _assetAddress(asset);
    }

    /// @inheritdoc IModelToken
    function revenueOpensAt() external view returns (uint256) {
        return SupplyWord.opensAt(_supplies);
    }

    /// @inheritdoc IModelToken
    function marksTaken() external view returns (uint256) {
        return _newestMark() - 1;
    }

    /// @inheritdoc IModelToken
    function streamOf(
        address asset
    ) external view returns (uint256 unstreamed, uint256 perSecond, uint256 endsAt, uint256 pool) {
        uint256 number = _assetNumber(asset);
        return _streamOf(_synced(number), _scale(number));
    }

    function _streamOf(
        Books memory b,
        uint256 scale
    ) private view returns (uint256 unstreamed, uint256 perSecond, uint256 endsAt, uint256 pool) {
        (uint256 word, uint256 carry) = b.stream.write(b.shares, b.mayRun, RESTREAM_PERIOD);
        Stream memory written = StreamLib.read(word, carry, b.shares);
        uint256 fraction = (written.index & StreamLib.FRACTION) * b.shares;
        unstreamed = (((written.left + fraction) >> 80) + b.unreleased) / scale;
        pool = b.pool / scale;
        endsAt = written.end;
        if (written.time != 0 && !written.frozen) {
            uint256 pooled = (b.unreleased << 80) / written.time;
            perSecond = ((StreamLib.perShareOf(word) * b.shares + pooled) >> 80) / scale;
        }
    }

    /// @inheritdoc IModelToken
    function claimableBps() external view returns (uint256) {
        return CLAIMABLE_BPS;
    }

    /// @inheritdoc IModelToken
    function streamPeriod() external view returns (uint256) {
        return PERIOD;
    }
}
