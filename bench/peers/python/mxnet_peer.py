"""MXNet 1.9.1: `python mxnet_peer.py WORKLOAD imperative|hybrid`; `hybrid` makes the function a static graph. Its
threads are set by OMP_NUM_THREADS in the environment."""
import math
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
np.bool = bool  # MXNet 1.9.1 asks for this name, which newer numpy no longer has.
import mxnet as mx
from mxnet import autograd, gluon, nd

import inputs
from protocol import compete, summarize

WORKLOAD, MODE = sys.argv[1:3]


class Hybrid(gluon.HybridBlock):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def hybrid_forward(self, F, x, *rest):
        return self.function(F, x, *rest)


def compiled(function):
    """A function of arrays; `function` takes the operators first."""
    if MODE == "imperative":
        return lambda *arrays: function(nd, *arrays)
    block = Hybrid(function)
    block.hybridize(static_alloc=True, static_shape=True)
    return block


def constant(array):
    return nd.array(array, dtype=array.dtype)


def variable(array):
    made = constant(array)
    made.attach_grad()
    return made


def weight(array):
    """Dense weights are kept (out, in), as users of this library do."""
    return array.T if array.ndim == 2 else array


def cross_entropy(F, logits, labels):
    return F.mean(-F.pick(F.log_softmax(logits, axis=-1), labels, axis=-1))


def train(given, loss_of, batch):
    params = [variable(weight(one)) for one in given]
    batch = [constant(one) for one in batch]
    count = len(batch)
    run = compiled(lambda F, *arrays: loss_of(F, arrays[:count], arrays[count:]))

    def gradients():
        with autograd.record():
            loss = run(*batch, *params)
        loss.backward()
        return loss

    def step():
        loss = gradients()
        for param in params:
            nd.sgd_update(param, param.grad, lr=0.01, wd=0.0, out=param)
        value = loss.asscalar()
        nd.waitall()
        return float(value)

    def check():
        loss = gradients()
        found = summarize([weight(one.grad.asnumpy()) for one in params])
        value = float(loss.asscalar())
        return dict(loss=value, gradients=found, fifthLoss=[step() for _ in range(5)][-1])

    return step, check


def gradients_of(loss_of, args, compared=None):
    args = [variable(one) for one in args]
    function = compiled(loss_of)

    def run():
        with autograd.record():
            loss = function(*args)
        loss.backward()
        return loss

    def step():
        value = float(run().asscalar())
        nd.waitall()
        return value

    def check():
        loss = run()
        found = summarize([one.grad.asnumpy() for one in args[:compared]])
        return dict(loss=float(loss.asscalar()), gradients=found)

    return step, check


def dense(F, x, params, widths):
    for layer, width in enumerate(widths):
        x = F.FullyConnected(x, params[2 * layer], params[2 * layer + 1], num_hidden=width)
        if layer + 1 < len(widths):
            x = F.relu(x)
    return x


def seed_step():
    x = variable(inputs.seed_step())
    function = compiled(lambda F, x: 2 * F.dot(F.transpose(x), x))

    def step():
        with autograd.record():
            y = function(x)
        y.backward()
        return x.grad.asnumpy()

    return step, lambda: dict(gradients=summarize([step()]))


def doubled(a):
    b = a * 2
    while nd.norm(b).asscalar() < 1000:
        b = b * 2
    return b if nd.sum(b).asscalar() > 0 else 100 * b


def control_flow():
    numbers = inputs.control_flow()
    state = dict(iteration=0)

    def step():
        at = state["iteration"] % 1000
        state["iteration"] += 1
        x = nd.array(numbers[at : at + 1])
        x.attach_grad()
        with autograd.record():
            y = doubled(x)
        y.backward()
        return x.grad.asnumpy()

    return step, lambda: dict(gradients=summarize([[step()[0] for _ in range(100)]]))


def mlp(workload):
    x, y, params = inputs.mlp(workload)
    widths = [one.shape[1] for one in params[::2]]
    return train(params, lambda F, d, p: cross_entropy(F, dense(F, d[0], p, widths), d[1]), [x, y])


