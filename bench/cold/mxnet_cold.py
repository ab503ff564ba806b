import numpy

numpy.bool = bool
from mxnet import autograd, nd

x = nd.arange(4).reshape((4, 1))
x.attach_grad()
with autograd.record():
    y = 2 * nd.dot(x.T, x)
y.backward()
print("gradient", x.grad.asnumpy().ravel())
