"""JAX on the CPU, everything under `jit`: `python jax_peer.py WORKLOAD`. NPROC in the environment sets its threads."""
import math
import os
import sys

os.environ["JAX_PLATFORMS"] = "cpu"
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import inputs
from protocol import compete, summarize

LEARNING_RATE = 0.01


def host(arrays):
    return [np.asarray(one) for one in arrays]


def cross_entropy(logits, labels):
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)
    return -jnp.mean(chosen)


def train(given, loss_of, *batch):
    """Loss, gradients and the step down the gradient are one compiled function, whose parameters are donated."""
    value_and_grad = jax.value_and_grad(loss_of)

    def update(params, *batch):
        loss, gradients = value_and_grad(params, *batch)
        return [p - LEARNING_RATE * g for p, g in zip(params, gradients)], loss

    update = jax.jit(update, donate_argnums=0)
    state = dict(params=[jnp.asarray(one) for one in given])
    batch = [jnp.asarray(one) for one in batch]

    def step():
        state["params"], loss = update(state["params"], *batch)
        jax.block_until_ready(state["params"])
        return float(loss)

    def check():
        params = [jnp.asarray(one) for one in given]
        loss, gradients = jax.jit(value_and_grad)(params, *batch)
        found = dict(loss=float(loss), gradients=summarize(host(gradients)))
        return dict(found, fifthLoss=[step() for _ in range(5)][-1])

    return step, check


def gradients_of(loss_of, args):
    args = [jnp.asarray(one) for one in args]
    run = jax.jit(jax.value_and_grad(loss_of, argnums=tuple(range(len(args)))))

    def step():
        loss, gradients = run(*args)
        jax.block_until_ready(gradients)
        return float(loss)

    def check():
        loss, gradients = run(*args)
        return dict(loss=float(loss), gradients=summarize(host(gradients)))

    return step, check


def dense(params, x, activation):
    for at in range(0, len(params), 2):
        x = x @ params[at] + params[at + 1]
        if at + 2 < len(params):
            x = activation(x)
    return x


def convolve(x, kernel, pad):
    dimensions = ("NCHW", "OIHW", "NCHW")
    return lax.conv_general_dilated(x, kernel, (1, 1), [(pad, pad)] * 2, dimension_numbers=dimensions)


