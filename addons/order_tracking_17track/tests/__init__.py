from . import test_17track_connector
from . import test_17track_replay
from . import test_17track_apart
