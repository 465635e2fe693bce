// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IAIOracle, IAIOracleCallback} from "../interfaces/IAIOracle.sol";
import {IERC7007, IERC7007Enumerable, IERC7007Updatable} from "../interfaces/IERC7007.sol";
import {IGeneratedContent} from "../interfaces/IGeneratedContent.sol";
import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ITill} from "../interfaces/ITill.sol";
import {TensorRoot} from "../oracle/TensorRoot.sol";
import {Utf8} from "./libraries/Utf8.sol";

/// @title GeneratedContent
/// @notice See `IGeneratedContent`.
/// @dev The content is only ever the bytes that the oracle says are the standing answer, whoever brings them: its callback, or
/// anyone through `addAigcData` and `update`. So a callback that fails costs time, nothing else.
contract GeneratedContent is
    IGeneratedContent,
    IERC7007,
    IERC7007Updatable,
    IERC7007Enumerable,
    IERC2981,
    IAIOracleCallback,
    ERC721
{
    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_ROYALTY_BPS = 1_000;
    /// Gas of a callback beside what its bytes cost, and per word of content (stored, read before) and of prompt (read).
    uint256 private constant CALLBACK_GAS = 90_000;
    uint256 private constant GAS_PER_CONTENT_WORD = 25_000;
    uint256 private constant GAS_PER_PROMPT_WORD = 3_000;

    struct Token {
        uint256 requestId;
        bool written;
        bytes prompt;
        bytes content;
    }

    address public immutable oracle;
    uint256 public immutable versionId;
    address public immutable till;
    uint256 public immutable royaltyBps;
    uint256 public immutable commitDelay;
    uint256 public constant commitLife = 1 days;
    uint64 public immutable callbackGas;

    mapping(bytes32 commitment => uint256 timestamp) private _committedAt;
    mapping(uint256 tokenId => Token) private _tokens;
    /// Only of the newest request of a token.
    mapping(uint256 requestId => uint256 tokenId) private _tokenOf;

    /// @param till_ Of the family that the version belongs to.
    /// @param commitDelay_ Seconds: longer than it takes to have a transaction included that others try to keep out.
    constructor(
        string memory name_,
        string memory symbol_,
        IInferenceOracle oracle_,
        uint256 versionId_,
        ITill till_,
        uint256 royaltyBps_,
        uint256 commitDelay_
    ) ERC721(name_, symbol_) {
        IModelRegistry registry = IModelRegistry(oracle_.registry());
        IModelRegistry.IOBounds memory io = registry.ioBounds(versionId_);
        if (io.context == 0) revert GeneratedContent_BadConfig("version");
        bool ours = till_.router() == oracle_.router() && till_.familyId() == registry.familyOf(versionId_);
        if (!ours) revert GeneratedContent_BadConfig("till");
        if (royaltyBps_ > MAX_ROYALTY_BPS) revert GeneratedContent_BadConfig("royalty");
        if (commitDelay_ == 0 || commitDelay_ >= commitLife) revert GeneratedContent_BadConfig("commitDelay");
        (oracle, versionId, till) = (address(oracle_), versionId_, address(till_));
        (royaltyBps, commitDelay) = (royaltyBps_, commitDelay_);
        callbackGas = uint64(
            CALLBACK_GAS +
                (GAS_PER_CONTENT_WORD * (io.maxOutput + 31)) / 32 +
                (GAS_PER_PROMPT_WORD * (io.maxInput + 31)) / 32
        );
    }

    // ---------------------------------------------------------------- minting

    /// @inheritdoc IGeneratedContent
    function commit(bytes32 commitment) external {
        // One that has expired may be made again.
        uint256 at = _committedAt[commitment];
        if (at != 0 && block.timestamp <= at + commitLife) revert GeneratedContent_AlreadyCommitted(commitment);
        _committedAt[commitment] = block.timestamp;
        emit Committed(commitment);
    }

    /// @inheritdoc IGeneratedContent
    function mint(bytes calldata prompt_, bytes32 salt) external payable returns (uint256 id) {
        _spend(commitmentOf(msg.sender, prompt_, salt));
        id = tokenId(prompt_);
        if (_ownerOf(id) != address(0)) revert GeneratedContent_AlreadyMinted(id);
        if (!Utf8.isValid(prompt_)) revert GeneratedContent_PromptNotUtf8();
        _tokens[id].prompt = prompt_;
        // Without asking the receiver: it is who calls, and nothing of another may run in between.
        _mint(msg.sender, id);
        _ask(id, prompt_);
    }

    function _spend(bytes32 commitment) private {
        uint256 at = _committedAt[commitment];
        if (at == 0) revert GeneratedContent_NotCommitted(commitment);
        if (block.timestamp < at + commitDelay) {
            revert GeneratedContent_CommitmentTooYoung(commitment, at + commitDelay);
        }
        if (block.timestamp > at + commitLife) revert GeneratedContent_CommitmentExpired(commitment, at + commitLife);
        delete _committedAt[commitment];
    }

    /// @inheritdoc IGeneratedContent
    function askAgain(bytes calldata prompt_) external payable returns (uint256 requestId) {
        uint256 id = _minted(prompt_);
        Token storage token = _tokens[id];
        IInferenceOracle.Request memory last = IInferenceOracle(oracle).request(token.requestId);
        if (last.status != IInferenceOracle.Status.Refunded) {
            revert GeneratedContent_StillAsked(id, token.requestId);
        }
        delete _tokenOf[token.requestId];
        (token.written, token.content) = (false, "");
        return _ask(id, prompt_);
    }

    function _ask(uint256 id, bytes calldata prompt_) private returns (uint256 requestId) {
        IInferenceOracle.RequestOptions memory options;
        options.mode = IInferenceOracle.CallbackMode.Optimistic;
        options.window = IInferenceOracle(oracle).parameters().safeWindow;
        options.maxFee = type(uint256).max;
        options.refundTo = msg.sender;
        requestId = IInferenceOracle(oracle).requestInference{value: msg.value}(
            versionId,
            1,
            prompt_,
            address(this),
            callbackGas,
            "",
            options
        );
        _tokens[id].requestId = requestId;
        _tokenOf[requestId] = id;
        emit Requested(id, requestId, msg.sender);
    }

    // ---------------------------------------------------------------- content

    /// @inheritdoc IAIOracleCallback
    function aiOracleCallback(uint256 requestId, bytes calldata output, bytes calldata) external {
        if (msg.sender != oracle) revert GeneratedContent_NotOracle(msg.sender);
        uint256 id = _tokenOf[requestId];
        if (id == 0) revert GeneratedContent_UnknownRequest(requestId);
        Token storage token = _tokens[id];
        if (!token.written) _add(id, token.prompt, output);
        else if (keccak256(output) != keccak256(token.content)) _replace(id, token.prompt, output);
    }

    /// @inheritdoc IAIOracleCallback
    /// @dev This oracle refuses a bad input in the request itself, and never calls this.
    function aiOracleCallbackError(uint256, IAIOracle.AIOracleError, bytes calldata, bytes calldata) external view {
        if (msg.sender != oracle) revert GeneratedContent_NotOracle(msg.sender);
    }

    /// @inheritdoc IERC7007
    /// @dev Anyone, with the answer that stands; `proof` is not read.
    function addAigcData(uint256 id, bytes calldata prompt_, bytes calldata aigcData, bytes calldata) external {
        uint256 expected = _minted(prompt_);
        if (id != expected) revert GeneratedContent_WrongTokenId(id, expected);
        if (_tokens[id].written) revert GeneratedContent_AlreadyWritten(id);
        _requireAnswer(id, aigcData);
        _add(id, prompt_, aigcData);
    }

    /// @inheritdoc IERC7007Updatable
    /// @dev Anyone, with the answer that stands, where it is another than the token holds.
    function update(bytes calldata prompt_, bytes calldata aigcData) external {
        uint256 id = _minted(prompt_);
        Token storage token = _tokens[id];
        if (!token.written) revert GeneratedContent_NotWritten(id);
        if (keccak256(aigcData) == keccak256(token.content)) revert GeneratedContent_Unchanged(id);
        _requireAnswer(id, aigcData);
        _replace(id, prompt_, aigcData);
    }

    /// The proof in the event names the request that the content is the answer to.
    function _add(uint256 id, bytes memory prompt_, bytes calldata aigcData) private {
        Token storage token = _tokens[id];
        (token.written, token.content) = (true, aigcData);
        emit AigcData(id, prompt_, aigcData, abi.encode(token.requestId));
    }

    function _replace(uint256 id, bytes memory prompt_, bytes calldata aigcData) private {
        _tokens[id].content = aigcData;
        emit Update(id, prompt_, aigcData);
    }

    function _requireAnswer(uint256 id, bytes calldata aigcData) private view {
        if (!_isAnswer(_tokens[id].requestId, aigcData)) revert GeneratedContent_NotTheAnswer(id);
    }

    /// Whether an answer stands, final or not, and it is this one.
    function _isAnswer(uint256 requestId, bytes calldata aigcData) private view returns (bool) {
        bytes32 root = IInferenceOracle(oracle).assertion(requestId).outputRoot;
        return root != 0 && root == TensorRoot.ofBytes(aigcData);
    }

    /// @inheritdoc IERC7007
    /// @dev `proof` is empty, or the request's id as 32 bytes: as `AigcData` has it.
    function verify(
        bytes calldata prompt_,
        bytes calldata aigcData,
        bytes calldata proof
    ) external view returns (bool success) {
        Token storage token = _tokens[tokenId(prompt_)];
        uint256 requestId = token.requestId;
        if (!token.written || keccak256(aigcData) != keccak256(token.content)) return false;
        if (proof.length != 0 && keccak256(proof) != keccak256(abi.encode(requestId))) return false;
        return IInferenceOracle(oracle).isFinalized(requestId) && _isAnswer(requestId, aigcData);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IERC7007Enumerable
    function tokenId(bytes calldata prompt_) public pure returns (uint256) {
        return uint256(keccak256(prompt_));
    }

    /// @inheritdoc IERC7007Enumerable
    function prompt(uint256 id) external view returns (string memory) {
        _requireMinted(id);
        return string(_tokens[id].prompt);
    }

    /// @inheritdoc IGeneratedContent
    function contentOf(uint256 id) external view returns (bytes memory aigcData, bool written, uint256 requestId) {
        _requireMinted(id);
        Token storage token = _tokens[id];
        return (token.content, token.written, token.requestId);
    }

    /// @inheritdoc IGeneratedContent
    function commitmentOf(address account, bytes calldata prompt_, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), account, keccak256(prompt_), salt));
    }

    /// @inheritdoc IGeneratedContent
    function price() external view returns (uint256) {
        return IInferenceOracle(oracle).estimateFee(versionId, callbackGas);
    }

    /// @inheritdoc IERC2981
    function royaltyInfo(uint256, uint256 salePrice) external view returns (address, uint256) {
        // Rounded down; no product overflows, because the quotient is taken apart first.
        return (till, (salePrice / BPS) * royaltyBps + ((salePrice % BPS) * royaltyBps) / BPS);
    }

    /// @notice The metadata JSON of ERC-7007, as a data URI. What the model wrote may be any bytes, so it is a data URI too.
    function tokenURI(uint256 id) public view override returns (string memory) {
        _requireMinted(id);
        Token storage token = _tokens[id];
        string memory title = Strings.escapeJSON(name());
        bytes memory json = abi.encodePacked(
            '{"name":"',
            title,
            " ",
            Strings.toHexString(id, 32),
            '","description":"What a model wrote on from a prompt, asked through an oracle that can be disputed.","image":"',
            _image(id),
            '","prompt":"',
            Strings.escapeJSON(string(token.prompt)),
            '","aigc_type":"text","aigc_data":"',
            token.written ? _dataUri("text/plain;charset=utf-8", token.content) : "",
            '","proof_type":"fraud"}'
        );
        return _dataUri("application/json", json);
    }

    /// A square in a colour of the prompt's own.
    function _image(uint256 id) private pure returns (string memory) {
        bytes memory svg = abi.encodePacked(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640"><rect width="640" height="640" fill="hsl(',
            Strings.toString(id % 360),
            ' 60% 50%)"/></svg>'
        );
        return _dataUri("image/svg+xml", svg);
    }

    function _dataUri(string memory mediaType, bytes memory data) private pure returns (string memory) {
        return string.concat("data:", mediaType, ";base64,", Base64.encode(data));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) public view override(ERC721, IERC165) returns (bool) {
        return
            id == type(IERC7007).interfaceId ||
            id == type(IERC7007Updatable).interfaceId ||
            id == type(IERC7007Enumerable).interfaceId ||
            id == type(IERC2981).interfaceId ||
            super.supportsInterface(id);
    }

    function _minted(bytes calldata prompt_) private view returns (uint256 id) {
        id = tokenId(prompt_);
        _requireMinted(id);
    }

    function _requireMinted(uint256 id) private view {
        if (_ownerOf(id) == address(0)) revert GeneratedContent_NotMinted(id);
    }
}
