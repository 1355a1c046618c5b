"""A residual network in NumPy, which tests hold the crate to."""

import numpy as np


class Network:
    """``z + W_k (cos Ωz, sin Ωz)/(D√m)``, and its gradient by the chain rule."""

    def __init__(self, network, depth):
        self.frequencies, self.lift, self.readout = (network[name] for name in ("frequencies", "input", "output"))
        self.depth = depth
        self.share = 1.0 / (depth * np.sqrt(len(self.frequencies)))

    def features(self, z):
        phases = z @ self.frequencies.T
        return np.hstack([np.cos(phases), np.sin(phases)]), np.hstack([-np.sin(phases), np.cos(phases)])

    def run(self, layers, x, y):
        states = [x @ self.lift.T]
        for layer in layers:
            states.append(states[-1] + self.share * self.features(states[-1])[0] @ layer.T)
        residual = states[-1] @ self.readout.T - y
        loss = (residual**2).sum() / (2 * len(x))
        pulled = residual @ self.readout / len(x)
        gradient = np.zeros_like(layers)
        for k in reversed(range(self.depth)):
            values, slopes = self.features(states[k])
            gradient[k] = self.share * pulled.T @ values
            through = (pulled @ layers[k]) * slopes * self.share
            half = len(self.frequencies)
            pulled = pulled + (through[:, :half] + through[:, half:]) @ self.frequencies
        return loss, gradient
