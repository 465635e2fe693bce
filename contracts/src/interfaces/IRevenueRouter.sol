// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title RevenueRouter
/// @notice The waterfall: operator, publisher, lineage, protocol, holders. The parts sum to the input; what rounding leaves
/// goes to the holders. Recipients pull.
/// @dev An asset is `address(0)` for ETH or an ERC-20 of the family. Nobody can change where credited money goes.
interface IRevenueRouter {
    /// @notice One payment, split. Each part but the holders' is rounded down, lineage party by party. Amounts in asset units; they sum to the payment.
    struct Split {
        uint256 operator;
        uint256 publisher;
        uint256 lineage;
        uint256 protocol;
        uint256 holders;
    }

    event Distributed(
        uint256 indexed familyId,
        address indexed asset,
        address indexed operator,
        address from,
        uint256 amount,
        Split split
    );
    event Credited(address indexed account, address indexed asset, uint256 amount);
    event FamilyCredited(uint256 indexed familyId, address indexed asset, uint256 indexed fromFamilyId, uint256 amount);
    event Withdrawn(address indexed account, address indexed asset, address indexed to, uint256 amount);
    event HoldersPaid(uint256 indexed familyId, address indexed asset, address indexed token, uint256 amount);

    error RevenueRouter_WrongValue(uint256 sent, uint256 expected);
    error RevenueRouter_AssetNotAccepted(uint256 familyId, address asset);
    error RevenueRouter_ShortPayment(address asset, uint256 announced, uint256 received);
    error RevenueRouter_NothingToWithdraw(address account, address asset);
    error RevenueRouter_NothingToDistribute(uint256 familyId, address asset);
    error RevenueRouter_NothingToFlush(uint256 familyId, address asset);
    error RevenueRouter_NoToken(uint256 familyId);
    error RevenueRouter_PaymentFailed(address to, uint256 amount);
    error RevenueRouter_BadConfig(bytes32 reason);
    error RevenueRouter_ZeroAddress();

    /// @notice Splits `amount` of `asset`, paid by the caller (ETH as value, an ERC-20 by allowance).
    /// @param operator Who served; zero for income without an operator (sales, royalties), whose share holders receive.
    function distribute(uint256 familyId, address asset, uint256 amount, address operator) external payable;

    /// @notice Runs what lineage credited to a family through that family's own waterfall, as income without an operator.
    /// Anyone. Each generation is a call of its own; parents are older than their children, so there is no way round.
    function distributeFamilyCredit(uint256 familyId, address asset) external;

    /// @notice Passes what waits for the holders on to the family's token. Anyone, once the token is bound.
    function flush(uint256 familyId, address asset) external;

    /// @notice Pays the caller's credit to `to`.
    function withdraw(address asset, address to) external;

    /// @notice Pays `account` its own credit. Anyone.
    function withdrawFor(address account, address asset) external;

    function creditOf(address account, address asset) external view returns (uint256);

    function familyCreditOf(uint256 familyId, address asset) external view returns (uint256);

    /// @notice What waits for the family's holders until `flush`.
    function holdersPending(uint256 familyId, address asset) external view returns (uint256);

    /// @notice The split `distribute` would make.
    function previewSplit(uint256 familyId, uint256 amount, bool hasOperator) external view returns (Split memory);

    function registry() external view returns (address);

    function protocolBps() external view returns (uint16);

    function protocolTreasury() external view returns (address);
}
