"""Trains a small network, linear in its parameters, on digits with NumPy alone, and writes what `polyak check` reads.

Nothing here is taken from polyak: the network, its backward pass and its loss are written out. Made are

    network.npz    layers (T x D x q x 2m), frequencies, input, output, loss (T)
    data.npz       inputs (N x d), targets (N x d')
    values.json    loss and squared norm of the gradient of every checkpoint, by this script's own backward pass,
                   the extreme eigenvalues of its tangent kernel (numpy.linalg.eigvalsh of the Jacobian), and the
                   derivative of the loss along the gradient by central differences

    python train.py FOLDER digits.csv

`digits.csv` has 64 pixels and a label in every row: `zcat src/data/digits.csv.gz`. The files beside this script are those that it
writes; then

    polyak check examples/check/network.npz --data examples/check/data.npz --scale 1/D
"""

import json
import sys

import numpy as np

SAMPLES, WIDTH, DEPTH, CLASSES, COORDINATES = 10, 16, 3, 2, 5
CHECKPOINTS, EVERY = 20, 10
ALPHA = 4.0


def data(path):
    """Five images each of two digits, projected on a few random directions; labels as unit vectors, centred."""
    table = np.loadtxt(path, delimiter=",")
    kept = np.concatenate([table[table[:, -1] == label][: SAMPLES // 2] for label in (3.0, 5.0)])
    directions = np.random.default_rng(1).standard_normal((kept.shape[1] - 1, COORDINATES)) / 16.0
    images = kept[:, :-1] @ directions
    targets = np.stack([kept[:, -1] == 3.0, kept[:, -1] == 5.0], axis=1) * 1.0
    return images, targets - targets.mean(axis=0)


def features(frequencies, z):
    phases = z @ frequencies.T
    return np.concatenate([np.cos(phases), np.sin(phases)], axis=1)


def forward(net, x):
    """Plain residual blocks z + W (cos, sin) / D: the scaling 1/D of the file."""
    states = [x @ net["input"].T]
    for w in net["layers"]:
        states.append(states[-1] + features(net["frequencies"], states[-1]) @ w.T / DEPTH)
    return states, states[-1] @ net["output"].T


def pull(net, states, p):
    """Derivatives of sum_i <p_i, z_D^i> in every W: a backward pass."""
    omega, gradients = net["frequencies"], [None] * DEPTH
    m = len(omega)
    for k in reversed(range(DEPTH)):
        phi = features(omega, states[k])
        gradients[k] = p.T @ phi / DEPTH
        back = p @ net["layers"][k] / DEPTH
        slopes = back[:, m:] * phi[:, :m] - back[:, :m] * phi[:, m:]
        p = p + slopes @ omega
    return np.stack(gradients)


def loss_and_gradient(net, x, y):
    states, outputs = forward(net, x)
    errors = outputs - y
    loss = (errors**2).sum() / (2 * len(x))
    return loss, pull(net, states, errors @ net["output"] / len(x))


def tangent(net, x):
    """The Gram matrix of the Jacobian, in the inner product of the theory: times D / c^2, c = sqrt(m)."""
    states, _ = forward(net, x)
    rows = []
    for i in range(len(x)):
        for r in range(CLASSES):
            p = np.zeros_like(states[0])
            p[i] = net["output"][r]
            rows.append(pull(net, states, p).ravel())
    jacobian = np.stack(rows)
    return jacobian @ jacobian.T * DEPTH / WIDTH


def main(folder, path):
    rng = np.random.default_rng(7)
    x, y = data(path)
    d, q = x.shape[1], x.shape[1] + CLASSES
    net = {
        "frequencies": rng.standard_normal((WIDTH, q)) * 1.0,
        "input": np.eye(q, d),
        "output": ALPHA * np.eye(CLASSES, q, k=d),
        "layers": np.zeros((DEPTH, q, 2 * WIDTH)),
    }
    rate = 0.5 * len(x) / np.linalg.eigvalsh(tangent(net, x) * WIDTH / DEPTH)[-1]
    kept, values = [], []
    for step in range(CHECKPOINTS * EVERY):
        if step % EVERY == 0:
            # What is written has single precision, and the values are of what is written.
            net["layers"] = net["layers"].astype(np.float32).astype(np.float64)
        loss, gradient = loss_and_gradient(net, x, y)
        if step % EVERY == 0:
            kernel = np.linalg.eigvalsh(tangent(net, x))
            t = 1e-6 / np.sqrt((gradient**2).sum())
            moved = [loss_and_gradient(dict(net, layers=net["layers"] + s * t * gradient), x, y)[0] for s in (1, -1)]
            kept.append(net["layers"].astype(np.float32))
            values.append(
                {
                    "loss": loss,
                    "gradient_norm_squared": (gradient**2).sum(),
                    "difference": (moved[0] - moved[1]) / (2 * t),
                    "tangent": [kernel[0], kernel[-1]],
                }
            )
        net["layers"] = net["layers"] - rate * gradient
    np.savez_compressed(
        f"{folder}/network.npz",
        layers=np.stack(kept),
        frequencies=net["frequencies"],
        input=net["input"],
        output=net["output"],
        loss=np.array([value["loss"] for value in values]),
    )
    np.savez_compressed(f"{folder}/data.npz", inputs=x, targets=y)
    with open(f"{folder}/values.json", "w") as file:
        json.dump({"scale": "1/D", "checkpoints": values}, file, indent=1)
    print(f"loss {values[0]['loss']:.3e} to {values[-1]['loss']:.3e}, rate {rate:.3e}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
