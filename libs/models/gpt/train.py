"""Trains the example text generator, a byte-level GPT, and writes gpt.float.onnx, calibration.bin and
heldback.bin beside this file.

Not part of the build: the files are committed. To make them again on Debian 12, from the repository's root:

    apt-get install -y python3-torch python3-onnx
    /usr/bin/python3 libs/models/gpt/train.py
    npm run openimo -- model lower libs/models/gpt/gpt.float.onnx --compare logits \\
        --calibration libs/models/gpt/calibration.bin --out libs/models/gpt/gpt.onnx

The corpus is the Solidity source of @openzeppelin/contracts (MIT), as installed in node_modules. Every eighth file or so,
chosen by the hash of its path, is held back. Seeds are fixed; another processor may still train slightly other weights.
Training stops and resumes at checkpoints: start it again after an interruption.
"""

import argparse
import hashlib
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto, checker, helper, numpy_helper

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parents[2] / "node_modules" / "@openzeppelin" / "contracts"
LAYERS, WIDTH, HEADS, CONTEXT, BYTES = 5, 128, 4, 64, 256
BATCH, STEPS = 32, 3400
WARM_UP, COOL_DOWN = 50, 0.35
MATRIX_RATE, VECTOR_RATE, DECAY = 0.02, 4e-3, 0.1
SEED = 7
END_OF_TEXT = 0
CALIBRATION, HELD_BACK = 512, 2048


def is_held_back(path):
    return hashlib.sha256(path.encode()).digest()[0] % 8 == 0


def corpus():
    """The bytes of the training files and of the held-back ones, each file followed by END_OF_TEXT."""
    parts = {False: [], True: []}
    for file in sorted(CORPUS.rglob("*.sol")):
        parts[is_held_back(file.relative_to(CORPUS).as_posix())].append(file.read_bytes())
    end = bytes([END_OF_TEXT])
    join = lambda files: end.join(files) + end
    return join(parts[False]), join(parts[True])


def initial(generator):
    """Weights by name. Matrices multiply from the right, so they are [in, out]; those that write to the stream start at 0."""
    draw = lambda rows, columns, deviation: torch.randn(rows, columns, generator=generator) * deviation
    weights = {"tokens": draw(BYTES, WIDTH, 0.1), "positions": draw(CONTEXT, WIDTH, 0.05)}
    for layer in range(LAYERS):
        for name in ("q", "k", "v"):
            weights[f"{layer}.{name}"] = draw(WIDTH, WIDTH, WIDTH**-0.5)
        weights[f"{layer}.out"] = torch.zeros(WIDTH, WIDTH)
        weights[f"{layer}.up"] = draw(WIDTH, 4 * WIDTH, WIDTH**-0.5)
        weights[f"{layer}.down"] = torch.zeros(4 * WIDTH, WIDTH)
        for name in ("norm1", "norm2"):
            weights[f"{layer}.{name}.gain"], weights[f"{layer}.{name}.bias"] = torch.ones(WIDTH), torch.zeros(WIDTH)
    weights["norm.gain"], weights["norm.bias"] = torch.ones(WIDTH), torch.zeros(WIDTH)
    return weights


