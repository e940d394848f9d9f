from . import test_gate_paths
from . import test_gate_review