def pooled(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def seed_step():
    x = jnp.asarray(inputs.seed_step())
    slope = jax.jit(jax.grad(lambda x: (2 * jnp.dot(x.T, x))[0, 0]))

    def step():
        return np.asarray(slope(x))

    return step, lambda: dict(gradients=summarize([step()]))


def control_flow():
    """Reverse mode cannot pass a loop of unknown length: the loop finds the factor on a value without gradient."""
    numbers = inputs.control_flow()

    def doubled(x):
        b = x * 2
        still = lax.stop_gradient(b)
        small = lambda factor: jnp.linalg.norm(still * factor) < 1000
        b = b * lax.while_loop(small, lambda factor: factor * 2, jnp.float32(1))
        return jnp.sum(lax.cond(jnp.sum(b) > 0, lambda b: b, lambda b: 100 * b, b))

    slope = jax.jit(jax.grad(doubled))
    state = dict(iteration=0)

    def step():
        at = state["iteration"] % 1000
        state["iteration"] += 1
        return np.asarray(slope(jnp.asarray(numbers[at : at + 1])))

    return step, lambda: dict(gradients=summarize([[step()[0] for _ in range(100)]]))


def mlp(workload):
    x, y, params = inputs.mlp(workload)
    return train(params, lambda p, x, y: cross_entropy(dense(p, x, jax.nn.relu), y), x, y)


def lenet():
    x, y, params = inputs.lenet()

    def loss_of(p, x, y):
        h = pooled(jax.nn.relu(convolve(x, p[0], 2) + p[1][:, None, None]))
        h = pooled(jax.nn.relu(convolve(h, p[2], 0) + p[3][:, None, None]))
        return cross_entropy(dense(p[4:], h.reshape(64, -1), jax.nn.relu), y)

    return train(params, loss_of, x, y)


def convolution():
    def loss_of(x, kernel, bias):
        return jnp.mean(jax.nn.relu(convolve(x, kernel, 1) + bias[:, None, None]) ** 2)

    return gradients_of(loss_of, inputs.convolution())


def normalize(x, gain, shift):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * gain + shift


def transformer():
    x, target, params = inputs.transformer()
    batch, sequence, width, heads = inputs.BATCH, inputs.SEQUENCE, inputs.WIDTH, inputs.HEADS

    def loss_of(params, x, target):
        g1, s1, wq, bq, wk, bk, wv, bv, wo, bo, g2, s2, w1, b1, w2, b2 = params
        h = normalize(x, g1, s1)

        def project(w, b):
            split = (h @ w + b).reshape(batch, sequence, heads, width // heads)
            return split.transpose(0, 2, 1, 3)

        q, k, v = project(wq, bq), project(wk, bk), project(wv, bv)
        scores = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / math.sqrt(width // heads), -1)
        mixed = (scores @ v).transpose(0, 2, 1, 3).reshape(batch, sequence, width)
        r = x + (mixed @ wo + bo)
        inner = jax.nn.gelu(normalize(r, g2, s2) @ w1 + b1, approximate=True)
        return jnp.mean((r + (inner @ w2 + b2) - target) ** 2)

    return train(params, loss_of, x, target)


def chain(a, b, c, d, e):
    return jnp.sum(jnp.tanh(a * b + c) * d - e * e / (1 + jnp.exp(-a)))


def product(workload):
    a, b = [jnp.asarray(one) for one in inputs.product(workload)]
    run = jax.jit(jnp.matmul)

    def step():
        return run(a, b).block_until_ready()

    return step, lambda: dict(gradients=summarize([np.asarray(step())]))


def recurrence(workload):
    w, b, start = inputs.recurrence()
    start = jnp.asarray(start)

    def loss_of(w, b):
        h = start
        for _ in range(inputs.RECURRENCE_STEPS[workload]):
            h = h + 0.001 * jnp.tanh(w @ h + b)
        return h.sum()

    return gradients_of(loss_of, [w, b])


def rosenbrock():
    def loss_of(x):
        return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    return gradients_of(loss_of, [inputs.rosenbrock()])


def hessian_vector():
    """Reverse mode over reverse mode."""
    x, y, given = inputs.mlp("W3")
    direction = [jnp.asarray(one) for one in inputs.direction_like(given)]
    x, y, params = jnp.asarray(x), jnp.asarray(y), [jnp.asarray(one) for one in given]
    loss_of = lambda p: cross_entropy(dense(p, x, jnp.tanh), y)

    def slope(params):
        loss, gradients = jax.value_and_grad(loss_of)(params)
        return sum(jnp.vdot(g, v) for g, v in zip(gradients, direction)), loss

    run = jax.jit(jax.grad(slope, has_aux=True))

    def step():
        found, loss = run(params)
        jax.block_until_ready(found)
        return float(loss)

    def check():
        found, loss = run(params)
        return dict(loss=float(loss), gradients=summarize(host(found)))

    return step, check


def product_gradients(workload):
    return gradients_of(lambda a, b: jnp.sum(a @ b), inputs.product(workload))


compete(
    sys.argv[1],
    jax.__version__,
    sized={"W3": mlp, "W7_": product, "W7g_": product_gradients, "W8_": recurrence},
    single={
        "W1": seed_step,
        "W2": control_flow,
        "W4": lenet,
        "W4conv": convolution,
        "W5": transformer,
        "W6": lambda: gradients_of(chain, inputs.elementwise()),
        "W8r": rosenbrock,
        "W9": hessian_vector,
    },
)
