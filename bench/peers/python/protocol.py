"""The contender's side, as in protocol.ts: one line of JSON when the first iterations are done, one after each
`measure MILLISECONDS` on standard input, and one at `stop`."""
import json
import resource
import sys
import time

import numpy as np

import inputs

BATCH_MICROSECONDS = 50
MOST_SAMPLES = 20000


def summarize(gradients):
    """The norm of each gradient and its inner product with a fixed direction."""
    found = []
    for at, gradient in enumerate(gradients):
        flat = np.asarray(gradient, np.float64).ravel()
        direction = inputs.symmetric_numbers(9001 + at, 1.0, flat.size).astype(np.float64)
        found.append([float(np.sqrt((flat * flat).sum())), float((flat * direction).sum())])
    return found


def _say(message):
    print(json.dumps(message), flush=True)


def _measure(step, milliseconds):
    clock = time.perf_counter_ns
    start = clock()
    step()
    batch = max(1, int(BATCH_MICROSECONDS / max((clock() - start) / 1e3, 0.1)))
    samples = []
    while True:
        began = clock()
        for _ in range(batch):
            step()
        samples.append((clock() - began) / 1e3 / batch)
        if clock() - start >= milliseconds * 1e6 or len(samples) >= MOST_SAMPLES:
            break
    median, minimum, p90 = np.quantile(samples, [0.5, 0, 0.9])
    return dict(
        median=float(median), minimum=float(minimum), p90=float(p90), iterations=len(samples) * batch
    )


def compete(workload, version, *, sized, single):
    """Serves a workload: one of `single` by its name, or of `sized` by the beginning of it, which takes the name."""
    if workload in single:
        return serve(*single[workload](), version)
    start = next(one for one in sized if workload.startswith(one))
    return serve(*sized[start](workload), version)


def serve(step, check, version):
    start = time.perf_counter()
    checked = check()
    _say(dict(check=checked, firstIteration=(time.perf_counter() - start) * 1e6, version=version))
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "stop":
            break
        _say(_measure(step, float(rest[0])))
    _say(dict(peakRssMiB=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