def logits(w, text):
    """Scores of the byte that follows each of text's, [batch, CONTEXT, BYTES]."""
    batch, length = text.shape
    norm = lambda x, name: F.layer_norm(x, (WIDTH,), w[f"{name}.gain"], w[f"{name}.bias"])
    heads = lambda x: x.view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)
    causal = torch.full((length, length), -1e9).triu(1)
    stream = F.embedding(text, w["tokens"]) + w["positions"][:length]
    for layer in range(LAYERS):
        x = norm(stream, f"{layer}.norm1")
        q, k, v = torch.matmul(x, torch.cat([w[f"{layer}.{name}"] for name in "qkv"], 1)).split(WIDTH, 2)
        scores = heads(q) @ heads(k).transpose(2, 3) * (WIDTH // HEADS) ** -0.5
        mixed = (torch.softmax(scores + causal, 3) @ heads(v)).transpose(1, 2).reshape(batch, length, WIDTH)
        stream = stream + mixed @ w[f"{layer}.out"]
        stream = stream + torch.relu(norm(stream, f"{layer}.norm2") @ w[f"{layer}.up"]) @ w[f"{layer}.down"]
    return norm(stream, "norm") @ w["tokens"].T


def orthogonal(stack):
    """The matrices of a stack [n, rows ≤ columns] with all singular values near 1: Newton-Schulz, five rounds
    (Jordan et al., Muon, 2024)."""
    x = stack / (stack.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.775 * square + 2.0315 * square @ square) @ x
    return x


class Muon:
    """Momentum steps along the nearest orthogonal matrix."""

    def __init__(self, matrices):
        self.matrices = matrices
        self.momenta = [torch.zeros_like(matrix) for matrix in matrices]

    @torch.no_grad()
    def step(self, rate):
        shapes = {}
        for matrix, momentum in zip(self.matrices, self.momenta):
            momentum.mul_(0.95).add_(matrix.grad)
            ahead = matrix.grad + 0.95 * momentum
            wide = matrix.shape[0] <= matrix.shape[1]
            shapes.setdefault(tuple(sorted(matrix.shape)), []).append((matrix, ahead if wide else ahead.T, wide))
        for group in shapes.values():
            for (matrix, _, wide), step in zip(group, orthogonal(torch.stack([ahead for _, ahead, _ in group]))):
                size = max(1, matrix.shape[1] / matrix.shape[0]) ** 0.5
                matrix.mul_(1 - DECAY * rate).sub_((step if wide else step.T), alpha=rate * size)


def rate_at(step, steps):
    """Share of the full rate: warm-up, plateau, straight down to nothing."""
    return min(1, (step + 1) / WARM_UP, (steps - step) / (steps * COOL_DOWN))


def train(text, held_back, steps, checkpoint):
    data = torch.from_numpy(np.frombuffer(text, np.uint8).astype(np.int64))
    w = {name: value.requires_grad_() for name, value in initial(torch.Generator().manual_seed(SEED)).items()}
    is_matrix = lambda name: name[0].isdigit() and "norm" not in name
    muon = Muon([value for name, value in w.items() if is_matrix(name)])
    adam = torch.optim.AdamW([v for n, v in w.items() if not is_matrix(n)], VECTOR_RATE, (0.9, 0.95), weight_decay=0)
    first, started = 0, time.time()
    if checkpoint.exists():
        first, weights, muon.momenta, state = torch.load(checkpoint)
        adam.load_state_dict(state)
        for name, value in weights.items():
            w[name].data.copy_(value)
    for step in range(first, steps):
        starts = np.random.default_rng((SEED, step)).integers(0, len(data) - CONTEXT, BATCH)
        crops = torch.stack([data[start : start + CONTEXT + 1] for start in starts])
        loss = F.cross_entropy(logits(w, crops[:, :-1]).flatten(0, 1), crops[:, 1:].flatten())
        for value in w.values():
            value.grad = None
        loss.backward()
        share = rate_at(step, steps)
        adam.param_groups[0]["lr"] = VECTOR_RATE * share
        adam.step()
        muon.step(MATRIX_RATE * share)
        if step % 100 == 99:
            print(f"step {step + 1}: {loss.item() / math.log(2):.3f} bits per byte, {time.time() - started:.0f} s", flush=True)
        if step % 1000 == 999:
            print(f"held back: {bits_per_byte(w, held_back):.3f} bits per byte", flush=True)
        if step % 200 == 199:
            torch.save((step + 1, w, muon.momenta, adam.state_dict()), checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)
    return {name: value.detach() for name, value in w.items()}


@torch.no_grad()
def bits_per_byte(w, text):
    """Over windows of CONTEXT bytes laid end to end, every byte but each window's first."""
    data = torch.from_numpy(np.frombuffer(text, np.uint8).astype(np.int64))
    windows = data[: len(data) // CONTEXT * CONTEXT].view(-1, CONTEXT)
    losses = [F.cross_entropy(logits(w, part)[:, :-1].flatten(0, 1), part[:, 1:].flatten()) * len(part) for part in windows.split(64)]
    return sum(losses).item() / len(windows) / math.log(2)


def bigram_bits(text, held_back):
    """The same figure for counts of byte pairs, for comparison."""
    pairs = np.full((BYTES, BYTES), 0.01)
    seen = np.frombuffer(text, np.uint8)
    np.add.at(pairs, (seen[:-1], seen[1:]), 1)
    shares = pairs / pairs.sum(1, keepdims=True)
    unseen = np.frombuffer(held_back, np.uint8)
    return float(-np.log2(shares[unseen[:-1], unseen[1:]]).mean())


class Graph:
    """Collects the nodes and weights of an ONNX graph; every node is called after its output."""

    def __init__(self):
        self.nodes, self.weights = [], {}

    def add(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def weight(self, name, value):
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name


def export(w, path):
    """The float32 graph from text to the byte that follows it. In the last layer only the last byte's row is needed,
    but for the keys and values."""
    g, size = Graph(), WIDTH // HEADS
    weight = lambda name: g.weight(name, w[name].numpy())
    shape = lambda *dims: g.weight("x".join(map(str, dims)), np.array(dims, np.int64))
    norm = lambda x, name, output: g.add(
        "LayerNormalization", [x, weight(f"{name}.gain"), weight(f"{name}.bias")], output, axis=-1
    )
    g.weight("root", np.float32(size**-0.5))
    mask = g.weight("causal", np.triu(np.full((CONTEXT, CONTEXT), -1e9, np.float32), 1))

    bytes_present = g.add("Cast", [g.add("Cast", ["text"], "is_text", to=TensorProto.BOOL)], "ones", to=TensorProto.INT32)
    length = g.add("ReduceSum", [bytes_present, shape(0)], "length", keepdims=1)
    before = g.add("Sub", [length, g.weight("one", np.array([1], np.int32))], "before_end")
    last = g.add("Max", [before, g.weight("zero", np.array([0], np.int32))], "last")
    ids = g.add("Cast", ["text"], "ids", to=TensorProto.INT64)
    embedded = g.add("Gather", [weight("tokens"), ids], "embedded", axis=0)
    stream, rows = g.add("Add", [embedded, weight("positions")], "stream"), CONTEXT
    for layer in range(LAYERS):
        at = lambda name: f"{layer}.{name}.out"
        heads = lambda x, name, perm, count: g.add(
            "Transpose", [g.add("Reshape", [x, shape(count, HEADS, size)], at(f"{name}_split"))], at(f"{name}_heads"), perm=perm
        )
        product = lambda x, name: g.add("MatMul", [x, weight(f"{layer}.{name}")], at(name))
        x = norm(stream, f"{layer}.norm1", at("norm1"))
        k = heads(product(x, "k"), "k", [1, 2, 0], CONTEXT)
        v = heads(product(x, "v"), "v", [1, 0, 2], CONTEXT)
        if layer == LAYERS - 1:
            stream, rows = g.add("Gather", [stream, last], "row", axis=0), 1
            mask = g.add("Gather", [mask, last], "row_causal", axis=0)
            x = norm(stream, f"{layer}.norm1", at("row_norm1"))
        q = heads(product(x, "q"), "q", [1, 0, 2], rows)
        scaled = g.add("Mul", [g.add("MatMul", [q, k], at("scores")), "root"], at("scaled"))
        attention = g.add("Softmax", [g.add("Add", [scaled, mask], at("masked"))], at("attention"), axis=-1)
        mixed = g.add("Transpose", [g.add("MatMul", [attention, v], at("mix"))], at("mix_rows"), perm=[1, 0, 2])
        joined = g.add("Reshape", [mixed, shape(rows, WIDTH)], at("mix_joined"))
        stream = g.add("Add", [stream, product(joined, "out")], at("middle"))
        active = g.add("Relu", [product(norm(stream, f"{layer}.norm2", at("norm2")), "up")], at("active"))
        stream = g.add("Add", [stream, product(active, "down")], at("stream"))
    g.add("Gemm", [norm(stream, "norm", "normal"), weight("tokens")], "logits", transB=1)
    g.add("Cast", [g.add("ArgMax", ["logits"], "greatest", axis=1, keepdims=0)], "next", to=TensorProto.UINT8)
    graph = helper.make_graph(
        g.nodes,
        "gpt",
        [helper.make_tensor_value_info("text", TensorProto.UINT8, [CONTEXT])],
        [helper.make_tensor_value_info("next", TensorProto.UINT8, [1])],
        list(g.weights.values()),
    )
    model = helper.make_model(
        graph, producer_name="openimo-gpt", opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def prompts(text, count, seed):
    """Pieces of the text of 1 to CONTEXT bytes, padded with zeros to CONTEXT, each followed by the byte that comes next."""
    random = np.random.default_rng(seed)
    records = []
    while len(records) < count:
        start, length = random.integers(0, len(text) - CONTEXT), random.integers(1, CONTEXT + 1)
        piece, following = text[start : start + length], text[start + length]
        if END_OF_TEXT not in piece:
            records.append(piece.ljust(CONTEXT, b"\0") + bytes([following]))
    return records


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--steps", type=int, default=STEPS)
    arguments.add_argument("--checkpoint", type=Path, default=HERE / "checkpoint.pt")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    text, held_back = corpus()
    w = train(text, held_back, options.steps, options.checkpoint)
    export(w, HERE / "gpt.float.onnx")
    calibration = b"".join(record[:CONTEXT] for record in prompts(text, CALIBRATION, SEED))
    (HERE / "calibration.bin").write_bytes(calibration)
    (HERE / "heldback.bin").write_bytes(b"".join(prompts(held_back, HELD_BACK, SEED)))
    print(f"parameters: {sum(value.numel() for value in w.values())}")
    print(f"corpus: {len(text)} bytes to train on, {len(held_back)} held back")
    print(f"training text: {bits_per_byte(w, text[: len(held_back)]):.3f} bits per byte")
    print(f"held back: {bits_per_byte(w, held_back):.3f} bits per byte, counts of pairs {bigram_bits(text, held_back):.3f}")


if __name__ == "__main__":
    main()