def lenet():
    x, y, params = inputs.lenet()

    def pooled(F, h):
        return F.Pooling(F.relu(h), kernel=(2, 2), stride=(2, 2), pool_type="max")

    def loss_of(F, batch, p):
        x, y = batch
        h = F.Convolution(x, p[0], p[1], kernel=(5, 5), pad=(2, 2), num_filter=6)
        h = F.Convolution(pooled(F, h), p[2], p[3], kernel=(5, 5), num_filter=16)
        return cross_entropy(F, dense(F, pooled(F, h), p[4:], [120, 84, 10]), y)

    return train(params, loss_of, [x, y])


def convolution():
    def loss_of(F, x, kernel, bias):
        y = F.Convolution(x, kernel, bias, kernel=(3, 3), pad=(1, 1), num_filter=64)
        return F.mean(F.square(F.relu(y)))

    return gradients_of(loss_of, inputs.convolution())


def gelu(F, u):
    return 0.5 * u * (1 + F.tanh(math.sqrt(2 / math.pi) * (u + 0.044715 * u * u * u)))


def transformer():
    x, target, params = inputs.transformer()
    batch, sequence, width, heads = inputs.BATCH, inputs.SEQUENCE, inputs.WIDTH, inputs.HEADS
    each = width // heads

    def affine(F, x, w, b, out):
        return F.FullyConnected(x, w, b, num_hidden=out, flatten=False)

    def split(F, x):
        x = F.transpose(F.reshape(x, shape=(batch, sequence, heads, each)), axes=(0, 2, 1, 3))
        return F.reshape(x, shape=(batch * heads, sequence, each))

    def merge(F, x):
        x = F.transpose(F.reshape(x, shape=(batch, heads, sequence, each)), axes=(0, 2, 1, 3))
        return F.reshape(x, shape=(batch, sequence, width))

    def loss_of(F, data, params):
        x, target = data
        g1, s1, wq, bq, wk, bk, wv, bv, wo, bo, g2, s2, w1, b1, w2, b2 = params
        h = F.LayerNorm(x, g1, s1, axis=-1, eps=1e-5)
        q, k, v = [split(F, affine(F, h, w, b, width)) for w, b in ((wq, bq), (wk, bk), (wv, bv))]
        scores = F.softmax(F.batch_dot(q, k, transpose_b=True) / math.sqrt(each), axis=-1)
        r = x + affine(F, merge(F, F.batch_dot(scores, v)), wo, bo, width)
        u = affine(F, F.LayerNorm(r, g2, s2, axis=-1, eps=1e-5), w1, b1, inputs.INNER)
        return F.mean(F.square(r + affine(F, gelu(F, u), w2, b2, width) - target))

    return train(params, loss_of, [x, target])


def chain(F, a, b, c, d, e):
    return F.sum(F.tanh(a * b + c) * d - e * e / (1 + F.exp(-a)))


def product(workload):
    a, b = [nd.array(one) for one in inputs.product(workload)]

    def step():
        c = nd.dot(a, b)
        c.wait_to_read()
        return c

    return step, lambda: dict(gradients=summarize([step().asnumpy()]))


def recurrence(workload):
    """The first state is an argument too, which has one more gradient: a hybrid function needs it so."""

    def loss_of(F, w, b, h):
        for _ in range(inputs.RECURRENCE_STEPS[workload]):
            h = h + 0.001 * F.tanh(F.dot(w, h) + b)
        return F.sum(h)

    w, b, start = inputs.recurrence()
    if MODE == "hybrid":
        return gradients_of(loss_of, [w, b, start], compared=2)
    start = nd.array(start)
    return gradients_of(lambda F, w, b: loss_of(F, w, b, start), [w, b])


def rosenbrock():
    def loss_of(F, x):
        u, v = F.slice(x, begin=(1,), end=(10,)), F.slice(x, begin=(0,), end=(9,))
        return F.sum(100 * F.square(u - F.square(v)) + F.square(1 - v))

    return gradients_of(loss_of, [inputs.rosenbrock()])


def product_gradients(workload):
    return gradients_of(lambda F, a, b: F.sum(F.dot(a, b)), inputs.product(workload))


# Second derivatives of most operators, W9, do not exist here.
compete(
    WORKLOAD,
    mx.__version__,
    sized={"W3": mlp, "W7_": product, "W7g_": product_gradients, "W8_": recurrence},
    single={
        "W1": seed_step,
        "W2": control_flow,
        "W4": lenet,
        "W4conv": convolution,
        "W5": transformer,
        "W6": lambda: gradients_of(chain, inputs.elementwise()),
        "W8r": rosenbrock,
    },
)
