"""What the package is for, in a minute: every number that is printed is proved."""

import numpy as np

import polyak

# Twenty points on a line. NumPy sees noise: sometimes a negative number, of a matrix that is positive definite.
points = np.linspace(-1, 1, 20)[:, None]
noise = np.linalg.eigvalsh(polyak.gram(points, "gaussian:1"))[0]
proved = polyak.smallest_eigenvalue(points, kernel="gaussian:1")
print(f"numpy.linalg.eigvalsh: {noise:.2e}")
print(proved)
assert proved.positive and abs(noise) > 1e6 * proved.hi

# Two clouds far from the origin, where squared distances lose their digits.
rng = np.random.default_rng(0)
x, y = rng.normal(size=(300, 3)) + 1e8, rng.normal(size=(300, 3)) + 1e8
distance = polyak.wasserstein(x, y)
print(distance)
assert distance.reached

# How many random features keep half of the smallest eigenvalue, but with probability 1e-3?
cloud = rng.normal(size=(60, 5))
width = polyak.features_needed(cloud, "gaussian:2")
print(f"{width.frequencies} frequencies, by {width.bound}; λ_min in {width.smallest.decimal(4)}")

# A theorem, checked: on sharp instances, on random ones, and on handwritten digits.
report = polyak.verify("P3.local", effort="quick", samples=40)
print(report)
assert report.holds
