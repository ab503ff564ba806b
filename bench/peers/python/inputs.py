"""The inputs of every workload, to the bit those of inputs.ts: a linear congruential generator per array."""
import math

import numpy as np

MULTIPLIER, INCREMENT = 1664525, 1013904223
BLOCK = 1 << 15
MASK = np.uint64(0xFFFFFFFF)


def _jump_tables():
    """The k-th state after s is s * a[k] + c[k] modulo 2^32."""
    a, c = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint64)
    a[0], c[0], done = MULTIPLIER, INCREMENT, 1
    while done < BLOCK:
        last_a, last_c = a[done - 1], c[done - 1]
        a[done : 2 * done] = (a[:done] * last_a) & MASK
        c[done : 2 * done] = (a[:done] * last_c + c[:done]) & MASK
        done *= 2
    return a, c


JUMPS = _jump_tables()


def _bits(seed, count):
    """The upper 24 bits of successive states."""
    a, c = JUMPS
    state = (seed * 2654435761) & 0xFFFFFFFF
    found = np.empty(count, np.int64)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        states = (a[:size] * np.uint64(state) + c[:size]) & MASK
        state = int(states[-1])
        found[start : start + size] = states >> np.uint64(8)
    return found


def _size(shape):
    return int(np.prod(shape))


def unit_numbers(seed, *shape):
    """float32 in [0, 1), exact."""
    return (_bits(seed, _size(shape)) / 16777216.0).astype(np.float32).reshape(shape)


def symmetric_numbers(seed, scale, *shape):
    """float32 in [-scale, scale), the product in float64."""
    units = _bits(seed, _size(shape)) / 16777216.0
    return ((2.0 * units - 1.0) * scale).astype(np.float32).reshape(shape)


def labels(seed, count):
    return (_bits(seed, count) * 10 >> 24).astype(np.int32)


def _zeros(size):
    return np.zeros(size, np.float32)


def _ones(size):
    return np.ones(size, np.float32)


def _dense_layers(widths, seed):
    params = []
    for layer, (fan_in, out) in enumerate(zip(widths, widths[1:])):
        params += [symmetric_numbers(seed + layer, 1 / math.sqrt(fan_in), fan_in, out), _zeros(out)]
    return params


def _mlp(widths, batch, seed):
    x = unit_numbers(seed + 1, batch, widths[0])
    return x, labels(seed + 2, batch), _dense_layers(widths, seed + 10)


def mlp(workload):
    if workload == "W3big":
        return _mlp([784, 1024, 1024, 10], 256, 330)
    return _mlp([784, 256, 128, 10], 64, 300)


def direction_like(params):
    return [symmetric_numbers(901 + at, 1.0, *param.shape) for at, param in enumerate(params)]


def lenet():
    params = []
    for layer, shape in enumerate([(6, 1, 5, 5), (16, 6, 5, 5)]):
        scale = 1 / math.sqrt(_size(shape[1:]))
        params += [symmetric_numbers(410 + layer, scale, *shape), _zeros(shape[0])]
    params += _dense_layers([400, 120, 84, 10], 412)
    return unit_numbers(401, 64, 1, 28, 28), labels(402, 64), params


def convolution():
    return [
        symmetric_numbers(451, 1.0, 8, 32, 28, 28),
        symmetric_numbers(452, 1 / math.sqrt(288), 64, 32, 3, 3),
        symmetric_numbers(453, 0.1, 64),
    ]


BATCH, SEQUENCE, WIDTH, HEADS, INNER = 8, 64, 128, 4, 512


def transformer():
    scale = 1 / math.sqrt(WIDTH)
    params = [_ones(WIDTH), _zeros(WIDTH)]
    for seed in (510, 511, 512, 513):
        params += [symmetric_numbers(seed, scale, WIDTH, WIDTH), _zeros(WIDTH)]
    params += [_ones(WIDTH), _zeros(WIDTH)]
    params += [symmetric_numbers(514, scale, WIDTH, INNER), _zeros(INNER)]
    params += [symmetric_numbers(515, 1 / math.sqrt(INNER), INNER, WIDTH), _zeros(WIDTH)]
    x = symmetric_numbers(501, 1.0, BATCH, SEQUENCE, WIDTH)
    return x, symmetric_numbers(502, 1.0, BATCH, SEQUENCE, WIDTH), params


def elementwise():
    return [symmetric_numbers(seed, 1.0, 1000000) for seed in range(601, 606)]


def product(workload):
    size = int(workload.split("_")[1])
    return [symmetric_numbers(701, 1.0, size, size), symmetric_numbers(702, 1.0, size, size)]


RECURRENCE_STEPS = {"W8_100": 20, "W8_1k": 200, "W8_10k": 2000}


def recurrence():
    shapes = [(801, (8, 8)), (802, (8, 1)), (803, (8, 1))]
    return [symmetric_numbers(seed, 0.5, *shape) for seed, shape in shapes]


def rosenbrock():
    return symmetric_numbers(851, 1.0, 10)


def control_flow():
    return symmetric_numbers(201, 1.0, 1000)


def seed_step():
    return np.arange(4, dtype=np.float32).reshape(4, 1)
