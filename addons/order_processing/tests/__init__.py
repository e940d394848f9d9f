from . import test_gate_paths
from . import test_gate_review
from . import test_stage
from . import test_stage_story
from . import test_stage_delivery
