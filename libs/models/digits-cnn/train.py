"""Trains a small convolutional network on handwritten digits and writes digits-cnn.float.onnx and calibration.bin.

Not part of the build: the files are committed. To make them again on Debian 12, from the repository's root:

    apt-get install -y python3-torch python3-sklearn python3-onnx
    /usr/bin/python3 libs/models/digits-cnn/train.py
    npm run openimo -- model lower libs/models/digits-cnn/digits-cnn.float.onnx --encode pixels=0.0625 \\
        --calibration libs/models/digits-cnn/calibration.bin --out libs/models/digits-cnn/digits-cnn.onnx

Data and held-back images are those of ../digits: the same split by the same seed. Seeds are fixed; another processor may
still train slightly other weights.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto, checker, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HERE = Path(__file__).resolve().parent
HELD_BACK, SEED = 360, 7
FILTERS = (16, 32)
EPOCHS, BATCH, RATE = 40, 64, 3e-3
CALIBRATION = 200


def shifted(images, labels):
    """The images and their eight one-pixel shifts."""
    padded = F.pad(images, (1, 1, 1, 1))
    views = [padded[:, :, y : y + 8, x : x + 8] for y in range(3) for x in range(3)]
    return torch.cat(views), labels.repeat(len(views))


def initial():
    first, second = FILTERS
    draw = lambda *dims: torch.randn(dims) * (2 / np.prod(dims[1:])) ** 0.5
    weights = {"w1": draw(first, 1, 3, 3), "w2": draw(second, first, 3, 3), "w3": draw(10, second * 16) * 0.5}
    biases = {"b1": torch.zeros(first), "b2": torch.zeros(second), "b3": torch.zeros(10)}
    return {name: value.requires_grad_() for name, value in (weights | biases).items()}


def logits(w, images):
    x = F.max_pool2d(torch.relu(F.conv2d(images, w["w1"], w["b1"], padding=1)), 2)
    x = torch.relu(F.conv2d(x, w["w2"], w["b2"], padding=1))
    return x.flatten(1) @ w["w3"].T + w["b3"]


def train(images, labels):
    torch.manual_seed(SEED)
    w = initial()
    x, y = shifted(images, labels)
    steps = EPOCHS * len(x) // BATCH
    adam = torch.optim.AdamW(w.values(), RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, steps)
    for _ in range(steps):
        batch = torch.randint(len(x), (BATCH,))
        adam.zero_grad()
        F.cross_entropy(logits(w, x[batch]), y[batch], label_smoothing=0.05).backward()
        adam.step()
        schedule.step()
    return {name: value.detach() for name, value in w.items()}


def accuracy(w, images, labels):
    return float((logits(w, images).argmax(1) == labels).float().mean())


def export(w, path):
    node = lambda operator, inputs, output, **attributes: helper.make_node(operator, inputs, [output], output, **attributes)
    same = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    nodes = [
        node("Conv", ["pixels", "w1", "b1"], "edges", **same),
        node("Relu", ["edges"], "strokes"),
        node("MaxPool", ["strokes"], "pooled", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["pooled", "w2", "b2"], "corners", **same),
        node("Relu", ["corners"], "shapes"),
        node("Flatten", ["shapes"], "features"),
        node("Gemm", ["features", "w3", "b3"], "logits", transB=1),
        node("ArgMax", ["logits"], "label", axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "digits-cnn",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 1, 8, 8])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 10]),
        ],
        [numpy_helper.from_array(value.numpy(), name) for name, value in w.items()],
    )
    model = helper.make_model(
        graph, producer_name="openimo-digits-cnn", opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def main():
    torch.set_num_threads(1)
    digits = load_digits()
    x, x_held, y, y_held = train_test_split(
        digits.data, digits.target, test_size=HELD_BACK, random_state=SEED, stratify=digits.target
    )
    pictures = lambda pixels: torch.from_numpy(pixels.reshape(-1, 1, 8, 8) / 16).float()
    w = train(pictures(x), torch.from_numpy(y))
    print(f"parameters: {sum(value.numel() for value in w.values())}")
    print(f"training: {accuracy(w, pictures(x), torch.from_numpy(y)):.4f}")
    print(f"held back: {accuracy(w, pictures(x_held), torch.from_numpy(y_held)):.4f}")

    # In file order, neighbours share writers: the last part stands in for unseen ones.
    all_pictures, labels = pictures(digits.data), torch.from_numpy(digits.target)
    tail = train(all_pictures[:-HELD_BACK], labels[:-HELD_BACK])
    share = accuracy(tail, all_pictures[-HELD_BACK:], labels[-HELD_BACK:])
    print(f"same recipe, last {HELD_BACK} in file order: {share:.4f}")

    export(w, HERE / "digits-cnn.float.onnx")
    (HERE / "calibration.bin").write_bytes(x[:CALIBRATION].astype(np.uint8).tobytes())


if __name__ == "__main__":
    main()
