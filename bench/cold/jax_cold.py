import jax
import jax.numpy as jnp

slope = jax.jit(jax.grad(lambda x: (2 * jnp.dot(x.T, x))[0, 0]))
print("gradient", slope(jnp.arange(4.0).reshape(4, 1)).ravel())
