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

    /// @notice Bounds of a deployment, immutable. Times in seconds, shares in basis points.
    struct Parameters {
        /// From the announcement of a price or a publisher share to its effect.
        uint32 priceDelay;
        /// A price changes at most once per period, by at most x2 or /2.
        uint32 priceBoundPeriod;
        uint16 maxOperatorBps;
        /// Of all lineage parties together.
        uint16 maxLineageBps;
        /// No family may fix a lower floor for its holders.
        uint16 minHoldersBps;
        /// What the router's waterfall gives the protocol; the router refuses to deploy with another figure.
        uint16 protocolBps;
        /// Operators that must attest to a version's model root before its answers count as disputable.
        uint16 attestingOperators;
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
    /// @dev A version that writes text has a context: the bytes its graph reads, UINT8 [context], to say which byte comes next,
    /// UINT8 [1], 0 being the end of the text. Its input is a prompt of 1 to `context` - 1 bytes, its output what the model
    /// writes on, `maxOutput` bytes at most and none where the model ends at once (libs/donnx/SPEC.md, section 7).
    struct IOBounds {
        uint32 minInput;
        uint32 maxInput;
        uint32 minOutput;
        uint32 maxOutput;
        /// Zero: the version does not write text, its input and output are the graph's.
        uint32 context;
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
        address publishedBy;
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

    error ModelRegistry_BadConfig(bytes32 reason);
    error ModelRegistry_NoSuchFamily(uint256 familyId);
    error ModelRegistry_NoSuchVersion(uint256 versionId);
    error ModelRegistry_NotPublisher(uint256 familyId, address caller);
    error ModelRegistry_NotPendingPublisher(uint256 familyId, address caller);
    error ModelRegistry_NotOfferingFactory(address caller);
    error ModelRegistry_TokenAlreadyBound(uint256 familyId, address token);
    error ModelRegistry_ShareOutOfBounds(bytes32 share, uint256 bps, uint256 bound);
    error ModelRegistry_TooManyParties(uint256 count, uint256 most);
    error ModelRegistry_BadParty(uint256 index);
    /// @notice A parent must accept every asset of its child, or the child's fees could not pass through its waterfall.
    error ModelRegistry_ParentRefusesAsset(uint256 parentFamilyId, address asset);
    error ModelRegistry_TooManyAssets(uint256 count, uint256 most);
    error ModelRegistry_BadAsset(address asset);
    error ModelRegistry_EmptyField(bytes32 field);
    error ModelRegistry_TooLong(bytes32 field, uint256 length, uint256 most);
    error ModelRegistry_BadBounds(uint256 min, uint256 max);
    /// @notice A text version reads 1 to `context` - 1 bytes and writes 0 to at most `context` - 1; no context exceeds 65,535.
    error ModelRegistry_BadContext(uint256 context);
    error ModelRegistry_PriceOutOfBounds(uint256 amount, uint256 least, uint256 most);
    error ModelRegistry_NotSold(uint256 versionId, address asset);

    /// @notice Registers a family of the caller's. Everything given here is fixed but the publisher and its share.
    /// @dev The name has 1 to 64 bytes. At most 8 lineage parties, each with a share, none twice, parents registered before:
    /// so descent has no cycles. Parents must accept every asset given here. Operator, publisher, lineage and protocol leave
    /// the holders at least their floor.
    function registerFamily(FamilyParams calldata params) external returns (uint256 familyId);

    /// @notice Publishes an immutable version. Publisher only. Prices given here hold at once.
    /// @dev File hash and licence (at most 64 bytes) must be given; the URI has at most 512 bytes. Bounds: min <= max, max > 0;
    /// with a context, those of a text version.
    /// One price per asset, above zero, in an asset of the family.
    function publishVersion(VersionParams calldata params) external returns (uint256 versionId);

    /// @notice Announces a price. Publisher only. An announcement that has not taken effect yet is replaced.
    /// @dev Effective `priceDelay` from now, but not sooner than `priceBoundPeriod` after the last announced price took effect.
    /// A price that holds may go to twice itself at most and to its half, rounded up, at least. So the price changes at most
    /// once between any two moments no further apart than `priceBoundPeriod`: within it, whichever moment it is counted from,
    /// no price more than doubles and none falls below its half, however announcements are chained.
    /// The first price in an asset the version was not sold in is delayed, but has no bound.
    function schedulePrice(uint256 versionId, address asset, uint256 amount) external;

    /// @notice Announces another publisher share, effective after `priceDelay`; the holders' floor always holds. Publisher
    /// only. An announcement that has not taken effect yet is replaced.
    function schedulePublisherShare(uint256 familyId, uint16 publisherBps) external;

    /// @notice Offers the family to `to`, who must accept; zero takes the offer back. Publisher only.
    function transferPublisher(uint256 familyId, address to) external;

    /// @notice What was credited to the former publisher stays the former publisher's.
    function acceptPublisher(uint256 familyId) external;

    /// @notice Offering factory only, once per family: the token whose sale succeeded.
    function bindToken(uint256 familyId, address token) external;

    function family(uint256 familyId) external view returns (Family memory);

    function version(uint256 versionId) external view returns (Version memory);

    /// @notice The split in effect now.
    function waterfall(uint256 familyId) external view returns (Waterfall memory);

    /// @notice The publisher's share now, the announced one and when it takes effect (zero: none announced).
    function publisherShareSchedule(
        uint256 familyId
    ) external view returns (uint256 current, uint256 next, uint256 effectiveAt);

    function lineage(uint256 familyId) external view returns (LineageParty[] memory);

    /// @notice ETH first (`address(0)`), then the family's ERC-20s.
    function assetsOf(uint256 familyId) external view returns (address[] memory);

    function acceptsAsset(uint256 familyId, address asset) external view returns (bool);

    function publisherOf(uint256 familyId) external view returns (address);

    function tokenOf(uint256 familyId) external view returns (address);

    function familyOf(uint256 versionId) external view returns (uint256);

    function ioBounds(uint256 versionId) external view returns (IOBounds memory);

    /// @notice Zero where the version was not lowered.
    function modelRootOf(uint256 versionId) external view returns (bytes32);

    /// @notice Price now. Reverts `NotSold` where none is set.
    function priceOf(uint256 versionId, address asset) external view returns (uint256);

    /// @notice The price now (zero: not sold), the announced one and when it takes effect (zero: none announced).
    function priceSchedule(
        uint256 versionId,
        address asset
    ) external view returns (uint256 current, uint256 next, uint256 effectiveAt);

    /// @notice How answers of the version can be trusted, now. `Disputable` where a judge could tell (there is a model root, and a
    /// context or fixed lengths) and so many operators have the file that withholding it hides nothing: `attestingOperators` that
    /// are enrolled, and so attested the root, and hold the least stake. Neither who published the version nor who publishes for
    /// its family now is one of them. `Unverified` otherwise, and again as soon as there are fewer.
    /// @dev Addresses are not identities: a publisher with the stake of several operators can be all of them. What the number
    /// says is how much is at stake on the root, not how many people looked.
    function tierOf(uint256 versionId) external view returns (Tier);

    /// @notice The earliest version with the same weights root, or zero: none, it is the earliest itself, or has no root.
    function duplicateOf(uint256 versionId) external view returns (uint256);

    function familyCount() external view returns (uint256);

    function versionCount() external view returns (uint256);

    function parameters() external view returns (Parameters memory);

    function offeringFactory() external view returns (address);

    /// @notice Whose operators attest to model roots.
    function operatorRegistry() external view returns (address);
}
