"""PyTorch, eager: `python torch_peer.py WORKLOAD THREADS`. With `float64` in place of THREADS it computes in double
precision, which is where expected.json comes from."""
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F

import inputs
from protocol import compete, summarize

WORKLOAD, THREADS = sys.argv[1:3]
DOUBLE = THREADS == "float64"
torch.set_num_threads(1 if DOUBLE else int(THREADS))
FLOAT = torch.float64 if DOUBLE else torch.float32


def tensor(array, grad=False):
    made = torch.from_numpy(np.ascontiguousarray(array))
    made = made.long() if made.dtype == torch.int32 else made.to(FLOAT)
    return made.requires_grad_(True) if grad else made


def weight(array):
    """Dense weights are kept (out, in), as users of this library do."""
    return array.T if array.ndim == 2 else array


def host(gradients, transposed):
    arrays = [one.detach().numpy() for one in gradients]
    return [weight(one) for one in arrays] if transposed else arrays


def train(given, loss_of):
    params = [tensor(weight(one), True) for one in given]
    optimizer = torch.optim.SGD(params, lr=0.01)

    def gradients():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(params)
        loss.backward()
        return loss

    def step():
        loss = gradients()
        optimizer.step()
        return loss.item()

    def check():
        loss = gradients()
        found = summarize(host([one.grad for one in params], True))
        return dict(loss=loss.item(), gradients=found, fifthLoss=[step() for _ in range(5)][-1])

    return step, check


def gradients_of(loss_of, args):
    args = [tensor(one, True) for one in args]

    def run():
        for one in args:
            one.grad = None
        loss = loss_of(*args)
        loss.backward()
        return loss

    def check():
        loss = run()
        found = summarize(host([one.grad for one in args], False))
        return dict(loss=loss.item(), gradients=found)

    return lambda: run().item(), check


def dense(x, params, activation):
    for at in range(0, len(params), 2):
        x = F.linear(x, params[at], params[at + 1])
        if at + 2 < len(params):
            x = activation(x)
    return x


def seed_step():
    x = tensor(inputs.seed_step(), True)

    def step():
        x.grad = None
        (2 * torch.mm(x.T, x)).backward()
        return x.grad.numpy()

    return step, lambda: dict(gradients=summarize([step()]))


def doubled(a):
    b = a * 2
    while torch.linalg.vector_norm(b).item() < 1000:
        b = b * 2
    return b if b.sum().item() > 0 else 100 * b


def control_flow():
    numbers = inputs.control_flow()
    state = dict(iteration=0)

    def step():
        at = state["iteration"] % 1000
        state["iteration"] += 1
        x = torch.tensor(numbers[at : at + 1], dtype=FLOAT, requires_grad=True)
        doubled(x).backward()
        return x.grad.numpy()

    return step, lambda: dict(gradients=summarize([[step()[0] for _ in range(100)]]))


def mlp(workload):
    x, y, params = inputs.mlp(workload)
    x, y = tensor(x), tensor(y)
    return train(params, lambda p: F.cross_entropy(dense(x, p, torch.relu), y))


def lenet():
    x, y, params = inputs.lenet()
    x, y = tensor(x), tensor(y)

    def loss_of(p):
        h = F.max_pool2d(torch.relu(F.conv2d(x, p[0], p[1], padding=2)), 2)
        h = F.max_pool2d(torch.relu(F.conv2d(h, p[2], p[3])), 2)
        return F.cross_entropy(dense(h.flatten(1), p[4:], torch.relu), y)

    return train(params, loss_of)


def convolution():
    def loss_of(x, kernel, bias):
        return F.conv2d(x, kernel, bias, padding=1).relu().square().mean()

    return gradients_of(loss_of, inputs.convolution())


def transformer():
    x, target, params = inputs.transformer()
    x, target = tensor(x), tensor(target)
    batch, sequence, width, heads = inputs.BATCH, inputs.SEQUENCE, inputs.WIDTH, inputs.HEADS

    def loss_of(params):
        g1, s1, wq, bq, wk, bk, wv, bv, wo, bo, g2, s2, w1, b1, w2, b2 = params
        h = F.layer_norm(x, (width,), g1, s1, 1e-5)

        def project(w, b):
            return F.linear(h, w, b).view(batch, sequence, heads, width // heads).transpose(1, 2)

        q, k, v = project(wq, bq), project(wk, bk), project(wv, bv)
        scores = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(width // heads), -1)
        mixed = (scores @ v).transpose(1, 2).reshape(batch, sequence, width)
        r = x + F.linear(mixed, wo, bo)
        inner = F.gelu(F.linear(F.layer_norm(r, (width,), g2, s2, 1e-5), w1, b1), approximate="tanh")
        return F.mse_loss(r + F.linear(inner, w2, b2), target)

    return train(params, loss_of)


def chain(a, b, c, d, e):
    return (torch.tanh(a * b + c) * d - e * e / (1 + torch.exp(-a))).sum()


def product(workload):
    a, b = [tensor(one) for one in inputs.product(workload)]

    def step():
        return torch.mm(a, b)

    return step, lambda: dict(gradients=summarize([step().numpy()]))


def recurrence(workload):
    w, b, start = inputs.recurrence()
    start = tensor(start)

    def loss_of(w, b):
        h = start
        for _ in range(inputs.RECURRENCE_STEPS[workload]):
            h = h + 0.001 * torch.tanh(w @ h + b)
        return h.sum()

    return gradients_of(loss_of, [w, b])


def rosenbrock():
    def loss_of(x):
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    return gradients_of(loss_of, [inputs.rosenbrock()])


def hessian_vector():
    x, y, given = inputs.mlp("W3")
    direction = [tensor(weight(one)) for one in inputs.direction_like(given)]
    x, y, params = tensor(x), tensor(y), [tensor(weight(one), True) for one in given]

    def run():
        loss = F.cross_entropy(dense(x, params, torch.tanh), y)
        gradients = torch.autograd.grad(loss, params, create_graph=True)
        return loss, torch.autograd.grad(gradients, params, grad_outputs=direction)

    def check():
        loss, found = run()
        return dict(loss=loss.item(), gradients=summarize(host(found, True)))

    return lambda: run()[0].item(), check


def product_gradients(workload):
    return gradients_of(lambda a, b: torch.mm(a, b).sum(), inputs.product(workload))


compete(
    WORKLOAD,
    torch.__version__,
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
