// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title ModelRegistry
/// @notice Families (a publisher's model, its token and waterfall) and their immutable versions (one ONNX file each).
/// @dev Nobody but a family's publisher can change anything of it, and only what is named here, delayed and bounded.
/// An asset is `address(0)` for ETH or an ERC-20. Prices are in units of the asset per inference. Ids start at 1.
interface IModelRegistry {
    /// @notice How an answer of a version can be trusted.
    enum Tier {
        /// Only the operator's bond stands behind the answer.
        Unverified,
        /// Any wrong element can be proven wrong on-chain.
        Disputable,
        /// A validity proof comes with the answer.
        Proven,
        /// Drawn operators agree on rounded outputs.
        Bonded
    }

    /// @notice A parent family or a contributor, and its share of what the family earns. Exactly one of the two is set.
    struct LineageParty {
        uint256 parentFamilyId;
        address contributor;
        uint16 shareBps;
    }

    /// @notice The split of a fee in basis points. Holders receive the rest.
    struct Waterfall {
        uint16 operatorBps;
        uint16 publisherBps;
        uint16 lineageBps;
        /// The holders' share never falls below this.
        uint16 holdersFloorBps;
    }

    struct FamilyParams {
        string name;
        uint16 operatorBps;
        uint16 publisherBps;
        uint16 holdersFloorBps;
        LineageParty[] lineage;
        /// ERC-20s that fees may be paid in beside ETH, at most four; the revenue assets of the family's token.
        address[] assets;
    }

    struct Price {
        address asset;
        uint256 amount;
    }

    /// @notice Lengths in bytes of the concatenated canonical tensors; equal bounds for a graph of fixed shape.
    struct IOBounds {
        uint32 minInput;
        uint32 maxInput;
        uint32 minOutput;
        uint32 maxOutput;
    }

    struct VersionParams {
        uint256 familyId;
        /// sha256 of the ONNX file.
        bytes32 fileHash;
        /// Root of graph, weights and shape in the bit-exact profile; zero where the file was not lowered.
        bytes32 modelRoot;
        /// Root over the initializers alone: equal weights under another name have the same root.
        bytes32 weightsRoot;
        bytes32 metadataHash;
        string metadataURI;
        /// SPDX identifier.
        string licence;
        IOBounds io;
        Price[] prices;
    }

    struct Family {
        address publisher;
        address pendingPublisher;
        /// The family's ModelToken; zero until an offering succeeds.
        address token;
        uint40 createdAt;
        string name;
    }

    struct Version {
        uint256 familyId;
        bytes32 fileHash;
        bytes32 modelRoot;
        bytes32 weightsRoot;
        bytes32 metadataHash;
        uint40 publishedAt;
        IOBounds io;
        string metadataURI;
        string licence;
    }

    event FamilyRegistered(uint256 indexed familyId, address indexed publisher, string name, Waterfall waterfall);
    event LineageRecorded(uint256 indexed familyId, uint256 parentFamilyId, address contributor, uint16 shareBps);
    event VersionPublished(
        uint256 indexed familyId,
        uint256 indexed versionId,
        bytes32 indexed fileHash,
        bytes32 modelRoot,
        bytes32 weightsRoot,
        uint256 duplicateOf,
        string metadataURI
    );
    event PriceScheduled(uint256 indexed versionId, address indexed asset, uint256 amount, uint256 effectiveAt);
    event PublisherShareScheduled(uint256 indexed familyId, uint16 publisherBps, uint256 effectiveAt);
    event PublisherTransferStarted(uint256 indexed familyId, address indexed from, address indexed to);
    event PublisherTransferred(uint256 indexed familyId, address indexed from, address indexed to);
    event TokenBound(uint256 indexed familyId, address indexed token);

    error ModelRegistry_NoSuchFamily(uint256 familyId);
    error ModelRegistry_NoSuchVersion(uint256 versionId);
    error ModelRegistry_NotPublisher(uint256 familyId, address caller);
    error ModelRegistry_NotPendingPublisher(uint256 familyId, address caller);
    error ModelRegistry_NotOfferingFactory(address caller);
    error ModelRegistry_TokenAlreadyBound(uint256 familyId, address token);
    error ModelRegistry_ShareOutOfBounds(bytes32 share, uint256 bps, uint256 bound);
    error ModelRegistry_TooManyParties(uint256 count, uint256 most);
    error ModelRegistry_BadParty(uint256 index);
    error ModelRegistry_TooManyAssets(uint256 count, uint256 most);
    error ModelRegistry_BadAsset(address asset);
    error ModelRegistry_EmptyField(bytes32 field);
    error ModelRegistry_BadBounds(uint256 min, uint256 max);
    error ModelRegistry_PriceOutOfBounds(uint256 amount, uint256 least, uint256 most);
    error ModelRegistry_NotSold(uint256 versionId, address asset);

    function registerFamily(FamilyParams calldata params) external returns (uint256 familyId);

    /// @notice Publishes an immutable version. Publisher only. Prices given here hold at once.
    function publishVersion(VersionParams calldata params) external returns (uint256 versionId);

    /// @notice Announces a price, effective after the delay. A price that holds moves at most x2 or /2 per bound period.
    function schedulePrice(uint256 versionId, address asset, uint256 amount) external;

    /// @notice Announces another publisher share, effective after the delay; the holders' floor always holds.
    function schedulePublisherShare(uint256 familyId, uint16 publisherBps) external;

    function transferPublisher(uint256 familyId, address to) external;

    function acceptPublisher(uint256 familyId) external;

    /// @notice Offering factory only, once per family: the token whose sale succeeded.
    function bindToken(uint256 familyId, address token) external;

    function family(uint256 familyId) external view returns (Family memory);

    function version(uint256 versionId) external view returns (Version memory);

    function waterfall(uint256 familyId) external view returns (Waterfall memory);

    function lineage(uint256 familyId) external view returns (LineageParty[] memory);

    /// @notice ETH first (`address(0)`), then the family's ERC-20s.
    function assetsOf(uint256 familyId) external view returns (address[] memory);

    function acceptsAsset(uint256 familyId, address asset) external view returns (bool);

    function publisherOf(uint256 familyId) external view returns (address);

    function tokenOf(uint256 familyId) external view returns (address);

    function familyOf(uint256 versionId) external view returns (uint256);

    function ioBounds(uint256 versionId) external view returns (IOBounds memory);

    /// @notice Price now. Reverts `NotSold` where none is set.
    function priceOf(uint256 versionId, address asset) external view returns (uint256);

    /// @notice The price now (zero: not sold), the announced one and when it takes effect (zero: none announced).
    function priceSchedule(
        uint256 versionId,
        address asset
    ) external view returns (uint256 current, uint256 next, uint256 effectiveAt);

    function tierOf(uint256 versionId) external view returns (Tier);

    /// @notice The earliest version with the same weights root, or zero.
    function duplicateOf(uint256 versionId) external view returns (uint256);

    function familyCount() external view returns (uint256);

    function versionCount() external view returns (uint256);
}
