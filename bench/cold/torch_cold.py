import torch

x = torch.arange(4.0).reshape(4, 1).requires_grad_()
(2 * torch.mm(x.T, x)).backward()
print("gradient", x.grad.ravel())
