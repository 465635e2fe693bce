"""Trains the example digit classifier and writes digits.onnx and heldback.bin beside this file.

Not part of the build: the files are committed. To make them again on Debian 12:

    apt-get install -y python3-sklearn python3-onnx
    /usr/bin/python3 libs/models/digits/train.py

Every seed is fixed; another BLAS may still train slightly other weights. Only training is floating point: the
exported graph answers with the same bytes on every machine, see card.md.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).parent
HIDDEN = 64
HELD_BACK = 360
SEED = 7
WEIGHT_MAX = 63  # weights in [-63, 63]: u8 times s7 never saturates, whatever the instruction set


def shifted(images, labels):
    """The images and their four one-pixel shifts."""
    padded = np.pad(images.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    offsets = [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)]
    views = [padded[:, y : y + 8, x : x + 8].reshape(-1, 64) for y, x in offsets]
    return np.concatenate(views), np.tile(labels, len(offsets))


def train(images, labels):
    """Two layers in float32: (w1, b1), (w2, b2)."""
    x, y = shifted(images, labels)
    model = MLPClassifier((HIDDEN,), max_iter=150, alpha=1e-2, learning_rate_init=2e-3, random_state=SEED)
    model.fit(x / 16.0, y)
    return list(zip(model.coefs_, model.intercepts_))


def quantise(layers, images):
    """Integer weights and biases of the graph in export(), calibrated on training images only.

    Layer 1 has a scale per neuron: hidden = clip(round(scale[j] * (pixels @ w1 + b1)), 0, 255).
    Layer 2 has one scale for all classes, so that logits compare as integers.
    """
    (w1, b1), (w2, b2) = layers
    w1 = w1 / 16.0
    s1 = np.abs(w1).max(axis=0) / WEIGHT_MAX
    q1 = np.rint(w1 / s1).astype(np.int8)
    c1 = np.rint(b1 / s1).astype(np.int32)
    activations = np.maximum(images @ w1 + b1, 0)
    s_hidden = np.percentile(activations.max(axis=1), 99.9) / 255
    scale = (s1 / s_hidden).astype(np.float32)
    s2 = np.abs(w2).max() / WEIGHT_MAX
    q2 = np.rint(w2 / s2).astype(np.int8)
    c2 = np.rint(b2 / (s2 * s_hidden)).astype(np.int32)
    return {"w1": q1, "b1": c1, "scale": scale, "w2": q2, "b2": c2}


def logits(q, images):
    """What the exported graph computes, for the figures in the card."""
    acc = images.astype(np.int32) @ q["w1"].astype(np.int32) + q["b1"]
    hidden = np.clip(np.rint(acc.astype(np.float32) * q["scale"]), 0, 255).astype(np.int32)
    return hidden @ q["w2"].astype(np.int32) + q["b2"]


def accuracy(q, images, labels):
    return float((logits(q, images).argmax(axis=1) == labels).mean())


def export(q, path):
    constants = [
        ("w1", q["w1"]),
        ("b1", q["b1"].reshape(1, -1)),
        ("scale", q["scale"].reshape(1, -1)),
        ("zero", np.float32(0)),
        ("top", np.float32(255)),
        ("w2", q["w2"]),
        ("b2", q["b2"].reshape(1, -1)),
    ]
    nodes = [
        helper.make_node("MatMulInteger", ["pixels", "w1"], ["hidden_sum"], "hidden_matmul"),
        helper.make_node("Add", ["hidden_sum", "b1"], ["hidden_acc"], "hidden_bias"),
        helper.make_node("Cast", ["hidden_acc"], ["hidden_float"], "hidden_to_float", to=TensorProto.FLOAT),
        helper.make_node("Mul", ["hidden_float", "scale"], ["hidden_scaled"], "hidden_scale"),
        helper.make_node("Round", ["hidden_scaled"], ["hidden_rounded"], "hidden_round"),
        helper.make_node("Clip", ["hidden_rounded", "zero", "top"], ["hidden_clipped"], "hidden_clip"),
        helper.make_node("Cast", ["hidden_clipped"], ["hidden"], "hidden_to_u8", to=TensorProto.UINT8),
        helper.make_node("MatMulInteger", ["hidden", "w2"], ["logits_sum"], "logits_matmul"),
        helper.make_node("Add", ["logits_sum", "b2"], ["logits"], "logits_bias"),
        helper.make_node("ArgMax", ["logits"], ["label"], "label_argmax", axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, [1, 64])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("logits", TensorProto.INT32, [1, 10]),
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants],
    )
    model = helper.make_model(
        graph, producer_name="openimo-digits", opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def main():
    digits = load_digits()
    images, labels = digits.data, digits.target

    x, x_held, y, y_held = train_test_split(
        images, labels, test_size=HELD_BACK, random_state=SEED, stratify=labels
    )
    layers = train(x, y)
    q = quantise(layers, x)
    (w1, b1), (w2, b2) = layers
    float_labels = (np.maximum(x_held / 16 @ w1 + b1, 0) @ w2 + b2).argmax(axis=1)
    figures = {
        "training": accuracy(q, x, y),
        "held back": accuracy(q, x_held, y_held),
        "held back, float32 original": float((float_labels == y_held).mean()),
        "agreement with the float32 original": float((logits(q, x_held).argmax(axis=1) == float_labels).mean()),
    }

    # The file has no writer ids, but neighbours in it share writers: its last part stands in for unseen ones.
    tail = quantise(train(images[:-HELD_BACK], labels[:-HELD_BACK]), images[:-HELD_BACK])
    figures["same recipe, last 360 in file order"] = accuracy(tail, images[-HELD_BACK:], labels[-HELD_BACK:])

    export(q, HERE / "digits.onnx")
    # One record of 65 bytes per image: its label, then its 64 pixels row by row.
    (HERE / "heldback.bin").write_bytes(np.column_stack([y_held, x_held]).astype(np.uint8).tobytes())
    for name, value in figures.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
