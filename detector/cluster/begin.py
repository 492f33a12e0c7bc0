"""Makes a cluster's supervisor, once Ray runs: ``python -m detector.cluster.begin CLUSTER``.

A process of its own, so that the command that looks after a machine does not carry Ray.
"""

from __future__ import annotations

import sys

import orjson
import ray

from detector.cluster.register import Cluster
from detector.cluster.supervisor import NAMESPACE, Supervisor

WITHIN_S = 60.0


def main() -> int:
    """Make the supervisor of the cluster that the argument (JSON) names, if there is none yet."""
    cluster = Cluster(**orjson.loads(sys.argv[1]))
    ray.init(
        address=cluster.address, namespace=NAMESPACE, log_to_driver=False, logging_level="WARNING"
    )
    made = (
        ray.remote(Supervisor)
        .options(
            name="supervisor",
            get_if_exists=True,
            lifetime="detached",
            max_restarts=-1,
            num_cpus=0,
        )
        .remote(cluster)
    )
    return 0 if ray.get(made.began.remote(), timeout=WITHIN_S) else 1


if __name__ == "__main__":
    sys.exit(main())
